import { ratioOf, type Series } from '../ingest/series.js';
import { goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
import type { GraphqlOptions } from './graphql-options.js';

const PRODUCT_RATIO_MIN = 0.6;

/** What was measured: the product, and what stands beside it. */
export interface GraphqlSeries {
  product: Series;
  mercurius: Series;
  bare: Series;
  /** The product of another build. */
  before: Series | null;
}

/** The section for docs/performance.md. */
export function renderGraphql(
  series: GraphqlSeries,
  { connections, rounds, windowMs }: GraphqlOptions,
): string {
  const { product, mercurius, bare, before } = series;
  const all = [bare, mercurius, product, ...(before ? [before] : [])];
  return [
    '## HTTP and GraphQL alone',
    '',
    `recordAction as it is sent to \`npm run bench:ingest\`, ${connections} connections, one process a server. The product is complete up to the`,
    'recorder, which answers without a database: key looked up, input coerced and checked, score shown. The yardsticks neither ask',
    'who calls nor check nor score; mercurius has the same part of the schema.',
    '',
    ...goalTable([
      {
        what: 'a mutation without a database, product : mercurius with JIT',
        figure: `${whole(product.actionsPerSecond)} : ${whole(mercurius.actionsPerSecond)} /s`,
        value: ratioOf(product, mercurius),
        bound: { min: PRODUCT_RATIO_MIN },
      },
      {
        what: 'the same by processor time, mercurius with JIT : product',
        figure: `${microseconds(mercurius).toFixed(0)} : ${microseconds(product).toFixed(0)} us`,
        value: microseconds(mercurius) / microseconds(product),
        bound: { min: PRODUCT_RATIO_MIN },
      },
    ]),
    '',
    ...table(
      ['what', 'requests/s', ': mercurius', 'p50 ms', 'p99 ms', 'server us'],
      all.map((one) => [
        one.name,
        whole(one.actionsPerSecond),
        ratioOf(one, mercurius).toFixed(2),
        one.p50Ms?.toFixed(2) ?? '',
        one.p99Ms?.toFixed(2) ?? '',
        microseconds(one).toFixed(1),
      ]),
    ),
    '',
    'The last column: processor time of the server for each request; on a machine with other work it says more than the rates.',
    '',
    ...circumstances({ description: [] }, `${rounds} rounds in turns, windows of ${windowMs} ms; medians`),
    '',
  ].join('\n');
}

function microseconds(series: Series): number {
  return series.microsecondsPerAction?.server ?? Number.NaN;
}
