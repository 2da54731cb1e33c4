import { FaultList, isAbsent, join, type Unchecked } from './fault-list.js';
import type { ModelFault } from './model-definition.js';
import { validateRule } from './validate-rule.js';

const MODEL_KEYS = [
  'key',
  'name',
  'description',
  'minScore',
  'maxScore',
  'dimensions',
  'decay',
  'recency',
  'passiveActionTypes',
  'stages',
  'scoreSets',
];

const DESCRIPTION_CHARACTERS_MAX = 2_000;
const ACTION_TYPE_CHARACTERS_MAX = 128;
const LABEL_CHARACTERS_MAX = 32;
const DIMENSIONS_MAX = 20;
const LABELS_MAX = 50;
export const STAGES_MAX = 50;
const SCORE_SETS_MAX = 100;
const RULES_MAX = 1_000;
const RECENCY_STEPS_MAX = 50;
const PASSIVE_TYPES_MAX = 100;
const WEIGHT_MAX = 1_000;
const MULTIPLIER_MAX = 1_000;
const MINUTE_DAYS = 1 / 1_440;
const DECAY_INTERVAL_DAYS_MAX = 3_650;
const DECAY_RATE_PERCENT_MIN = 0.01;
const RECENCY_HOURS_MAX = 876_000;

/**
 * Looks through a whole definition, whose shape may be anything, and reports all that is wrong with it.
 * @returns at most 100 faults with paths such as `scoreSets.0.rules.1.action.limit.maxAwards`; none when the
 * definition can be compiled.
 */
export function validateModel(input: unknown): ModelFault[] {
  const faults = new FaultList();
  const model = faults.object(input, '', MODEL_KEYS);
  if (model === null) return faults.faults;
  faults.key(model.key, 'key');
  faults.text(model.name, 'name');
  faults.optionalText(model.description, 'description', DESCRIPTION_CHARACTERS_MAX);
  validateBounds(faults, model);
  const dimensions = validateDimensions(faults, model.dimensions);
  if (!isAbsent(model.decay)) validateDecay(faults, model.decay);
  validateRecency(faults, model.recency);
  faults
    .optionalList(model.passiveActionTypes, 'passiveActionTypes', PASSIVE_TYPES_MAX)
    .forEach((type, i) => {
      faults.text(type, join('passiveActionTypes', i), ACTION_TYPE_CHARACTERS_MAX);
    });
  validateStages(faults, model.stages);
  validateScoreSets(faults, model.scoreSets, dimensions);
  return faults.faults;
}

function validateBounds(faults: FaultList, model: Unchecked): void {
  const minScore = faults.optionalNumber(model.minScore, 'minScore') ?? 0;
  const maxScore = faults.optionalNumber(model.maxScore, 'maxScore') ?? 100;
  if (minScore > maxScore) faults.add('minScore', `Give at most maxScore, which is ${maxScore}.`);
}

/** @returns the keys of the dimensions. */
function validateDimensions(faults: FaultList, value: unknown): Set<string> {
  const keys = new Set<string>();
  faults.list(value, 'dimensions', 1, DIMENSIONS_MAX)?.forEach((one, i) => {
    const path = join('dimensions', i);
    const dimension = faults.object(one, path, ['key', 'name', 'minPoints', 'maxPoints', 'weight', 'labels']);
    if (dimension === null) return;
    faults.freshKey(dimension.key, join(path, 'key'), keys);
    faults.optionalText(dimension.name, join(path, 'name'));
    const minPoints = faults.optionalNumber(dimension.minPoints, join(path, 'minPoints')) ?? 0;
    const maxPoints = faults.number(dimension.maxPoints, join(path, 'maxPoints'));
    if (maxPoints !== null && minPoints > maxPoints) {
      faults.add(join(path, 'minPoints'), `Give at most maxPoints, which is ${maxPoints}.`);
    }
    faults.optionalNumber(dimension.weight, join(path, 'weight'), { min: -WEIGHT_MAX, max: WEIGHT_MAX });
    validateLabels(faults, dimension.labels, join(path, 'labels'));
  });
  return keys;
}

function validateLabels(faults: FaultList, value: unknown, path: string): void {
  const ascending = new Ascending(faults, 'Labels ascend: give more minPoints than the label before');
  faults.optionalList(value, path, LABELS_MAX).forEach((one, i) => {
    const label = faults.object(one, join(path, i), ['label', 'minPoints']);
    if (label === null) return;
    faults.text(label.label, join(join(path, i), 'label'), LABEL_CHARACTERS_MAX);
    ascending.check(label.minPoints, join(join(path, i), 'minPoints'));
  });
}

/** Numbers that have to grow from one to the next. */
class Ascending {
  private last: number | null = null;

  constructor(
    private readonly faults: FaultList,
    private readonly message: string,
  ) {}

