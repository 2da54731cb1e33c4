import { type ActionTypePattern, fitsActionType, parseActionType } from './action-type.js';
import { compileCondition } from './compile-condition.js';
import {
  type AttributeSource,
  type CompiledActivity,
  CriterionCompiler,
  compileWhere,
  type PropertiesTest,
  type StateTest,
  type Timer,
} from './compile-criterion.js';
import { type CompiledRecency, compileRecency } from './compile-recency.js';
import { daysToMs } from './duration.js';
import { createFrame, type Frame } from './frame.js';
import type { JsonObject } from './json-value.js';
import type {
  ActionRuleDefinition,
  DecayDefinition,
  DimensionDefinition,
  ModelDefinition,
  PointsByDefinition,
  RuleDefinition,
  ScoreSetDefinition,
  StageDefinition,
} from './model-definition.js';
import { normalizeModel } from './normalize-model.js';
import { valueAtPath } from './property-path.js';
import type { ScoreState } from './score-state.js';

/** A model version made ready for scoring; compile once, share freely within a process. */
export interface CompiledModel {
  /** Normalised. */
  readonly definition: ModelDefinition;
  /** Ascending by minScore. */
  readonly stages: readonly StageDefinition[];
  readonly dimensions: readonly DimensionDefinition[];
  /** Names of the top-level attributes that can change the score. */
  readonly attributeKeys: ReadonlySet<string>;
  /** Keys of the lists that can change the score. */
  readonly listKeys: ReadonlySet<string>;

  readonly minScore: number;
  readonly maxScore: number;
  readonly decay: CompiledDecay | null;
  readonly recency: CompiledRecency | null;
  readonly passiveActionTypes: ReadonlySet<string>;
  /** The bounds and labels of each dimension with defaults filled in. */
  readonly axes: readonly CompiledAxis[];
  /** Active sets in model order. */
  readonly sets: readonly CompiledSet[];
  /** Active rules of active sets in model order. */
  readonly rules: readonly CompiledRule[];
  readonly actionRules: readonly CompiledActionRule[];
  readonly criteriaRules: readonly CompiledCriteriaRule[];
  readonly tableRules: readonly CompiledTableRule[];
  readonly sourcesByAttribute: ReadonlyMap<string, readonly AttributeSource[]>;
  readonly listIndexes: ReadonlyMap<string, number>;
  /** What an action of this type can match. */
  readonly candidatesOf: (actionType: string) => ActionCandidates;
  /** Work space of `evaluate` and `explain`; nothing in it outlives a call. */
  readonly frame: Frame;
  /** Work space of `nextChange`, which evaluates while it uses this one. */
  readonly sweepFrame: Frame;
}

/** Decay with its rate as what is kept of an award per interval. */
export interface CompiledDecay {
  keptRatio: number;
  intervalMs: number;
  minScore: number;
  /** Whether `minScore` can ever lift a score, so that undecayed sums are needed. */
  lifts: boolean;
}

export interface CompiledAxis {
  minPoints: number;
  maxPoints: number;
  weight: number;
  /** Ascending by minPoints. */
  labels: readonly { label: string; minPoints: number }[];
}

export interface CompiledSet {
  key: string;
  title: string;
  /** Index of the dimension; -1 for the overall score. */
  dimension: number;
  /** Infinity when there is no cap. */
  maxPoints: number;
}

/** What all kinds of rules share. */
export interface CompiledRule {
  /** Index among all active rules, in model order. */
  ordinal: number;
  key: string;
  title: string;
  /** Index of its set among the active sets. */
  set: number;
  /** Infinity when there is no cap. */
  maxPoints: number;
}

