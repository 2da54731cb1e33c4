import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { countByValueSql, placeBeforeSql, scoreRowsSql } from '../scope/score-rows.js';
import { averageOf, medianOf, type ValueCount } from '../statistics/grouped-values.js';
import { type Proportion, proportion } from '../statistics/proportion.js';

/** How far those moved who moved one way; null when nobody did. */
export interface MovementSize {
  /** Points; 0 or more either way. */
  average: number | null;
  median: number | null;
}

/** What became of totals between the beginning of a range and its end. */
export interface ScoreMovement {
  /** Of those who were leads before the range. */
  rose: Proportion;
  fell: Proportion;
  stayed: Proportion;
  /** Contacts whose first entry lies within the range, of all leads at its end. */
  new: Proportion;
  rise: MovementSize;
  fall: MovementSize;
  /** Contacts by change, those that are new left out. */
  changes: ValueCount[];
}

interface ChangeRow {
  /** The change; null for contacts that had no total at the beginning. */
  value: number | null;
  count: number;
}

/** Totals at the end of the day before the range against those at its end. */
export async function readMovement(read: AnalyticsRead, scope: AnalyticsScope): Promise<ScoreMovement> {
  const parameters = scopeParameters(scope);
  const from = parameters.add(scope.range.fromMs, 'bigint');
  const to = parameters.add(scope.range.toMs, 'bigint');
  const before = `p.totals[${placeBeforeSql('p.total_ms', from)}]`;
  const leads = `${scoreRowsSql('score_paths', 'p', scope, parameters)} AND p.total_ms[1] < ${to}`;
  const text = countByValueSql(`p.totals[${placeBeforeSql('p.total_ms', to)}] - ${before}`, leads);
  return movementOf(await read<ChangeRow>(scope, { text, parameters }));
}

function movementOf(rows: readonly ChangeRow[]): ScoreMovement {
  const changes = rows.flatMap(({ value, count }) => (value === null ? [] : [{ value, count }]));
  const there = countOf(changes);
  const fresh = countOf(rows) - there;
  const up = changes.filter(({ value }) => value > 0);
  const down = changes.filter(({ value }) => value < 0).map(({ value, count }) => ({ value: -value, count }));
  return {
    rose: proportion(countOf(up), there),
    fell: proportion(countOf(down), there),
    stayed: proportion(there - countOf(up) - countOf(down), there),
    new: proportion(fresh, there + fresh),
    rise: { average: averageOf(up), median: medianOf(up) },
    fall: { average: averageOf(down), median: medianOf(down) },
    changes,
  };
}

function countOf(rows: readonly { count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}
