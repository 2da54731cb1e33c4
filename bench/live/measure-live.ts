import { readMemory } from '../contacts/peak-memory.js';
import type { BenchDatabase } from '../ingest/bench-database.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { coresBetween, readCpu } from '../ingest/process-cpu.js';
import type { ServerProcess } from '../ingest/server-process.js';
import { readStolen, stolenPart } from '../report/stolen-time.js';
import type { BareMessage, BareRequest } from './bare-protocol.js';
import { ChangeLoad } from './change-load.js';
import { BenchChild } from './child-process.js';
import type { LiveBenchOptions } from './live-options.js';
import type { WatchMessage, WatchRequest, WatchResult } from './watch-protocol.js';

/** What all sockets together were sent in one window. */
export interface LiveMeasurement {
  sockets: number;
  /** Changes a second that the API acknowledged meanwhile; 0 for bare ws. */
  changesPerSecond: number;
  framesPerSecond: number;
  frameBytes: number;
  p50Ms: number;
  p99Ms: number;
  /** Of the changes that frames told of, the part that was told by `skipped` alone. */
  skippedPart: number;
  closed: number;
  /** Cores that the client processes used. */
  clientCores: number;
  /** Processor time of the sending process for a frame, in microseconds; null where there is no /proc. */
  senderUs: number | null;
  /** Memory of the sending process while it sends; null where there is no /proc. */
  memoryMib: number | null;
  /** The part of the machine's processor time that others on the same host had meanwhile. */
  stolen: number;
}

/** What every measurement of a run shares. */
export interface LiveBench {
  database: BenchDatabase;
  options: LiveBenchOptions;
}

const MS_PER_SECOND = 1_000;
const MICROSECONDS_PER_SECOND = 1_000_000;
/** What a lead list shows of a change. */
export const QUERY =
  'subscription { scoreChanged { cursor recordedAt contactId totalBefore totalAfter stageAfter { key } cause skipped } }';

type Watcher = BenchChild<WatchRequest, WatchMessage>;

/** Sockets that subscribe at the product while changes are made through its API. */
export async function measureProduct(
  { database, options }: LiveBench,
  server: ServerProcess,
  tenant: BenchTenant,
  sockets: number,
): Promise<LiveMeasurement> {
  return watch(sockets, options, {
    port: server.port,
    pid: server.pid,
    postmasterPid: database.postmasterPid,
    subscribe: { apiKey: tenant.apiKey, query: QUERY },
    load: () => ChangeLoad.start(server.port, tenant, options.changesPerSecond),
  });
}

/** As many sockets that bare `ws` sends frames of the same size to, as fast as they take them. */
export async function measureBare(
  { database, options }: LiveBench,
  sockets: number,
  frameBytes: number,
): Promise<LiveMeasurement> {
  const bare = await BenchChild.start<BareRequest, BareMessage>('bare-server.js');
  try {
    const answer = await bare.ask({ kind: 'listen' });
    if (answer.kind !== 'listening') throw new Error('bare ws does not listen');
    return await watch(sockets, options, {
      port: answer.port,
      pid: answer.pid,
      postmasterPid: database.postmasterPid,
      subscribe: null,
      load: async () => {
        await bare.ask({ kind: 'send', text: 'x'.repeat(frameBytes) });
        return null;
      },
    });
  } finally {
    await bare.stop();
  }
}

interface Watched {
  port: number;
  pid: number;
  postmasterPid: number | null;
  subscribe: { apiKey: string; query: string } | null;
  /** Begins the changes once all sockets are open. */
  load(): Promise<ChangeLoad | null>;
}

async function watch(
  sockets: number,
  options: LiveBenchOptions,
  { port, pid, postmasterPid, subscribe, load: startLoad }: Watched,
): Promise<LiveMeasurement> {
  const watchers: Watcher[] = [];
  let load: ChangeLoad | null = null;
  try {
    for (let client = 0; client < options.clients; client++)
      watchers.push(await BenchChild.start<WatchRequest, WatchMessage>('watcher.js'));
    const each = Math.ceil(sockets / options.clients);
    await askAll(watchers, { kind: 'open', port, sockets: each, subscribe });
    load = await startLoad();
    await askAll(watchers, { kind: 'measure', windowMs: options.warmUpMs });
    const changesBefore = load?.done ?? 0;
    const cpuBefore = readCpu(pid, postmasterPid);
    const stolenBefore = readStolen();
    const answers = await askAll(watchers, { kind: 'measure', windowMs: options.windowMs });
    const stolen = stolenPart(stolenBefore, readStolen());
    const results = answers.flatMap((answer) => (answer.kind === 'measured' ? [answer.result] : []));
    const changes = (load?.done ?? 0) - changesBefore;
    const changesPerSecond = (changes * MS_PER_SECOND) / options.windowMs;
    const cores = coresBetween(cpuBefore, readCpu(pid, postmasterPid));
    const memoryMib = readMemory(pid)?.nowMib ?? null;
    const sent = summary(results);
    const silent = results.reduce((sum, result) => sum + result.silent, 0);
    if (silent > 0) throw new Error(`${silent} sockets were sent nothing: give them longer (--window-ms)`);
    const senderUs = cores && (cores.server * MICROSECONDS_PER_SECOND) / sent.framesPerSecond;
    return { ...sent, sockets: each * options.clients, changesPerSecond, memoryMib, senderUs, stolen };
  } finally {
    await load?.stop();
    await Promise.all(watchers.map((watcher) => watcher.stop()));
  }
}

function askAll(watchers: readonly Watcher[], request: WatchRequest): Promise<WatchMessage[]> {
  return Promise.all(watchers.map((watcher) => watcher.ask(request)));
}

function summary(
  results: readonly WatchResult[],
): Omit<LiveMeasurement, 'sockets' | 'changesPerSecond' | 'memoryMib' | 'senderUs' | 'stolen'> {
  const sum = (of: (result: WatchResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const latencies = Float64Array.from(results.flatMap(({ latenciesMs }) => latenciesMs)).sort();
  const percentile = (part: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? Number.NaN;
  const [frames, skipped] = [sum(({ frames }) => frames), sum((result) => result.skipped)];
  return {
    framesPerSecond: sum((result) => (result.frames * MS_PER_SECOND) / result.windowMs),
    frameBytes: frames > 0 ? Math.round(sum(({ bytes }) => bytes) / frames) : 0,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    skippedPart: skipped / Math.max(1, skipped + sum(({ lookedAt }) => lookedAt)),
    closed: sum((result) => result.closed),
    clientCores: sum(({ ownCores }) => ownCores),
  };
}
