import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { RuleDefinition, ScoreSetDefinition } from '../../src/scoring/model-definition.js';
import { type BenchDatabase, run } from '../ingest/bench-database.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { coresBetween, readCpu } from '../ingest/process-cpu.js';
import type { ServerProcess } from '../ingest/server-process.js';
import { ask } from './graphql.js';
import { HelloProbe } from './hello-probe.js';

/** What one rescoring took. */
export interface RescoreMeasurement {
  seconds: number;
  /** Contacts whose score is another one now. */
  changes: number;
  /** Peak of the server's memory, threads included; null where there is no /proc. */
  peakMiB: number | null;
  /** 99 of 100 samples of the server's event loop were less late. */
  loopDelayP99Ms: number;
  helloP99Ms: number;
  /** Processor time of the server and of PostgreSQL a contact, in microseconds; null where it cannot be read. */
  serverUs: number | null;
  databaseUs: number | null;
}

const POLL_MS = 100;
const KIB_PER_MIB = 1_024;
const US_PER_SECOND = 1_000_000;
const CHANGED_TYPE = 'clicked_link';

const MODEL = 'query ($id: ID!) { scoringModel(id: $id) { version definition } }';
const CHANGE = `mutation ($input: ChangeScoringModelInput!) {
  changeScoringModel(input: $input) { recalculation { id } } }`;
const JOB = 'query ($id: ID!) { job(id: $id) { state error } }';

/** Publishes a version that changes the score of most contacts, and waits until all of them are brought to it. */
export async function measureRescore(
  database: BenchDatabase,
  server: ServerProcess,
  tenant: BenchTenant,
): Promise<RescoreMeasurement> {
  const { port, pid, profiler } = server;
  const before = await positionOf(database, tenant);
  const jobId = await publish(server, tenant);
  await profiler?.evaluate(WATCH_LOOP);
  const cpuBefore = readCpu(pid, database.postmasterPid);
  const hello = new HelloProbe(port, tenant.apiKey);
  const startedAtMs = performance.now();
  await untilDone(server, tenant, jobId);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const cores = coresBetween(cpuBefore, readCpu(pid, database.postmasterPid));
  const perContact = (used: number) => (used * seconds * US_PER_SECOND) / tenant.contacts;
  return {
    seconds,
    changes: (await positionOf(database, tenant)) - before,
    peakMiB: memoryOf(pid, 'VmHWM'),
    loopDelayP99Ms: Number(await profiler?.evaluate(READ_LOOP)),
    helloP99Ms: await hello.stop(),
    serverUs: cores && perContact(cores.server),
    databaseUs: cores && perContact(cores.database),
  };
}

/** Evaluated in the server: watches its event loop from now on. */
export const WATCH_LOOP = `(() => {
  globalThis.benchDelay ??= process.getBuiltinModule('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 });
  benchDelay.reset();
  benchDelay.enable();
})()`;
/** The delay of its event loop that 99 of 100 samples stayed below since then, in ms. */
export const READ_LOOP = 'benchDelay.percentile(99) / 1e6';

/** A rule that every contact has met gives a point more, or less again at the next version. @returns the job's id. */
async function publish({ port }: ServerProcess, { apiKey, modelId }: BenchTenant): Promise<string> {
  const { scoringModel } = await ask<{
    scoringModel: { version: number; definition: { scoreSets: ScoreSetDefinition[] } };
  }>(port, apiKey, MODEL, { id: modelId });
  const { version, definition } = scoringModel;
  const found = definition.scoreSets
    .flatMap(({ key, rules }) => rules.map((rule) => ({ set: key, rule })))
    .find(({ rule }) => rule.action?.actionType === CHANGED_TYPE);
  if (!found?.rule.action) throw new Error(`the model has no rule for ${CHANGED_TYPE}`);
  const points = found.rule.action.points + (version % 2 === 1 ? 1 : -1);
  const rule: RuleDefinition = { ...found.rule, action: { ...found.rule.action, points } };
  const input = {
    id: modelId,
    expectedVersion: version,
    changes: [{ putRule: { scoreSet: found.set, rule } }],
  };
  const { changeScoringModel } = await ask<{ changeScoringModel: { recalculation: { id: string } } }>(
    port,
    apiKey,
    CHANGE,
    { input },
  );
  return changeScoringModel.recalculation.id;
}

async function untilDone({ port }: ServerProcess, { apiKey }: BenchTenant, id: string): Promise<void> {
  for (;;) {
    const { job } = await ask<{ job: { state: string; error: string | null } }>(port, apiKey, JOB, { id });
    if (job.state === 'DONE') return;
    if (job.error !== null) throw new Error(`the rescoring fails: ${job.error}`);
    await delay(POLL_MS);
  }
}

/** Changes in the tenant's feed so far. */
async function positionOf(database: BenchDatabase, { tenantId }: BenchTenant): Promise<number> {
  const [row] = await run(database.url, `SELECT position FROM tenant_feeds WHERE tenant_id = '${tenantId}'`);
  return Number(row?.position);
}

/** What a process holds now (`VmRSS`), or has held at most so far (`VmHWM`), MiB; null where there is no /proc. */
export function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
    return line ? Number(line[1]) / KIB_PER_MIB : null;
  } catch {
    return null;
  }
}
