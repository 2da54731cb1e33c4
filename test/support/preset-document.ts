import type {
  ActionRuleDefinition,
  Condition,
  CriteriaRuleDefinition,
  ModelDefinition,
  RuleDefinition,
  TableRow,
} from '../../src/scoring/model-definition.js';
import { normalizeModel } from '../../src/scoring/normalize-model.js';
import { PRESETS, type PresetName } from '../../src/scoring/presets.js';

const INTRODUCTION = `# The models that come ready-made

Every model below can be had with one mutation, \`createScoringModelFromPreset\`, and changed afterwards like any other.
What the rules mean is told in [rules.md](rules.md). The tables are made from the presets themselves
(\`npx vitest run test/scoring/presets.test.ts --update\` writes them anew).
`;

const ABOUT: Record<PresetName, string> = {
  STARTER:
    'For a first week with lead scoring: email engagement, a rough fit and bad signals. Points fade by 5 % for every ' +
    '30 days in which a lead does nothing.',
  ADVANCED:
    'Three dimensions that add up to 100: engagement (40), fit (40) and intent (20). What happened lately counts more, ' +
    'what is long ago fades. Fit and intent make a label: A1 fits best and is closest to buying. Bad signals and ' +
    'inactivity take points off the score as a whole, whatever it is made of.',
  EXPIRING:
    'Interest counts for six months (180 days) from the day it was shown, then it is gone. Only becoming a customer ' +
    'counts for ever.',
};

/** docs/presets.md as it has to read for the presets in the code. */
export function presetDocument(): string {
  const names = Object.keys(PRESETS) as PresetName[];
  const parts = names.map((name) =>
    presetPart(name, normalizeModel(PRESETS[name](name.toLowerCase(), name))),
  );
  return [INTRODUCTION, ...parts].join('\n');
}

function presetPart(name: PresetName, model: ModelDefinition): string {
  const rules = model.scoreSets.flatMap((set) =>
    set.rules.map((rule) => {
      const dimension = model.dimensions.find(({ key }) => key === set.dimension)?.name ?? 'the whole score';
      return `| ${set.name} | ${rule.name} | \`${triggerOf(rule)}\` | ${worthOf(rule)} | ${dimension} |`;
    }),
  );
  const lines = [
    `## ${name}`,
    '',
    ABOUT[name],
    '',
    '| set | rule | on | points | into |',
    '| --- | --- | --- | --- | --- |',
    ...rules,
    '',
    ...settingLines(model),
  ];
  return `${lines.join('\n')}\n`;
}

function triggerOf({ action, table }: RuleDefinition): string {
  return action?.actionType ?? table?.attribute ?? 'time';
}

function worthOf({ action, criteria, table }: RuleDefinition): string {
  if (action) return actionWorth(action);
  if (criteria) return criteriaWorth(criteria);
  return (table?.rows ?? []).map(rowWorth).join('; ');
}

function actionWorth(action: ActionRuleDefinition): string {
  const where = (action.where ?? []).map((one) => ` where \`${one.property}\` is ${conditionText(one)}`);
  const cases = (action.pointsBy?.cases ?? []).map(rowWorth).join('; ');
  return [
    String(action.points) + where.join(' and'),
    action.pointsBy ? `by \`${action.pointsBy.property}\`: ${cases}` : '',
    action.repeat ? `x${action.repeat.multiplier} on repeats within ${action.repeat.withinDays} days` : '',
    typeof action.expiresAfterDays === 'number' ? `for ${action.expiresAfterDays} days` : '',
    typeof action.setScoreTo === 'number' ? `and the score is set to ${action.setScoreTo}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function criteriaWorth({ when, points }: CriteriaRuleDefinition): string {
  return `${points} from ${when.inactivity?.days} idle days on`;
}

function rowWorth(row: TableRow): string {
  return `${conditionText(row)}: ${row.points}`;
}

const OPERATOR_WORDS: Partial<Record<Condition['operator'], string>> = {
  GT: 'over ',
  GTE: 'from ',
  EQUALS: '',
  IN: '',
  MATCHES_WORD: 'the word ',
};

function conditionText({ operator, value }: Condition): string {
  if (operator === 'BETWEEN' && Array.isArray(value)) return `${value[0]} to ${value[1]}`;
  const values = Array.isArray(value) ? value.join(', ') : String(value);
  return `${OPERATOR_WORDS[operator] ?? operator}${values}`;
}

function settingLines(model: ModelDefinition): string[] {
  const caps = model.dimensions.map(({ name, maxPoints }) => `${name} ${maxPoints}`).join(', ');
  const stages = model.stages.map(
    ({ name, minScore, hot }) => `${name} from ${minScore}${hot ? ' (hot)' : ''}`,
  );
  const { decay } = model;
  const recency = (model.recency ?? []).map(({ withinHours, multiplier }) =>
    withinHours ? `x${multiplier} within ${withinHours} h` : `x${multiplier} after that`,
  );
  const labels = model.dimensions
    .filter((dimension) => (dimension.labels ?? []).length > 0)
    .map(({ name, labels: steps }) => {
      return `${name} ${(steps ?? []).map((step) => `${step.label} from ${step.minPoints}`).join(', ')}`;
    });
  return [
    `- Score: ${model.minScore} to ${model.maxScore}; dimensions at most: ${caps}.`,
    `- Decay: ${decay ? `${decay.ratePercent} % per ${decay.intervalDays} idle days` : 'none'}.`,
    `- Recency: ${recency.join(', ') || 'none'}.`,
    `- Labels: ${labels.join('; ') || 'none'}.`,
    `- Stages: ${stages.join(', ')}.`,
  ];
}
