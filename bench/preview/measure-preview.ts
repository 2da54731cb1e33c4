import { setTimeout as delay } from 'node:timers/promises';
import { readMemory } from '../contacts/peak-memory.js';
import { type BenchDatabase, run } from '../ingest/bench-database.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { coresBetween, readCpu } from '../ingest/process-cpu.js';
import type { ServerProcess } from '../ingest/server-process.js';
import { ask } from '../rescore/graphql.js';
import { HelloProbe } from '../rescore/hello-probe.js';
import { READ_LOOP, WATCH_LOOP } from '../rescore/measure-rescore.js';
import type { AskedData, PreviewCase } from './preview-cases.js';

/** What one preview, or one count of rules, took. */
export interface PreviewMeasurement {
  seconds: number;
  contacts: number;
  /** 99 of 100 samples of the server's event loop were less late. */
  loopDelayP99Ms: number;
  helloP99Ms: number;
  /** Processor time of the server with its threads, and of PostgreSQL, a contact, in microseconds; null without /proc. */
  serverUs: number | null;
  databaseUs: number | null;
  /** Peak of the server's memory so far, threads included; null without /proc. */
  peakMib: number | null;
}

const POLL_MS = 50;
const US_PER_SECOND = 1_000_000;

/** Asks as a client does, while another one asks for nothing again and again. */
export async function measurePreview(
  database: BenchDatabase,
  { port, pid, profiler }: ServerProcess,
  { apiKey }: BenchTenant,
  { query, variables, prepare, contactsOf }: PreviewCase,
): Promise<PreviewMeasurement> {
  if (prepare !== null) await run(database.adminUrl, prepare);
  await profiler?.evaluate(WATCH_LOOP);
  const cpuBefore = readCpu(pid, database.postmasterPid);
  const hello = new HelloProbe(port, apiKey);
  const startedAtMs = performance.now();
  let contacts: number | null = null;
  for (;;) {
    contacts = contactsOf(await ask<AskedData>(port, apiKey, query, variables));
    if (contacts !== null) break;
    await delay(POLL_MS);
  }
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const cores = coresBetween(cpuBefore, readCpu(pid, database.postmasterPid));
  const perContact = (used: number) => (used * seconds * US_PER_SECOND) / (contacts ?? 1);
  return {
    seconds,
    contacts,
    loopDelayP99Ms: Number(await profiler?.evaluate(READ_LOOP)),
    helloP99Ms: await hello.stop(),
    serverUs: cores && perContact(cores.server),
    databaseUs: cores && perContact(cores.database),
    peakMib: readMemory(pid)?.peakMib ?? null,
  };
}
