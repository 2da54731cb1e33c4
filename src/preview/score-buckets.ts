import type { ModelDefinition } from '../scoring/model-definition.js';
import { wholeTotal } from '../scoring/points.js';

/** Buckets of a distribution at most; where totals have few values, each has its own. */
const BUCKETS_MAX = 21;

/** How totals are sorted into buckets: equally wide, but for the last one, which takes what is left. */
export interface BucketLayout {
  /** The lowest total that any of the models can give. */
  from: number;
  /** The highest. */
  to: number;
  /** Whole numbers in a bucket. */
  width: number;
  count: number;
}

/** Totals `from` to `to`, both included. */
export interface BucketRange {
  from: number;
  to: number;
}

/** One layout for all models, so that their distributions can be laid beside each other. */
export function layOutBuckets(models: readonly ModelDefinition[]): BucketLayout {
  const from = Math.min(...models.map(({ minScore }) => wholeTotal(minScore ?? 0)));
  const to = Math.max(...models.map(({ maxScore }) => wholeTotal(maxScore ?? 0)));
  const totals = to - from + 1;
  const width = Math.ceil(totals / BUCKETS_MAX);
  const count = width === 1 ? totals : Math.max(1, Math.floor((to - from) / width));
  return { from, to, width, count };
}

/** The index of the bucket that a total is in. */
export function bucketOf({ from, width, count }: BucketLayout, total: number): number {
  return Math.min(count - 1, Math.floor((total - from) / width));
}

/** The totals that a bucket holds. */
export function bucketRange({ from, to, width, count }: BucketLayout, index: number): BucketRange {
  const first = from + index * width;
  return { from: first, to: index === count - 1 ? to : first + width - 1 };
}
