import type { TraceGain, TraceStep } from '../../scoring/score-trace.js';
import { arrayLiteral, TEXT_SEPARATOR } from '../../store/column-arrays.js';
import { parameterText } from '../../store/flight.js';
import type { ContactFacts, ScoreFacts } from './derive-facts.js';

/** Array literals of the columns of one row of `score_paths`. */
export interface PackedPath {
  totalMs: string;
  totals: string;
  stageMs: string;
  stages: string;
  peakMs: string;
  peaks: string;
}

/** A value from each instant on, one where it differs from the one before. */
interface Course {
  atMs: number[];
  values: number[];
}

export function packPath(steps: readonly TraceStep[]): PackedPath {
  const totals = courseOf(steps, (step) => step.total);
  const stages = courseOf(steps, (step) => step.stage);
  let peak = Number.NEGATIVE_INFINITY;
  const peaks = courseOf(steps, (step) => {
    peak = Math.max(peak, step.total);
    return peak;
  });
  return {
    totalMs: arrayLiteral(totals.atMs),
    totals: arrayLiteral(totals.values),
    stageMs: arrayLiteral(stages.atMs),
    stages: arrayLiteral(stages.values),
    peakMs: arrayLiteral(peaks.atMs),
    peaks: arrayLiteral(peaks.values),
  };
}

function courseOf(steps: readonly TraceStep[], readValue: (step: TraceStep) => number): Course {
  const course: Course = { atMs: [], values: [] };
  for (const step of steps) {
    const value = readValue(step);
    if (value === course.values.at(-1)) continue;
    course.atMs.push(step.atMs);
    course.values.push(value);
  }
  return course;
}

/** Array literals of the columns of one row of `dimension_paths`. */
export interface PackedDimensions {
  atMs: string;
  points: string;
  labels: string;
}

export function packDimensions(steps: readonly TraceStep[]): PackedDimensions {
  const changes = steps.filter((step, index) => {
    const before = steps[index - 1];
    return before === undefined || !hasSameDimensions(before, step);
  });
  return {
    atMs: arrayLiteral(changes.map((step) => step.atMs)),
    points: arrayLiteral(changes.flatMap((step) => step.dimensions)),
    labels: textArray(changes.map((step) => step.label)),
  };
}

function hasSameDimensions(one: TraceStep, other: TraceStep): boolean {
  return (
    one.label === other.label && one.dimensions.every((points, index) => points === other.dimensions[index])
  );
}

/** Array literals of the columns of one row of `score_gains`. */
export interface PackedGains {
  atMs: string;
  rules: string;
  points: string;
  typeIds: string;
  rulePrevs: string;
  typePrevs: string;
  ruleIds: string;
  ruleFirstMs: string;
}

/** @param idOf the id of an action type. */
export function packGains(gains: readonly TraceGain[], idOf: (actionType: string) => number): PackedGains {
  const typeIds = gains.map(({ actionType }) => (actionType === null ? NO_TYPE : idOf(actionType)));
  const ruleFirstMs = new Map<number, number>();
  for (const { rule, atMs } of gains) if (!ruleFirstMs.has(rule)) ruleFirstMs.set(rule, atMs);
  return {
    atMs: arrayLiteral(gains.map(({ atMs }) => atMs)),
    rules: arrayLiteral(gains.map(({ rule }) => rule)),
    points: arrayLiteral(gains.map(({ points }) => points)),
    typeIds: arrayLiteral(typeIds),
    rulePrevs: arrayLiteral(placesBefore(gains.map(({ rule }) => rule))),
    typePrevs: arrayLiteral(placesBefore(typeIds)),
    ruleIds: arrayLiteral([...ruleFirstMs.keys()]),
    ruleFirstMs: arrayLiteral([...ruleFirstMs.values()]),
  };
}

/** The id of no action type: what criteria and tables gave. */
const NO_TYPE = 0;

/** For each value the place, from 1, at which it stood before; 0 for the first of its kind. */
function placesBefore(values: readonly number[]): number[] {
  const places = new Map<number, number>();
  return values.map((value, index) => {
    const before = places.get(value) ?? 0;
    places.set(value, index + 1);
    return before;
  });
}

/** Values of the columns of one row of `contact_facts`; '' where there is none. */
export interface PackedContact {
  firstMs: number;
  wonMs: number | null;
  wonValue: number | null;
  lostMs: number | null;
  typeIds: string;
  typeFirstMs: string;
  feedbackMs: string;
  feedbackKinds: string;
  feedbackReasons: string;
}

/** @param idOf the id of an action type; types may share one, of which the first instant is kept then. */
export function packContact(facts: ContactFacts, idOf: (actionType: string) => number): PackedContact {
  const { firstMs, wonMs, wonValue, lostMs, typeFirstMs, feedback } = facts;
  const firstById = new Map<number, number>();
  for (const [type, atMs] of typeFirstMs) {
    const id = idOf(type);
    if (!firstById.has(id)) firstById.set(id, atMs);
  }
  const hasFeedback = feedback.length > 0;
  return {
    firstMs,
    wonMs,
    wonValue,
    lostMs,
    typeIds: arrayLiteral([...firstById.keys()]),
    typeFirstMs: arrayLiteral([...firstById.values()]),
    feedbackMs: hasFeedback ? arrayLiteral(feedback.map(({ atMs }) => atMs)) : '',
    feedbackKinds: hasFeedback ? arrayLiteral(feedback.map(({ code }) => code)) : '',
    feedbackReasons: hasFeedback ? textArray(feedback.map(({ reason }) => reason)) : '',
  };
}

/** The literal of an array of texts, without what separates the rows of a column. */
function textArray(texts: readonly (string | null)[]): string {
  return (parameterText(texts) ?? '{}').replaceAll(TEXT_SEPARATOR, ' ');
}

/** The action types that the facts of some contacts name. */
export function actionTypesIn(facts: readonly (ContactFacts | null)[]): Set<string> {
  return new Set(facts.flatMap((one) => [...(one?.typeFirstMs.keys() ?? [])]));
}

/** The facts of a score, with whom they are of. */
export type ScoresOfContact = ScoreFacts & { contactId: string; contact: ContactFacts };
