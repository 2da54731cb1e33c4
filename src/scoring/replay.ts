import { fitsActionType, parseActionType } from './action-type.js';
import { compileCondition, type ValueTest } from './compile-condition.js';
import { daysToMs, hoursToMs } from './duration.js';
import type { Evaluation } from './evaluation.js';
import type { JsonObject, JsonValue } from './json-value.js';
import type {
  ActionRuleDefinition,
  Condition,
  Criterion,
  DimensionDefinition,
  ModelDefinition,
  PropertyCondition,
  RuleDefinition,
  ScoreSetDefinition,
  TableRuleDefinition,
} from './model-definition.js';
import { normalizeModel } from './normalize-model.js';
import { roundPoints, wholeTotal } from './points.js';
import { valueAtPath } from './property-path.js';
import type { ActionEntry, TimelineEntry } from './timeline-entry.js';

/**
 * The score at `atMs` worked out from the whole timeline, rule by rule as the definition of a score says it, with no
 * state in between. Slow and plain: it is what the folded state is checked against.
 * @param definition a model without faults
 * @param entries in timeline order; those after `atMs` are not seen
 */
export function replay(
  definition: ModelDefinition,
  entries: readonly TimelineEntry[],
  atMs: number,
): Evaluation {
  return replayer(definition)(entries, atMs);
}

/** `replay` for many timelines on one model: its conditions are read once. */
export function replayer(
  definition: ModelDefinition,
): (entries: readonly TimelineEntry[], atMs: number) => Evaluation {
  const rulebook = openRulebook(definition);
  return (entries, atMs) => replayOn(rulebook, entries, atMs);
}

function replayOn(rulebook: Rulebook, entries: readonly TimelineEntry[], atMs: number): Evaluation {
  const { model } = rulebook;
  const seen = entries.filter((entry) => entry.atMs <= atMs);
  const reset = lastReset(rulebook, seen);
  const after = viewOf(rulebook, seen, atMs, reset === null ? 0 : reset.position + 1);
  const decayed = scoreOf(after);
  const offset = reset?.offset ?? 0;
  const bounded = withinBounds(model, decayed.raw + offset);
  const undecayed = withinBounds(model, scoreOf({ ...after, decays: false }).raw + offset);
  const score = model.decay ? Math.max(bounded, Math.min(model.decay.minScore ?? 0, undecayed)) : bounded;
  const total = wholeTotal(score);
  return {
    atMs,
    score,
    total,
    stage: model.stages.reduce((stage, { minScore }, index) => (minScore <= total ? index : stage), 0),
    label: joinedLabel(model.dimensions, decayed.dimensions),
    dimensions: decayed.dimensions,
    lastActivityAtMs: after.activitiesMs.at(-1) ?? null,
  };
}

/** A model with its conditions ready to be asked. */
interface Rulebook {
  model: ModelDefinition;
  passive: ReadonlySet<string>;
  meets: (condition: Condition, value: JsonValue | undefined) => boolean;
}

function openRulebook(definition: ModelDefinition): Rulebook {
  const model = normalizeModel(definition);
  const tests = new Map<Condition, ValueTest>();
  return {
    model,
    passive: new Set(model.passiveActionTypes),
    meets: (condition, value) => {
      const test = tests.get(condition) ?? compileCondition(condition);
      tests.set(condition, test);
      return test(value);
    },
  };
}

/** One way of looking at a timeline: awards and adjustments before position `from` of `seen` are dropped. */
interface View extends Rulebook {
  seen: readonly TimelineEntry[];
  /** The instants of all activities in `seen`. */
  activitiesMs: readonly number[];
  atMs: number;
  from: number;
  decays: boolean;
}

interface PosNeg {
  positive: number;
  negative: number;
}

function viewOf(rulebook: Rulebook, seen: readonly TimelineEntry[], atMs: number, from: number): View {
  const actions = seen.filter((entry) => entry.kind === 'action');
  const activities = actions.filter(({ type }) => !rulebook.passive.has(type));
  return { ...rulebook, seen, activitiesMs: activities.map((one) => one.atMs), atMs, from, decays: true };
}

const ever = Number.POSITIVE_INFINITY;

function msOrEver(days: number | null | undefined): number {
  return typeof days === 'number' ? daysToMs(days) : ever;
}