export interface CompiledActionRule extends CompiledRule {
  /** Index among the action rules. */
  index: number;
  pattern: ActionTypePattern;
  where: PropertiesTest;
  /** Base points of a matching action. */
  baseOf: (properties: JsonObject) => number;
  repeat: { multiplier: number; withinMs: number } | null;
  /** perMs is Infinity for a lifetime limit. */
  limit: { maxAwards: number; perMs: number } | null;
  /** Infinity when awards do not expire. */
  expiresMs: number;
  /** What works on positive and on negative awards; false where the model has no such thing. */
  positive: AwardEffects;
  negative: AwardEffects;
  setScoreTo: number | null;
}

export interface AwardEffects {
  decays: boolean;
  recency: boolean;
}

export interface CompiledCriteriaRule extends CompiledRule {
  points: number;
  holds: StateTest;
  timers: readonly Timer[];
}

export interface CompiledTableRule extends CompiledRule {
  pointsOf: (state: ScoreState) => number;
}

/** What an action has to be checked against. */
export interface ActionCandidates {
  isActivity: boolean;
  rules: readonly CompiledActionRule[];
  activities: readonly CompiledActivity[];
}

/** How many action types beyond those named in the model have their candidates remembered. */
const CANDIDATE_TYPES_MAX = 1_000;

/** @param definition a model without faults (`validateModel`), normalised or not. */
export function compileModel(definition: ModelDefinition): CompiledModel {
  const model = normalizeModel(definition);
  const compiler = new CriterionCompiler();
  const decay = model.decay ? compileDecay(model.decay, model.minScore ?? 0) : null;
  const recency = compileRecency(model.recency ?? []);
  const rules = compileRules(model, compiler, { decays: decay !== null, recency: recency !== null });
  const passiveActionTypes = new Set(model.passiveActionTypes);
  const sets = activeSets(model).map((set) => compileSet(set, model.dimensions));
  const sizes = { rules: rules.all.length, sets: sets.length, dimensions: model.dimensions.length };
  return {
    definition: model,
    stages: model.stages,
    dimensions: model.dimensions,
    attributeKeys: new Set(compiler.sourcesByAttribute.keys()),
    listKeys: new Set(compiler.listKeys),
    minScore: model.minScore ?? 0,
    maxScore: model.maxScore ?? 0,
    decay,
    recency,
    passiveActionTypes,
    axes: model.dimensions.map(compileAxis),
    sets,
    rules: rules.all,
    actionRules: rules.action,
    criteriaRules: rules.criteria,
    tableRules: rules.table,
    sourcesByAttribute: compiler.sourcesByAttribute,
    listIndexes: new Map(compiler.listKeys.map((key, index) => [key, index])),
    candidatesOf: candidateLookup(rules.action, compiler.activities, passiveActionTypes),
    frame: createFrame(sizes),
    sweepFrame: createFrame(sizes),
  };
}

function activeSets(model: ModelDefinition): ScoreSetDefinition[] {
  return model.scoreSets.filter((set) => set.active !== false);
}

function compileDecay(decay: DecayDefinition, minScore: number): CompiledDecay {
  const floor = decay.minScore ?? 0;
  return {
    keptRatio: 1 - decay.ratePercent / 100,
    intervalMs: daysToMs(decay.intervalDays),
    minScore: floor,
    lifts: floor > minScore,
  };
}

function compileAxis(dimension: DimensionDefinition): CompiledAxis {
  return {
    minPoints: dimension.minPoints ?? 0,
    maxPoints: dimension.maxPoints,
    weight: dimension.weight ?? 1,
    labels: dimension.labels ?? [],
  };
}

function compileSet(set: ScoreSetDefinition, dimensions: DimensionDefinition[]): CompiledSet {
  return {
    key: set.key,
    title: set.name ?? set.key,
    dimension: dimensions.findIndex(({ key }) => key === set.dimension),
    maxPoints: set.maxPoints ?? Number.POSITIVE_INFINITY,
  };
}

interface RulesByKind {
  all: CompiledRule[];
  action: CompiledActionRule[];
  criteria: CompiledCriteriaRule[];
  table: CompiledTableRule[];
}

