import { badInput } from '../../errors.js';
import type { CompiledModel } from '../../scoring/compile-model.js';
import type { StageDefinition } from '../../scoring/model-definition.js';
import type { ValueCount } from '../statistics/grouped-values.js';
import { type Proportion, proportion } from '../statistics/proportion.js';

/** Buckets of one histogram at most. */
export const BUCKETS_MAX = 200;
/** Buckets of a dimension without labels. */
const EQUAL_BUCKETS = 10;
/** Where the sizes of changes are parted, as shares of the span of scores: 5, 10, 25 and 50 of 100 points. */
const CHANGE_SHARES = [0.05, 0.1, 0.25, 0.5];

/** Values from `from` on, it included, up to `to`, it excluded. */
export interface Bucket {
  /** Null for all that is below `to`. */
  from: number | null;
  /** Null for the last one, which is open. */
  to: number | null;
  /** The stage that these totals are. */
  stage: StageDefinition | null;
  /** The label that these points of a dimension have. */
  label: string | null;
}

/** A bucket with those whose value lies in it. */
export interface CountedBucket extends Bucket {
  contacts: number;
  /** Of all that were counted. */
  share: Proportion;
}

type Lower = Pick<Bucket, 'stage' | 'label'> & { from: number };

/**
 * The buckets that the caller names.
 * @param lowers ascending lower bounds.
 * @param least the smallest value there can be: what is below the first bound has a bucket of its own, unless nothing can be.
 * @param path of the bounds in the caller's input.
 * @throws LeadpulseError BAD_USER_INPUT when there are none, too many, or when they do not ascend.
 */
export function namedBuckets(lowers: readonly number[], least: number, path = 'buckets'): Bucket[] {
  if (lowers.length === 0 || lowers.length > BUCKETS_MAX)
    throw badInput([{ path, message: `has 1 to ${BUCKETS_MAX} bounds` }]);
  const wrong = lowers.findIndex((from, index) => !(from > (lowers[index - 1] ?? Number.NEGATIVE_INFINITY)));
  if (wrong >= 0) throw badInput([{ path: `${path}.${wrong}`, message: 'must be above the bound before' }]);
  return bucketsFrom(lowers.map(plain), least);
}

/** The stages of a model. */
export function stageBuckets({ stages }: CompiledModel): Bucket[] {
  const lowers = stages.map((stage) => ({ from: stage.minScore, stage, label: null }));
  // Below the first stage a contact is in the first all the same.
  return bucketsFrom(lowers, Number.POSITIVE_INFINITY).map((bucket, index) =>
    index === 0 ? { ...bucket, from: null } : bucket,
  );
}

/** The labels of a dimension; equal parts between its bounds when it has none. */
export function dimensionBuckets(model: CompiledModel, dimension: number): Bucket[] {
  const axis = model.axes[dimension];
  if (!axis) throw new Error(`the model has no dimension ${dimension}`);
  const { minPoints, maxPoints, labels } = axis;
  if (labels.length > 0) {
    const lowers = labels.map(({ label, minPoints: from }) => ({ from, stage: null, label }));
    return bucketsFrom(lowers, Math.floor(minPoints));
  }
  const parts = Array.from(
    { length: EQUAL_BUCKETS },
    (_, index) => minPoints + ((maxPoints - minPoints) * index) / EQUAL_BUCKETS,
  );
  return bucketsFrom([...new Set(parts)].map(plain), minPoints);
}

/** Changes by their size, those up and those down alike; none has a bucket of its own. */
export function changeBuckets({ minScore, maxScore }: CompiledModel): Bucket[] {
  const sizes = CHANGE_SHARES.map((share) => Math.ceil(share * (maxScore - minScore)));
  const ups = [...new Set([1, ...sizes])].sort((a, b) => a - b).filter((size) => size >= 1);
  // Changes are whole points: down by 5 or more is below -4.
  const downs = ups.map((size) => 1 - size).reverse();
  return bucketsFrom([...downs, ...ups].map(plain), Number.NEGATIVE_INFINITY);
}

/** @param values counts of values; each belongs to the last bucket that begins at or below it. */
export function countBuckets(buckets: readonly Bucket[], values: readonly ValueCount[]): CountedBucket[] {
  const contacts = buckets.map(() => 0);
  for (const { value, count } of values) {
    const index = buckets.findLastIndex(({ from }) => from === null || from <= value);
    if (index >= 0) contacts[index] = (contacts[index] ?? 0) + count;
  }
  const all = values.reduce((sum, { count }) => sum + count, 0);
  return buckets.map((bucket, index) => {
    const counted = contacts[index] ?? 0;
    return { ...bucket, contacts: counted, share: proportion(counted, all) };
  });
}

function plain(from: number): Lower {
  return { from, stage: null, label: null };
}

function bucketsFrom(lowers: readonly Lower[], least: number): Bucket[] {
  const buckets = lowers.map((lower, index) => ({ ...lower, to: lowers[index + 1]?.from ?? null }));
  const [first] = lowers;
  if (first === undefined || least >= first.from) return buckets;
  return [{ from: null, to: first.from, stage: null, label: null }, ...buckets];
}