function lastReset(
  rulebook: Rulebook,
  seen: readonly TimelineEntry[],
): { position: number; offset: number } | null {
  for (let position = seen.length - 1; position >= 0; position--) {
    const entry = seen[position];
    if (entry?.kind !== 'action') continue;
    const to = activeRules(rulebook.model).reduce<number | null>((value, { action }) => {
      const resets = action && typeof action.setScoreTo === 'number' && matches(rulebook, action, entry);
      return resets ? (action.setScoreTo ?? null) : value;
    }, null);
    if (to === null) continue;
    const { raw } = scoreOf(viewOf(rulebook, seen.slice(0, position + 1), entry.atMs, position + 1));
    return { position, offset: to - withinBounds(rulebook.model, raw) };
  }
  return null;
}

function activeSets(model: ModelDefinition): ScoreSetDefinition[] {
  return model.scoreSets.filter(({ active }) => active !== false);
}

function activeRules(model: ModelDefinition): RuleDefinition[] {
  return activeSets(model).flatMap(({ rules }) => rules.filter(({ active }) => active !== false));
}

function scoreOf(view: View): { dimensions: number[]; raw: number } {
  const { model } = view;
  const dimensions = model.dimensions.map((dimension) => {
    const sets = activeSets(model).filter((set) => set.dimension === dimension.key);
    const { positive, negative } = sumOf(sets.map((set) => setPoints(view, set)));
    const points = Math.min(dimension.maxPoints, positive) + negative;
    return roundPoints(Math.min(dimension.maxPoints, Math.max(dimension.minPoints ?? 0, points)));
  });
  const weighted = dimensions.reduce(
    (sum, points, i) => sum + points * (model.dimensions[i]?.weight ?? 1),
    0,
  );
  const overall = activeSets(model).filter((set) => typeof set.dimension !== 'string');
  const { positive, negative } = sumOf([
    ...overall.map((set) => setPoints(view, set)),
    adjustmentPoints(view),
  ]);
  return { dimensions, raw: roundPoints(Math.min(model.maxScore ?? 100, weighted + positive) + negative) };
}

function setPoints(view: View, set: ScoreSetDefinition): PosNeg {
  const rules = set.rules.filter(({ active }) => active !== false);
  const { positive, negative } = sumOf(rules.map((rule) => rulePoints(view, rule)));
  return { positive: Math.min(set.maxPoints ?? ever, positive), negative };
}

function rulePoints(view: View, rule: RuleDefinition): PosNeg {
  const values = rule.action ? awardValues(view, rule.action) : [standingPoints(view, rule)];
  const { positive, negative } = sumOf(values.map(signed));
  return { positive: Math.min(rule.maxPoints ?? ever, positive), negative };
}

function adjustmentPoints({ seen, atMs, from }: View): PosNeg {
  const counted = seen.slice(from).map((entry) => {
    if (entry.kind !== 'adjustment') return 0;
    return atMs < entry.atMs + msOrEver(entry.expiresAfterDays) ? entry.points : 0;
  });
  return sumOf(counted.map(signed));
}

function signed(value: number): PosNeg {
  return value > 0 ? { positive: value, negative: 0 } : { positive: 0, negative: value };
}

function sumOf(parts: PosNeg[]): PosNeg {
  return parts.reduce(
    (sum, part) => ({
      positive: sum.positive + part.positive,
      negative: sum.negative + part.negative,
    }),
    { positive: 0, negative: 0 },
  );
}

/** The value at the view's instant of every award a rule has given. */
function awardValues(view: View, action: ActionRuleDefinition): number[] {
  const matchesMs: number[] = [];
  const awardsMs: number[] = [];
  const values: number[] = [];
  view.seen.forEach((entry, position) => {
    if (entry.kind !== 'action' || !matches(view, action, entry)) return;
    const repeated = matchesMs.some((earlier) => earlier > entry.atMs - msOrEver(action.repeat?.withinDays));
    matchesMs.push(entry.atMs);
    const perMs = msOrEver(action.limit?.perDays);
    const given = awardsMs.filter((earlier) => earlier > entry.atMs - perMs).length;
    if (given >= (action.limit?.maxAwards ?? ever)) return;
    awardsMs.push(entry.atMs);
    const base =
      basePoints(view, action, entry.properties) * (repeated ? (action.repeat?.multiplier ?? 1) : 1);
    if (position >= view.from) values.push(awardValue(view, action, entry.atMs, base));
  });
  return values;
}

function basePoints(
  { meets }: Rulebook,
  { points, pointsBy }: ActionRuleDefinition,
  properties: JsonObject,
): number {
  if (!pointsBy) return points;
  const value = valueAtPath(properties, pointsBy.property);
  return pointsBy.cases.find((one) => meets(one, value))?.points ?? points;
}