  check(value: unknown, path: string): void {
    const number = this.faults.number(value, path);
    if (number === null) return;
    if (this.last !== null && number <= this.last) {
      this.faults.add(path, `${this.message}, which has ${this.last}.`);
    }
    this.last = number;
  }
}

function validateDecay(faults: FaultList, value: unknown): void {
  const decay = faults.object(value, 'decay', ['ratePercent', 'intervalDays', 'minScore']);
  if (decay === null) return;
  const rate = faults.number(decay.ratePercent, 'decay.ratePercent', { min: 0, max: 100 });
  if (rate !== null && rate > 0 && rate < DECAY_RATE_PERCENT_MIN) {
    faults.add('decay.ratePercent', `Give 0, or at least ${DECAY_RATE_PERCENT_MIN}.`);
  }
  const hint = `Give days, at least a minute and at most ${DECAY_INTERVAL_DAYS_MAX}.`;
  const bounds = { min: MINUTE_DAYS, max: DECAY_INTERVAL_DAYS_MAX, hint };
  faults.number(decay.intervalDays, 'decay.intervalDays', bounds);
  faults.optionalNumber(decay.minScore, 'decay.minScore');
}

function validateRecency(faults: FaultList, value: unknown): void {
  let lastHours = 0;
  let rests = 0;
  faults.optionalList(value, 'recency', RECENCY_STEPS_MAX).forEach((one, i) => {
    const path = join('recency', i);
    const step = faults.object(one, path, ['withinHours', 'multiplier']);
    if (step === null) return;
    faults.number(step.multiplier, join(path, 'multiplier'), { min: 0, max: MULTIPLIER_MAX });
    if (isAbsent(step.withinHours)) {
      if (++rests > 1) faults.add(path, 'Only one step can go without withinHours.');
      return;
    }
    const hint = `Give hours, more than 0 and at most ${RECENCY_HOURS_MAX}.`;
    const bounds = { min: 1 / 3_600_000, max: RECENCY_HOURS_MAX, hint };
    const hours = faults.number(step.withinHours, join(path, 'withinHours'), bounds);
    if (hours === null) return;
    if (hours <= lastHours) {
      faults.add(
        join(path, 'withinHours'),
        `Steps ascend: give more than the ${lastHours} of the step before.`,
      );
    }
    lastHours = hours;
  });
}

function validateStages(faults: FaultList, value: unknown): void {
  const keys = new Set<string>();
  const ascending = new Ascending(faults, 'Stages ascend: give a higher minScore than the stage before');
  faults.list(value, 'stages', 1, STAGES_MAX)?.forEach((one, i) => {
    const path = join('stages', i);
    const stage = faults.object(one, path, ['key', 'name', 'minScore', 'hot']);
    if (stage === null) return;
    faults.freshKey(stage.key, join(path, 'key'), keys);
    faults.text(stage.name, join(path, 'name'));
    ascending.check(stage.minScore, join(path, 'minScore'));
    faults.optionalFlag(stage.hot, join(path, 'hot'));
  });
}

function validateScoreSets(faults: FaultList, value: unknown, dimensions: ReadonlySet<string>): void {
  const setKeys = new Set<string>();
  const ruleKeys = new Set<string>();
  let rulesLeft = RULES_MAX;
  faults.list(value, 'scoreSets', 0, SCORE_SETS_MAX)?.forEach((one, i) => {
    const path = join('scoreSets', i);
    const set = faults.object(one, path, ['key', 'name', 'dimension', 'active', 'maxPoints', 'rules']);
    if (set === null) return;
    faults.freshKey(set.key, join(path, 'key'), setKeys);
    faults.optionalText(set.name, join(path, 'name'));
    if (!isAbsent(set.dimension)) {
      validateReference(faults, set.dimension, join(path, 'dimension'), dimensions);
    }
    faults.optionalFlag(set.active, join(path, 'active'));
    faults.optionalNumber(set.maxPoints, join(path, 'maxPoints'), { min: 0 });
    const rules = faults.list(set.rules, join(path, 'rules'), 0, RULES_MAX) ?? [];
    rulesLeft -= rules.length;
    if (rulesLeft < 0) {
      faults.add(join(path, 'rules'), `A model has at most ${RULES_MAX} rules. Take some out.`);
      return;
    }
    rules.forEach((rule, r) => {
      validateRule(faults, rule, join(join(path, 'rules'), r), ruleKeys);
    });
  });
}

function validateReference(
  faults: FaultList,
  value: unknown,
  path: string,
  dimensions: ReadonlySet<string>,
): void {
  if (typeof value === 'string' && dimensions.has(value)) return;
  const known = [...dimensions].join(', ');
  faults.add(path, `There is no such dimension. Give one of ${known}, or none for the overall score.`);
}
