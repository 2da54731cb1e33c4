import pg from 'pg';
import { ANALYTIC_PLANS, connectionConfig } from '../../src/store/connection-config.js';
import { median } from '../ingest/series.js';
import { ask } from '../rescore/graphql.js';
import type { ReportTenant } from './fill-timelines.js';
import { REPORT_CASES, type ReportCase } from './report-cases.js';

/** What one report took, in milliseconds: medians over the rounds. */
export interface ReportTimes {
  name: string;
  bareMs: number;
  /** Over 30 days and over 365, of all contacts. */
  monthMs: number;
  yearMs: number;
  /** Over 30 days, of a segment of three contacts in ten, and of an owner of one in twenty. */
  segmentMs: number;
  ownerMs: number;
}

const QUERY = (fields: string) => `query ($range: AnalyticsRangeInput, $filter: AnalyticsFilterInput) {
  analytics(range: $range, timeZone: "America/New_York", filter: $filter) { ${fields} } }`;
const DAY_MS = 86_400_000;

/** Asks for every report in every way, and reads its rows with the barest SQL, round by round. */
export async function measureReports(
  url: string,
  port: number,
  tenant: ReportTenant,
  rounds: number,
): Promise<ReportTimes[]> {
  const client = new pg.Client(connectionConfig(url, 'leadpulse-bench', ANALYTIC_PLANS));
  await client.connect();
  try {
    await client.query(`SELECT set_config('app.tenant', $1, false)`, [tenant.tenantId]);
    const times: ReportTimes[] = [];
    for (const one of REPORT_CASES) {
      const time = await measureCase(client, port, tenant, one, rounds);
      console.log(`  ${JSON.stringify(time)}`);
      times.push(time);
    }
    return times;
  } finally {
    await client.end();
  }
}

async function measureCase(
  client: pg.Client,
  port: number,
  { tenantId, modelId, apiKey, segmentId, ownerId }: ReportTenant,
  { name, fields, bare }: ReportCase,
  rounds: number,
): Promise<ReportTimes> {
  const month = rangeOf(30);
  const ways = {
    bareMs: () => client.query(bare, [tenantId, modelId]),
    monthMs: () => ask(port, apiKey, QUERY(fields), { range: month }),
    yearMs: () => ask(port, apiKey, QUERY(fields), { range: rangeOf(365) }),
    segmentMs: () => ask(port, apiKey, QUERY(fields), { range: month, filter: { segmentIds: [segmentId] } }),
    ownerMs: () => ask(port, apiKey, QUERY(fields), { range: month, filter: { ownerIds: [ownerId] } }),
  };
  const taken = new Map<string, number[]>(Object.keys(ways).map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [way, run] of Object.entries(ways)) {
      const startedAtMs = performance.now();
      await run();
      taken.get(way)?.push(performance.now() - startedAtMs);
    }
  }
  const of = (way: keyof typeof ways) => median(taken.get(way) ?? []);
  return {
    name,
    bareMs: of('bareMs'),
    monthMs: of('monthMs'),
    yearMs: of('yearMs'),
    segmentMs: of('segmentMs'),
    ownerMs: of('ownerMs'),
  };
}

function rangeOf(days: number): { from: string; to: string } {
  // Yesterday is over in every time zone but the last ones of the day before.
  const dateOf = (back: number) => new Date(Date.now() - back * DAY_MS).toISOString().slice(0, 10);
  return { from: dateOf(days), to: dateOf(1) };
}
