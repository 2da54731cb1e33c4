import type { ModelDefinition } from '../model-definition.js';
import { ruleWarning } from './active-rules.js';
import { analyseModel, type ModelAnalysis } from './model-analysis.js';
import { type ModelCounts, type ModelWarning, WARNINGS_MAX } from './model-warning.js';

/**
 * Active rules that no contact holds, and stages that no contact has reached. Those that nobody can hold or reach are
 * left to `warnAbout`, which says why.
 * @param definition a model without faults, normalised or not; paths are those of this definition
 * @returns at most `WARNINGS_MAX`, in the order of the model; none when there are no contacts
 */
export function warnAboutCounts(definition: ModelDefinition, counts: ModelCounts): ModelWarning[] {
  if (counts.contacts === 0) return [];
  const analysis = analyseModel(definition);
  return [...unreachedStages(analysis, counts), ...rulesOfNobody(analysis, counts)].slice(0, WARNINGS_MAX);
}

/** Whoever is in a later stage has reached those before it, and everybody has reached the first. */
function unreachedStages({ model, stageWarnings }: ModelAnalysis, counts: ModelCounts): ModelWarning[] {
  const isReached = (from: number) =>
    model.stages.slice(from).some(({ key }) => counts.stageContacts.get(key));
  const explained = new Set(stageWarnings.map(({ stage }) => stage));
  return model.stages.flatMap(({ key, name, minScore }, index) => {
    if (index === 0 || isReached(index) || explained.has(key)) return [];
    const message =
      `None of ${counts.contacts} contacts has reached "${name}", which begins at ${minScore}. ` +
      'Lower its minScore, or check that the rules give enough points.';
    return [
      {
        code: 'STAGE_REACHED_BY_NOBODY' as const,
        message,
        path: `stages.${index}.minScore`,
        ruleKey: null,
        scoreSet: null,
        stage: key,
        suggestion: null,
      },
    ];
  });
}

function rulesOfNobody(
  { rules, proofOf }: ModelAnalysis,
  { contacts, ruleHolders }: ModelCounts,
): ModelWarning[] {
  const message =
    `None of ${contacts} contacts meets this rule. ` +
    'Check its conditions, or switch it off until there are contacts for it.';
  return rules
    .filter((active) => !proofOf(active).neverHolds && !ruleHolders.get(active.rule.key))
    .map((active) => ruleWarning('RULE_MET_BY_NOBODY', active, '', message));
}
