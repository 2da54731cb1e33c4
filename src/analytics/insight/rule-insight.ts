import type { ModelChange } from '../../scoring/model-change.js';
import type { RuleDefinition } from '../../scoring/model-definition.js';
import type { AnalyticsRead } from '../analytics-service.js';
import { type CauseConversion, readConversionByRule } from '../conversion/conversion-by-cause.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { OUTCOMES_MIN } from '../statistics/area-under-curve.js';
import { FEATURES_MAX } from '../statistics/logistic/feature-rows.js';
import { type Proportion, proportion } from '../statistics/proportion.js';
import type { RuleFitter } from './fit-in-thread.js';
import type { RuleFit } from './fit-rules.js';
import { type InsightRow, readInsightRows } from './insight-rows.js';
import { suggestedChanges, typicalPoints } from './suggested-changes.js';

/** Other rules that are named beside one. */
const OVERLAPS_MAX = 5;

/** A rule that leads meet who have met another one. */
export interface RuleOverlap {
  ruleKey: string;
  title: string;
  /** Of the leads of the first rule, those that have met this one as well. */
  share: Proportion;
  /** Leads with both, of leads with either: 1 when both say the same, 0 when they never meet. */
  jaccard: number;
}

/** What the outcomes say of one rule. */
export interface RuleInsight extends CauseConversion {
  ruleKey: string;
  title: string;
  /** The rules that it comes with most, by jaccard; counted on the leads fitted. */
  overlaps: RuleOverlap[];
  /** What it gives when it is met once; null for a rule that resets. */
  currentPoints: number | null;
  /** Null for a rule that resets, and where nothing could be fitted. */
  suggestedPoints: number | null;
  /** Change of the logit of the chance to convert, all other rules being equal; null where nothing could be fitted. */
  coefficient: number | null;
  standardError: number | null;
  /** True when not even the sign of the coefficient is sure. */
  uncertain: boolean;
}

export interface RuleInsights {
  /** Leads of the scope, and those of them that were fitted. */
  leads: number;
  fittedLeads: number;
  fit: RuleFit | null;
  /** In model order. */
  rules: RuleInsight[];
  /** What would give the rules their suggested points; only of those whose effect is sure. */
  changes: ModelChange[];
}

/**
 * What outcomes say of the rules of a model, and the points they suggest. Nothing is fitted when there are fewer than
 * `OUTCOMES_MIN` leads of either outcome, or more than `FEATURES_MAX` rules.
 * @throws LeadpulseError UNAVAILABLE as reads and fits do.
 */
export async function readRuleInsight(
  read: AnalyticsRead,
  fitter: RuleFitter,
  scope: AnalyticsScope,
): Promise<RuleInsights> {
  const all = await readConversionByRule(read, scope);
  const rows = await readInsightRows(read, scope, all.leads);
  const { rules } = scope.model.compiled;
  const definitions = definitionsOf(scope);
  const currentPoints = rules.map(({ key }) => pointsOf(definitions.get(key)));
  const fit = isFittable(rows, rules.length)
    ? await fitter.fit({ rows, currentPoints: currentPoints.map((points) => points ?? 0) })
    : null;
  const overlaps = overlapsOf(rows, rules.length);
  const insights = rules.map(({ ordinal, key, title }): RuleInsight => {
    const coefficient = fit?.coefficients[ordinal] ?? null;
    const suggestion = fit?.suggestions?.suggestions[ordinal] ?? null;
    const points = currentPoints[ordinal] ?? null;
    return {
      ruleKey: key,
      title,
      ...(all.causes.get(ordinal) ?? nobody(all)),
      overlaps: (overlaps[ordinal] ?? []).map(({ rule, ...overlap }) => ({
        ruleKey: rules[rule]?.key ?? '',
        title: rules[rule]?.title ?? '',
        ...overlap,
      })),
      currentPoints: points,
      suggestedPoints: points === null ? null : (suggestion?.suggestedPoints ?? null),
      coefficient: coefficient?.value ?? null,
      standardError: coefficient?.standardError ?? null,
      uncertain: suggestion?.uncertain ?? true,
    };
  });
  return {
    leads: all.leads,
    fittedLeads: rows.length,
    fit,
    rules: insights,
    changes: changesOf(scope, insights),
  };
}

function definitionsOf({ model }: AnalyticsScope): Map<string, RuleDefinition> {
  return new Map(model.definition.scoreSets.flatMap(({ rules }) => rules).map((rule) => [rule.key, rule]));
}

function pointsOf(rule: RuleDefinition | undefined): number | null {
  return rule === undefined ? null : typicalPoints(rule);
}

function isFittable(rows: readonly InsightRow[], rules: number): boolean {
  const won = rows.filter((row) => row.won).length;
  return rules > 0 && rules <= FEATURES_MAX && won >= OUTCOMES_MIN && rows.length - won >= OUTCOMES_MIN;
}

/** What is said of a rule that no lead has met. */
function nobody({ won, leads }: { won: number; leads: number }): CauseConversion {
  const converted = proportion(0, 0);
  return {
    converted,
    without: proportion(won, leads),
    lift: { ratio: null, low: 0, high: null, enough: false },
  };
}

function changesOf({ model }: AnalyticsScope, insights: readonly RuleInsight[]): ModelChange[] {
  const sure = insights.flatMap(({ ruleKey, suggestedPoints, uncertain }) =>
    suggestedPoints === null || uncertain ? [] : [{ ruleKey, suggestedPoints }],
  );
  return suggestedChanges(model.definition, sure);
}

interface Overlap {
  rule: number;
  share: Proportion;
  jaccard: number;
}

/** Of each rule, those that it comes with most. */
function overlapsOf(rows: readonly InsightRow[], rules: number): Overlap[][] {
  const together = Array.from({ length: rules }, () => new Uint32Array(rules));
  for (const row of rows) {
    for (const one of row.rules) for (const other of row.rules) addTo(together[one], other);
  }
  const leadsOf = (rule: number) => together[rule]?.[rule] ?? 0;
  return together.map((counts, rule) =>
    Array.from(counts, (both, other) => ({ rule: other, both }))
      .filter(({ rule: other, both }) => other !== rule && both > 0)
      .map(({ rule: other, both }) => ({
        rule: other,
        share: proportion(both, leadsOf(rule)),
        jaccard: both / (leadsOf(rule) + leadsOf(other) - both),
      }))
      .sort((one, other) => other.jaccard - one.jaccard || one.rule - other.rule)
      .slice(0, OVERLAPS_MAX),
  );
}

function addTo(counts: Uint32Array | undefined, place: number): void {
  if (counts) counts[place] = (counts[place] ?? 0) + 1;
}