function compileRules(
  model: ModelDefinition,
  compiler: CriterionCompiler,
  available: AwardEffects,
): RulesByKind {
  const rules: RulesByKind = { all: [], action: [], criteria: [], table: [] };
  activeSets(model).forEach((set, setIndex) => {
    for (const rule of set.rules.filter(({ active }) => active !== false)) {
      const shared = compileShared(rule, setIndex, rules.all.length);
      if (rule.action) {
        const compiled = { ...shared, ...compileAction(rule.action, available), index: rules.action.length };
        rules.all.push(compiled);
        rules.action.push(compiled);
      } else if (rule.criteria) {
        const timers: Timer[] = [];
        const holds = compiler.compile(rule.criteria.when, timers);
        const compiled = { ...shared, points: rule.criteria.points, holds, timers };
        rules.all.push(compiled);
        rules.criteria.push(compiled);
      } else if (rule.table) {
        const compiled = { ...shared, pointsOf: compiler.compileTable(rule.table) };
        rules.all.push(compiled);
        rules.table.push(compiled);
      }
    }
  });
  return rules;
}

function compileShared(rule: RuleDefinition, set: number, ordinal: number): CompiledRule {
  return {
    ordinal,
    key: rule.key,
    title: rule.name ?? rule.key,
    set,
    maxPoints: rule.maxPoints ?? Number.POSITIVE_INFINITY,
  };
}

type ActionParts = Omit<CompiledActionRule, keyof CompiledRule | 'index'>;

function compileAction(action: ActionRuleDefinition, available: AwardEffects): ActionParts {
  const { repeat, limit } = action;
  return {
    pattern: parseActionType(action.actionType),
    where: compileWhere(action.where ?? []),
    baseOf: compileBase(action.points, action.pointsBy),
    repeat: repeat ? { multiplier: repeat.multiplier, withinMs: daysToMs(repeat.withinDays ?? 30) } : null,
    limit: limit ? { maxAwards: limit.maxAwards, perMs: daysOrEver(limit.perDays) } : null,
    expiresMs: daysOrEver(action.expiresAfterDays),
    positive: {
      decays: available.decays && action.decays !== false,
      recency: available.recency && action.recency !== false,
    },
    negative: {
      decays: available.decays && action.decays === true,
      recency: available.recency && action.recency === true,
    },
    setScoreTo: action.setScoreTo ?? null,
  };
}

function daysOrEver(days: number | null | undefined): number {
  return typeof days === 'number' ? daysToMs(days) : Number.POSITIVE_INFINITY;
}

function compileBase(
  points: number,
  pointsBy: PointsByDefinition | null | undefined,
): CompiledActionRule['baseOf'] {
  if (!pointsBy) return () => points;
  const cases = pointsBy.cases.map((one) => ({ holds: compileCondition(one), points: one.points }));
  return (properties) => {
    const value = valueAtPath(properties, pointsBy.property);
    return cases.find(({ holds }) => holds(value))?.points ?? points;
  };
}

/**
 * Sorts the rules out by action type once per type, so that an action meets only rules it can match. Types come from
 * outside: beyond `CANDIDATE_TYPES_MAX` they are sorted out anew each time.
 */
function candidateLookup(
  rules: readonly CompiledActionRule[],
  activities: readonly CompiledActivity[],
  passive: ReadonlySet<string>,
): (actionType: string) => ActionCandidates {
  const known = new Map<string, ActionCandidates>();
  return (actionType) => {
    const remembered = known.get(actionType);
    if (remembered !== undefined) return remembered;
    const fits = ({ pattern }: { pattern: ActionTypePattern }) =>
      fitsActionType(pattern, actionType, passive);
    const candidates = {
      isActivity: !passive.has(actionType),
      rules: rules.filter(fits),
      activities: activities.filter(fits),
    };
    if (known.size < CANDIDATE_TYPES_MAX) known.set(actionType, candidates);
    return candidates;
  };
}
