import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Database } from '../../src/store/database.js';
import { type BenchDatabase, run } from '../ingest/bench-database.js';
import { starterModel } from '../ingest/bench-models.js';
import { type BenchTenant, makeTenant } from '../ingest/bench-tenants.js';
import type { ServerProcess } from '../ingest/server-process.js';
import { NESTED_SEGMENT, PAGE_CASES, type PageCase } from './page-cases.js';
import { askServer, findPlaceAhead, type PlaceAhead, receiveText } from './page-client.js';

/** Median times in ms. */
export interface PageResult {
  name: string;
  pageMs: number;
  sqlMs: number;
  /** A query that touches nothing, in the same seconds. */
  helloMs: number;
}

export interface PageResults {
  contacts: number;
  pages: PageResult[];
}

const HELLO = '{ __typename }';
const PAGE = `query Page($filter: ContactFilter, $orderBy: ContactOrder, $after: String) {
  contacts(first: 50, filter: $filter, orderBy: $orderBy, after: $after) {
    nodes { id email firstName lastName company score { total label stage { key } } } pageInfo { hasNextPage endCursor }
  }
}`;
const CREATE_SEGMENT =
  'mutation($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }';
const SEGMENTS = '{ segments { id key } }';
/** Requests are spread over so many turns, so that whatever else the machine does meets both sides. */
const TURNS = 5;
const PAGE_NODES = 50;
/** Gathering the members of segments takes seconds for 100,000 contacts. */
const SETTLE_MS_MAX = 1_800_000;
const SETTLE_POLL_MS = 500;
/** A case that takes longer than this is asked fewer times. */
const CASE_MS_MAX = 60_000;

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
  await askServer(server, tenant, CREATE_SEGMENT, { input: NESTED_SEGMENT });
  console.log('  waiting until the segments are gathered');
  await settle(database.adminUrl);
  await run(database.adminUrl, 'VACUUM ANALYZE');
  const client = new pg.Client({ connectionString: database.adminUrl, options: '-c jit=off' });
  await client.connect();
  try {
    const pages: PageResult[] = [];
    for (const one of PAGE_CASES) {
      console.log(`  ${one.name}`);
      pages.push(await measure({ server, tenant, client }, one, options));
    }
    return { contacts: options.contacts, pages };
  } finally {
    await client.end();
  }
}

interface Sides {
  server: ServerProcess;
  tenant: BenchTenant;
  client: pg.Client;
}

async function measure(
  { server, tenant, client }: Sides,
  one: PageCase,
  { contacts, requests }: { contacts: number; requests: number },
): Promise<PageResult> {
  const variables = { ...(await filterOf(server, tenant, one)), orderBy: one.orderBy };
  // Never behind the last page of a small run.
  const pagesAhead = Math.min(one.pagesAhead ?? 0, Math.floor(contacts / PAGE_NODES) - 2);
  const ahead = pagesAhead > 0 ? await findPlaceAhead(server, tenant, client, pagesAhead * PAGE_NODES) : null;
  const hello = () => receiveText(server, tenant, HELLO, {});
  const page = () => receiveText(server, tenant, PAGE, { ...variables, after: ahead?.cursor });
  const bare = () => askBare(client, tenant, one, ahead);
  const startedAtMs = performance.now();
  await page();
  await bare();
  const onceMs = performance.now() - startedAtMs;
  const times = Math.max(1, Math.min(Math.ceil(requests / TURNS), Math.floor(CASE_MS_MAX / TURNS / onceMs)));
  // The first turn warms both sides up.
  const taken = { hello: [] as number[], page: [] as number[], bare: [] as number[] };
  for (let turn = 0; turn <= TURNS; turn++) {
    const kept = turn > 0;
    const [hellos, pages, bares] = [
      await time(times, hello),
      await time(times, page),
      await time(times, bare),
    ];
    if (!kept) continue;
    taken.hello.push(...hellos);
    taken.page.push(...pages);
    taken.bare.push(...bares);
  }
  return {
    name: one.name,
    pageMs: median(taken.page),
    sqlMs: median(taken.bare),
    helloMs: median(taken.hello),
  };
}

async function filterOf(
  server: ServerProcess,
  tenant: BenchTenant,
  { filter, segment }: PageCase,
): Promise<{ filter?: object | undefined }> {
  if (segment === undefined) return { filter };
  const { segments } = await askServer<{ segments: { id: string; key: string }[] }>(
    server,
    tenant,
    SEGMENTS,
    {},
  );
  const found = segments.find(({ key }) => key === segment);
  if (!found) throw new Error(`there is no segment ${segment}`);
  return { filter: { segmentId: found.id } };
}

/** Waits until no segment is being gathered: that would take a core from what is measured. */
async function settle(adminUrl: string): Promise<void> {
  const endMs = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const [row] = await run(
      adminUrl,
      `SELECT EXISTS (SELECT FROM segments WHERE NOT filled OR sweep IS NOT NULL) OR EXISTS (SELECT FROM segment_touches)
         AS open`,
    );
    if (!row?.open) return;
    if (performance.now() > endMs) throw new Error('the segments were not gathered in time');
    await sleep(SETTLE_POLL_MS);
  }
}

async function askBare(
  client: pg.Client,
  { tenantId, modelId }: BenchTenant,
  { name, sql }: PageCase,
  ahead: PlaceAhead | null,
): Promise<void> {
  const values = sql.includes('$2') ? [tenantId, modelId] : [tenantId];
  await client.query({ name, text: sql, values: ahead ? [...values, ahead.total, ahead.id] : values });
}

async function time(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let turn = 0; turn < times; turn++) {
    const startedAtMs = performance.now();
    await work();
    taken.push(performance.now() - startedAtMs);
  }
  return taken;
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}