function awardValue(view: View, action: ActionRuleDefinition, awardedMs: number, base: number): number {
  const { model, activitiesMs, atMs } = view;
  const ageMs = atMs - awardedMs;
  if (ageMs >= msOrEver(action.expiresAfterDays)) return 0;
  const recent = action.recency ?? base > 0;
  const boosted = recent ? base * recencyMultiplier(model, ageMs) : base;
  if (!view.decays || !(action.decays ?? base > 0)) return boosted;
  const intervals = idleIntervals(model, activitiesMs, atMs) - idleIntervals(model, activitiesMs, awardedMs);
  return boosted * (1 - (model.decay?.ratePercent ?? 0) / 100) ** intervals;
}

function recencyMultiplier(model: ModelDefinition, ageMs: number): number {
  const steps = [...(model.recency ?? [])].sort((a, b) => (a.withinHours ?? ever) - (b.withinHours ?? ever));
  const step = steps.find(({ withinHours }) => ageMs < (withinHours ? hoursToMs(withinHours) : ever));
  return step?.multiplier ?? 1;
}

/** K at an instant: whole intervals of inactivity in the gaps between activities up to then, the last gap included. */
function idleIntervals(model: ModelDefinition, activitiesMs: readonly number[], atMs: number): number {
  if (!model.decay) return 0;
  const intervalMs = daysToMs(model.decay.intervalDays);
  const instants = activitiesMs.filter((activityMs) => activityMs <= atMs);
  return instants.reduce(
    (sum, startMs, index) => sum + Math.floor(((instants[index + 1] ?? atMs) - startMs) / intervalMs),
    0,
  );
}

function matches(
  { passive, meets }: Rulebook,
  rule: { actionType: string; where?: PropertyCondition[] | null },
  { type, properties }: ActionEntry,
): boolean {
  if (!fitsActionType(parseActionType(rule.actionType), type, passive)) return false;
  return (rule.where ?? []).every((one) => meets(one, valueAtPath(properties, one.property)));
}

/** The points of a criteria or table rule. */
function standingPoints(view: View, { criteria, table }: RuleDefinition): number {
  if (criteria) return holds(view, criteria.when) ? criteria.points : 0;
  return table ? tablePoints(view, table, valueAtPath(attributesOf(view), table.attribute)) : 0;
}

function tablePoints(
  { meets }: Rulebook,
  { match, rows }: TableRuleDefinition,
  value: JsonValue | undefined,
): number {
  if (value === undefined || value === null) return 0;
  const points = rows.filter((row) => meets(row, value)).map((row) => row.points);
  if (points.length === 0) return 0;
  if (match === 'SUM') return points.reduce((sum, one) => sum + one, 0);
  return match === 'HIGHEST' ? Math.max(...points) : (points[0] ?? 0);
}

function holds(view: View, criterion: Criterion): boolean {
  const { all, any, not, attribute, activity, inactivity, list } = criterion;
  if (all) return all.every((part) => holds(view, part));
  if (any) return any.some((part) => holds(view, part));
  if (not) return !holds(view, not);
  if (attribute) return view.meets(attribute, valueAtPath(attributesOf(view), attribute.attribute));
  if (activity) {
    const sinceMs = view.atMs - msOrEver(activity.withinDays);
    const actions = view.seen.filter((entry) => entry.kind === 'action' && entry.atMs > sinceMs);
    const matching = actions.filter((entry) => matches(view, activity, entry as ActionEntry));
    return matching.length >= (activity.atLeast ?? 1);
  }
  if (inactivity) {
    const lastMs = view.activitiesMs.at(-1);
    return lastMs !== undefined && view.atMs >= lastMs + daysToMs(inactivity.days);
  }
  const changes = view.seen
    .filter((entry) => entry.kind === 'list')
    .filter((entry) => entry.list === list?.key);
  return changes.at(-1)?.joined ?? false;
}

function attributesOf({ seen }: View): JsonObject {
  const attributes = new Map<string, JsonValue>();
  for (const entry of seen) {
    if (entry.kind !== 'profile') continue;
    for (const [key, value] of Object.entries(entry.set)) {
      if (value === null) attributes.delete(key);
      else attributes.set(key, value);
    }
  }
  return Object.fromEntries(attributes);
}

function joinedLabel(dimensions: DimensionDefinition[], points: number[]): string | null {
  const labels = dimensions.map(
    (dimension, index) =>
      (dimension.labels ?? []).filter(({ minPoints }) => minPoints <= (points[index] ?? 0)).at(-1)?.label ??
      '',
  );
  return labels.join('') || null;
}

function withinBounds(model: ModelDefinition, score: number): number {
  return Math.min(model.maxScore ?? 100, Math.max(model.minScore ?? 0, score));
}
