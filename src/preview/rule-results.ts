import { type CompiledModel, compileModel } from '../scoring/compile-model.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import type { ModelWarning } from '../scoring/warnings/model-warning.js';
import { warnAboutCounts } from '../scoring/warnings/warn-about-counts.js';
import type { RuleFigures, RuleTally } from './rule-tally.js';

/** What one rule of a model gives at present. */
export interface RuleResult extends RuleFigures {
  ruleKey: string;
  scoreSet: string;
  name: string;
  /** False when the rule or its score set is switched off. */
  active: boolean;
}

/** What the rules of a model give, at one instant. */
export interface RuleResults {
  asOfMs: number;
  version: number;
  /** All contacts counted. */
  contacts: number;
  /** Every rule, in the order of the model. */
  rules: RuleResult[];
  /** Rules that nobody meets, and stages that nobody reaches. */
  warnings: ModelWarning[];
}

const NOTHING: RuleFigures = { contacts: 0, awards: 0, points: 0, lastAwardAtMs: null };

/** A count beside the definition that was counted. */
export function ruleResultsOf(
  definition: ModelDefinition,
  version: number,
  asOfMs: number,
  tally: RuleTally,
): RuleResults {
  const model = compileModel(definition);
  const figures = new Map(model.rules.map(({ key, ordinal }) => [key, tally.rules[ordinal] ?? NOTHING]));
  const rules = model.definition.scoreSets.flatMap((set) =>
    set.rules.map(({ key, name }) => ({
      ruleKey: key,
      scoreSet: set.key,
      name: name ?? key,
      active: figures.has(key),
      ...(figures.get(key) ?? NOTHING),
    })),
  );
  const untraced = new Set(rulesWithoutTrace(model));
  const warnings = warnAboutCounts(model.definition, {
    contacts: tally.contacts,
    ruleHolders: new Map(
      rules.map(({ ruleKey, contacts }) => [ruleKey, contacts || Number(untraced.has(ruleKey))]),
    ),
    stageContacts: new Map(model.stages.map(({ key }, index) => [key, tally.stages[index] ?? 0])),
  });
  return { asOfMs, version, contacts: tally.contacts, rules, warnings };
}

/** Rules that somebody may have met although nobody holds them: awards expire, and a reset drops all. */
function rulesWithoutTrace({ actionRules }: CompiledModel): string[] {
  const resets = actionRules.some(({ setScoreTo }) => setScoreTo !== null);
  return actionRules
    .filter(({ expiresMs }) => resets || expiresMs !== Number.POSITIVE_INFINITY)
    .map(({ key }) => key);
}
