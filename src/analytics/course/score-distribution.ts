import { badInput } from '../../errors.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsRange } from '../scope/analytics-range.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { dayStartsMs, type LocalDate } from '../scope/local-days.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { countByValueSql, placeBeforeSql, scoreRowsSql } from '../scope/score-rows.js';
import type { ValueCount } from '../statistics/grouped-values.js';
import { type Proportion, proportion } from '../statistics/proportion.js';
import { type Bucket, dimensionBuckets, namedBuckets, stageBuckets } from './value-buckets.js';

/** What a distribution is asked for with; what is absent or null is the default. */
export interface DistributionRequest {
  /** The day at whose end scores are looked at; the last of the range. */
  asOf?: LocalDate | null;
  /** Ascending lower bounds; the stages, or the labels of the dimension. */
  buckets?: readonly number[] | null;
  /** Key of the dimension whose points are looked at; the total. */
  dimension?: string | null;
}

/** Where leads stood at an instant. */
export interface ScoreDistribution {
  asOf: LocalDate;
  /** Scores are those just before this instant; ms since 1970. */
  beforeMs: number;
  dimension: string | null;
  /** Leads by total, or by whole points of the dimension. */
  values: ValueCount[];
  buckets: Bucket[];
}

/** Leads with one joined label. */
export interface LabelCount {
  /** Null for those without. */
  label: string | null;
  contacts: number;
  /** Of all leads. */
  share: Proportion;
}

/**
 * Scores of the leads of the scope at the end of a day: of contacts whose first entry was before it.
 * @throws LeadpulseError BAD_USER_INPUT for a day after the range, a dimension that is none, or bounds that do not ascend.
 */
export async function readDistribution(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  request: DistributionRequest,
): Promise<ScoreDistribution> {
  const { compiled } = scope.model;
  const asOf = request.asOf ?? scope.range.to;
  const beforeMs = dayEndMs(scope.range, asOf);
  const dimension = request.dimension ?? null;
  const index = dimension === null ? null : dimensionIndex(scope, dimension);
  const least = index === null ? compiled.minScore : (compiled.axes[index]?.minPoints ?? 0);
  const byDefault = () => (index === null ? stageBuckets(compiled) : dimensionBuckets(compiled, index));
  const buckets = request.buckets ? namedBuckets(request.buckets, Math.floor(least)) : byDefault();
  const values = await readValues(read, scope, beforeMs, index);
  return { asOf, beforeMs, dimension, values, buckets };
}

function dayEndMs(range: AnalyticsRange, day: LocalDate): number {
  if (day > range.to) {
    const message = `must not be after the last day of the range, which is ${range.to}`;
    throw badInput([{ path: 'asOf', message }]);
  }
  const [, endMs = range.toMs] = dayStartsMs(day, day, range.timeZone);
  // The last day may be today, which counts up to now.
  return Math.min(endMs, range.toMs);
}

function dimensionIndex({ model }: AnalyticsScope, key: string): number {
  const { dimensions } = model.compiled;
  const index = dimensions.findIndex((dimension) => dimension.key === key);
  if (index >= 0) return index;
  const keys = dimensions.map((dimension) => dimension.key).join(', ');
  throw badInput([{ path: 'dimension', message: `is none of the dimensions of the model: ${keys}` }]);
}

function readValues(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  beforeMs: number,
  dimension: number | null,
): Promise<ValueCount[]> {
  const parameters = scopeParameters(scope);
  const before = parameters.add(beforeMs, 'bigint');
  if (dimension === null) {
    const rows = `${scoreRowsSql('score_paths', 'p', scope, parameters)} AND p.total_ms[1] < ${before}`;
    const text = countByValueSql(`p.totals[${placeBeforeSql('p.total_ms', before)}]`, rows);
    return read<ValueCount>(scope, { text, parameters });
  }
  const dimensions = parameters.add(scope.model.compiled.dimensions.length, 'integer');
  const place = parameters.add(dimension + 1, 'integer');
  const rows = `${scoreRowsSql('dimension_paths', 'p', scope, parameters)} AND p.at_ms[1] < ${before}`;
  const points = `p.points[(${placeBeforeSql('p.at_ms', before)} - 1) * ${dimensions} + ${place}]`;
  const text = countByValueSql(points, rows);
  return read<ValueCount>(scope, { text, parameters });
}

/** The same leads by their joined label, in the order of labels; those without come last. */
export async function readLabels(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  { beforeMs }: Pick<ScoreDistribution, 'beforeMs'>,
): Promise<LabelCount[]> {
  const parameters = scopeParameters(scope);
  const before = parameters.add(beforeMs, 'bigint');
  const leads = `${scoreRowsSql('dimension_paths', 'p', scope, parameters)} AND p.at_ms[1] < ${before}`;
  const text = countByValueSql(`p.labels[${placeBeforeSql('p.at_ms', before)}]`, leads);
  const rows = await read<{ value: string | null; count: number }>(scope, { text, parameters });
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  return rows
    .sort((a, b) => compareLabels(a.value, b.value))
    .map(({ value, count }) => ({ label: value, contacts: count, share: proportion(count, all) }));
}

function compareLabels(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : 1;
}
