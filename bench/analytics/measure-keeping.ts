import { setTimeout as delay } from 'node:timers/promises';
import type { BenchDatabase } from '../ingest/bench-database.js';
import { coresBetween, readCpu } from '../ingest/process-cpu.js';
import { median } from '../ingest/series.js';
import type { ServerProcess } from '../ingest/server-process.js';
import { ask } from '../rescore/graphql.js';
import type { ReportTenant } from './fill-timelines.js';

/** How facts followed while actions arrived. */
export interface KeepingMeasurement {
  /** What was asked for, and what came. */
  actionsPerSecond: number;
  recordedPerSecond: number;
  /** How far reports were behind, in seconds. */
  lagP50Seconds: number;
  lagMaxSeconds: number;
  /** From the last action until reports contained it. */
  caughtUpSeconds: number;
  /** Cores in use by server and database together while actions arrived; null where it cannot be read. */
  cores: number | null;
}

/** How facts of all contacts were derived. */
export interface PassMeasurement {
  contacts: number;
  seconds: number;
}

const POLL_MS = 250;
const PASS_SECONDS_MAX = 3_600;
const TURN_MS = 100;
const COVERAGE = '{ analytics { coverage { complete upTo } } }';
const RECORD = 'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded } }';
/** A prime: contacts in an order without pattern. */
const STRIDE = 7_368_787;

interface Coverage {
  complete: boolean;
  upTo: string;
}

async function coverage({ port }: ServerProcess, { apiKey }: ReportTenant): Promise<Coverage> {
  const { analytics } = await ask<{ analytics: { coverage: Coverage } }>(port, apiKey, COVERAGE);
  return analytics.coverage;
}

/** Waits until the facts of all contacts are derived. @throws Error when that takes longer than an hour. */
export async function measurePass(server: ServerProcess, tenant: ReportTenant): Promise<PassMeasurement> {
  const startedAtMs = performance.now();
  for (;;) {
    const seconds = (performance.now() - startedAtMs) / 1_000;
    if ((await coverage(server, tenant)).complete) return { contacts: tenant.contacts, seconds };
    if (seconds > PASS_SECONDS_MAX) throw new Error('the facts were not derived within an hour');
    await delay(POLL_MS);
  }
}

/** Lets actions arrive at a steady rate, each of another contact, and watches how far reports are behind. */
export async function measureKeeping(
  database: BenchDatabase,
  server: ServerProcess,
  tenant: ReportTenant,
  actionsPerSecond: number,
  seconds: number,
): Promise<KeepingMeasurement> {
  const lags: number[] = [];
  const before = readCpu(server.pid, database.postmasterPid);
  const startedAtMs = Date.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  let sent = 0;
  const sending = (async () => {
    while (Date.now() < endsAtMs) {
      const due = Math.ceil(((Date.now() - startedAtMs) / 1_000) * actionsPerSecond) - sent;
      if (due > 0) sent += await sendActions(server, tenant, Math.min(due, 1_000));
      await delay(TURN_MS);
    }
  })();
  while (Date.now() < endsAtMs) {
    lags.push((Date.now() - Date.parse((await coverage(server, tenant)).upTo)) / 1_000);
    await delay(POLL_MS);
  }
  await sending;
  const cores = coresBetween(before, readCpu(server.pid, database.postmasterPid));
  const lastAtMs = Date.now();
  while (Date.parse((await coverage(server, tenant)).upTo) < lastAtMs) await delay(POLL_MS);
  return {
    actionsPerSecond,
    recordedPerSecond: sent / seconds,
    lagP50Seconds: median(lags),
    lagMaxSeconds: Math.max(...lags),
    caughtUpSeconds: (Date.now() - lastAtMs) / 1_000,
    cores: cores && cores.server + cores.database,
  };
}

async function sendActions({ port }: ServerProcess, tenant: ReportTenant, count: number): Promise<number> {
  const input = Array.from({ length: count }, () => {
    const contact = (tenant.turns++ * STRIDE) % tenant.contacts;
    return { contact: { email: `lead-${contact}@bench.example` }, type: 'visited_website' };
  });
  await ask(port, tenant.apiKey, RECORD, { input });
  return count;
}
