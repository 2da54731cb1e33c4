import path from 'node:path';
import type { BenchDatabase } from '../ingest/bench-database.js';
import { run } from '../ingest/bench-database.js';
import { starterModel } from '../ingest/bench-models.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { fillTenant } from '../ingest/fill-tenant.js';
import { startServerProcess } from '../ingest/server-process.js';
import { waitForSegments } from '../ingest/wait-for-segments.js';
import { countStatements, statementsOf } from './count-statements.js';
import { dashboard } from './dashboard.js';
import { findPlace } from './find-places.js';
import { measureRead, type ReadMeasurement, warmUp } from './measure-reads.js';
import { oneContact } from './one-contact.js';
import { HELLO, type ReadCase } from './read-case.js';
import type { ReadsOptions } from './reads-options.js';
import { scorePage } from './score-pages.js';
import { type GraphqlServer, graphqlSide, openSqlPool, type Side, sqlSide } from './sides.js';

/** The measurements of one side, a round each; empty when it has no answer to the case. */
export interface SideSeries {
  name: string;
  rounds: ReadMeasurement[];
  /** Statements of a request; null when they could not be counted. */
  statements: number | null;
}

/** The measurements of one case. */
export interface ReadSeries {
  name: string;
  product: SideSeries;
  postgraphile: SideSeries;
  sql: SideSeries;
}

/** Statements of one request of the product for some rows and for many; null when they could not be counted. */
export interface StatementGrowth {
  name: string;
  few: number;
  many: number;
}

export interface ReadsResults {
  contacts: number;
  hello: ReadSeries;
  reads: ReadSeries[];
  growth: StatementGrowth[];
}

/** Actions of each contact, each with the change it made. */
const HISTORY = 10;
const ROWS = 50;
const ROWS_FEW = 10;
/** Of fewer contacts the page in the middle. */
const PAGES = [100, 10_000];
const POSTGRAPHILE = path.resolve(import.meta.dirname, '../../../bench/reads/postgraphile-server.mjs');

interface Sides {
  product: Side;
  postgraphile: Side;
  sql: Side;
}

/** Fills a tenant, starts all sides and measures them in turns. @throws Error when they do not read the same. */
export async function runReads(database: BenchDatabase, options: ReadsOptions): Promise<ReadsResults> {
  await countStatements(database, false);
  const tenant = await fillTenant(database.url, {
    name: 'reads',
    model: starterModel(),
    contacts: options.contacts,
    history: HISTORY,
  });
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const server = await startServerProcess(database.url, null, false);
    closers.push(() => server.stop());
    await waitForSegments(database.adminUrl);
    await run(database.adminUrl, 'VACUUM ANALYZE');
    await run(database.adminUrl, 'CHECKPOINT');
    const other = await startServerProcess(database.url, POSTGRAPHILE, false);
    closers.push(() => other.stop());
    const pool = openSqlPool(database.url, tenant.tenantId);
    closers.push(() => pool.end());
    const servers = {
      product: { ...server, header: `authorization: Bearer ${tenant.apiKey}` },
      postgraphile: { ...other, header: `x-tenant: ${tenant.tenantId}` },
    };
    const cases = await makeCases(servers, pool, tenant);
    return await measureAll(database, options, sidesOf(servers, pool), tenant, cases);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function sidesOf(
  servers: { product: GraphqlServer; postgraphile: GraphqlServer },
  pool: ReturnType<typeof openSqlPool>,
): Sides {
  return {
    product: graphqlSide('Leadpulse', servers.product, (one) => one.product),
    postgraphile: graphqlSide('PostGraphile', servers.postgraphile, (one) => one.postgraphile),
    sql: sqlSide(pool),
  };
}

async function makeCases(
  servers: { product: GraphqlServer; postgraphile: GraphqlServer },
  pool: ReturnType<typeof openSqlPool>,
  tenant: BenchTenant,
): Promise<ReadCase[]> {
  const scope = { tenant, rows: ROWS };
  const cases = [scorePage(scope, 1, null)];
  const middle = Math.floor(tenant.contacts / ROWS / 2);
  for (const number of new Set(PAGES.map((page) => Math.min(page, middle)))) {
    const place = await findPlace(servers, pool, tenant, (number - 1) * ROWS);
    cases.push(scorePage(scope, number, place));
  }
  return [...cases, oneContact({ tenant }), dashboard(scope)];
}

async function measureAll(
  database: BenchDatabase,
  { rounds, seconds }: ReadsOptions,
  sides: Sides,
  tenant: BenchTenant,
  cases: readonly ReadCase[],
): Promise<ReadsResults> {
  for (const one of cases) {
    await compare(sides, one);
    for (const side of Object.values(sides)) await warmUp(side, one, seconds);
  }
  const all = [HELLO, ...cases].map((one) => ({ one, series: emptySeries(one.name) }));
  for (let round = 1; round <= rounds; round++) {
    for (const { one, series } of all) {
      for (const key of ['product', 'postgraphile', 'sql'] as const) {
        const measured = await measureRead(sides[key], one, database.postmasterPid, seconds);
        if (!measured) continue;
        series[key].rounds.push(measured);
        console.log(`  round ${round}, ${one.name}, ${sides[key].name}: ${JSON.stringify(measured)}`);
      }
    }
  }
  const growth = await countAll(database, sides, tenant, all);
  const [hello, ...reads] = all.map(({ series }) => series);
  if (!hello) throw new Error('nothing was measured');
  return { contacts: tenant.contacts, hello, reads, growth };
}

/** Whoever reads something else is not to be compared. @throws Error when sides differ. */
async function compare(sides: Sides, one: ReadCase): Promise<void> {
  const found = await Promise.all(
    Object.values(sides).map(async (side: Side) => {
      const caller = await side.open(one);
      const rows = await caller?.digest(1);
      caller?.close();
      return { name: side.name, text: rows?.join('\n') ?? '' };
    }),
  );
  const [first, ...others] = found;
  for (const { name, text } of others) {
    if (text === first?.text && text !== '') continue;
    throw new Error(`${one.name}: ${first?.name} and ${name} differ:\n${first?.text}\n\n${text}`);
  }
}

async function countAll(
  database: BenchDatabase,
  sides: Sides,
  tenant: BenchTenant,
  all: readonly { one: ReadCase; series: ReadSeries }[],
): Promise<StatementGrowth[]> {
  if (!(await countStatements(database, true))) return [];
  for (const { one, series } of all) {
    for (const key of ['product', 'postgraphile', 'sql'] as const) {
      series[key].statements = await statementsOf(sides[key], one, database);
    }
  }
  const growth: StatementGrowth[] = [];
  const kinds: [string, (rows: number) => ReadCase][] = [
    ['a page', (rows) => scorePage({ tenant, rows }, 1, null)],
    ['the dashboard', (rows) => dashboard({ tenant, rows })],
  ];
  for (const [name, make] of kinds) {
    const few = await statementsOf(sides.product, make(ROWS_FEW), database);
    growth.push({ name, few, many: await statementsOf(sides.product, make(ROWS), database) });
  }
  return growth;
}

function emptySeries(name: string): ReadSeries {
  const side = (of: string): SideSeries => ({ name: of, rounds: [], statements: null });
  return { name, product: side('Leadpulse'), postgraphile: side('PostGraphile'), sql: side('bare SQL') };
}
