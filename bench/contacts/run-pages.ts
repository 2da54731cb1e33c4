import pg from 'pg';
import type { Database } from '../../src/store/database.js';
import { type BenchDatabase, run } from '../ingest/bench-database.js';
import { starterModel } from '../ingest/bench-models.js';
import { type BenchTenant, makeTenant } from '../ingest/bench-tenants.js';
import type { ServerProcess } from '../ingest/server-process.js';
import { PAGE_CASES, type PageCase } from './page-cases.js';

/** Median times in ms. */
export interface PageResult {
  name: string;
  pageMs: number;
  sqlMs: number;
}

export interface PageResults {
  contacts: number;
  /** A query that touches no contact. */
  helloMs: number;
  pages: PageResult[];
}

const HELLO = '{ viewer { role } }';
const PAGE = `query Page($filter: ContactFilter, $orderBy: ContactOrder) {
  contacts(first: 50, filter: $filter, orderBy: $orderBy) {
    nodes { id email firstName lastName company score { total label stage { key } } } pageInfo { hasNextPage endCursor }
  }
}`;

/** Reads pages over HTTP and with bare SQL in turns, one at a time. */
export async function runPages(
  db: Database,
  database: BenchDatabase,
  server: ServerProcess,
  options: { contacts: number; requests: number },
): Promise<PageResults> {
  console.log(`  making ${options.contacts} contacts`);
  const content = { name: 'pages', model: starterModel(), contacts: options.contacts, history: 1 };
  const tenant = await makeTenant(db, content);
  await run(database.adminUrl, 'VACUUM ANALYZE');
  const client = new pg.Client({ connectionString: database.adminUrl, options: '-c jit=off' });
  await client.connect();
  try {
    const ask = (query: string, variables: object) => askServer(server, tenant, query, variables);
    await medianOf(options.requests, () => ask(HELLO, {}));
    const helloMs = await medianOf(options.requests, () => ask(HELLO, {}));
    const pages: PageResult[] = [];
    for (const one of PAGE_CASES) {
      console.log(`  ${one.name}`);
      const { filter, orderBy } = one;
      const pageMs = await medianOf(options.requests, () => ask(PAGE, { filter, orderBy }));
      const sqlMs = await medianOf(options.requests, () => askBare(client, tenant, one));
      pages.push({ name: one.name, pageMs, sqlMs });
    }
    return { contacts: options.contacts, helloMs, pages };
  } finally {
    await client.end();
  }
}

async function askServer(
  { port }: ServerProcess,
  { apiKey }: BenchTenant,
  query: string,
  variables: object,
): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  if (text.includes('"errors"')) throw new Error(`a page was refused: ${text.slice(0, 500)}`);
}

async function askBare(
  client: pg.Client,
  { tenantId, modelId }: BenchTenant,
  { name, sql }: PageCase,
): Promise<void> {
  await client.query({ name, text: sql, values: [tenantId, modelId] });
}

async function medianOf(times: number, work: () => Promise<void>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const startedAtMs = performance.now();
    await work();
    taken.push(performance.now() - startedAtMs);
  }
  taken.sort((a, b) => a - b);
  return taken[Math.floor(taken.length / 2)] ?? 0;
}
