import { readCpu } from '../ingest/process-cpu.js';
import type { ReadCase } from './read-case.js';
import type { Caller, Side } from './sides.js';

/** What one side did with one case in one round. */
export interface ReadMeasurement {
  /** Alone on one connection. */
  p50Ms: number;
  p99Ms: number;
  /** With as many connections as `CALLERS`. */
  perSecond: number;
  /**
   * Processor time of a request then, in microseconds: of the process that answers (of bare SQL the one that asks), and of
   * PostgreSQL. Null where it cannot be read.
   */
  processUs: number | null;
  databaseUs: number | null;
}

export const CALLERS = 16;
const WARM_UP_PART = 0.3;
const US_PER_SECOND = 1_000_000;

/** Lets one side answer one case for a while, so that compilers and caches have done their part before it is measured. */
export async function warmUp(side: Side, one: ReadCase, seconds: number): Promise<void> {
  const callers = await openCallers(side, one);
  await load(callers, seconds, () => null);
  for (const caller of callers) caller.close();
}

/** Measures one case on one side. @returns null when the side has no answer to it. */
export async function measureRead(
  side: Side,
  one: ReadCase,
  postmasterPid: number | null,
  seconds: number,
): Promise<ReadMeasurement | null> {
  const callers = await openCallers(side, one);
  if (callers.length === 0) return null;
  try {
    const alone = await load(callers.slice(0, 1), seconds, () => null);
    const together = await load(callers, seconds, () => readUse(side, postmasterPid));
    const each = (used: number | undefined) =>
      used === undefined ? null : (used * US_PER_SECOND) / together.latenciesMs.length;
    return {
      p50Ms: percentile(alone.latenciesMs, 0.5),
      p99Ms: percentile(alone.latenciesMs, 0.99),
      perSecond: together.latenciesMs.length / together.seconds,
      processUs: each(together.used?.process),
      databaseUs: each(together.used?.database),
    };
  } finally {
    for (const caller of callers) caller.close();
  }
}

/** None when the side has no answer to the case. */
async function openCallers(side: Side, one: ReadCase): Promise<Caller[]> {
  const opening = Array.from({ length: CALLERS }, () => side.open(one));
  const callers = await Promise.all(opening);
  return callers.filter((caller) => caller !== null);
}

/** Processor time in seconds. */
interface Use {
  process: number;
  database: number;
}

interface Load {
  /** Of the requests that ended in the window. */
  latenciesMs: Float64Array;
  seconds: number;
  used: Use | null;
}

/** Lets all callers send one request after another, for a while uncounted and then for so many seconds. */
async function load(callers: readonly Caller[], seconds: number, use: () => Use | null): Promise<Load> {
  const latenciesMs: number[] = [];
  let turn = 0;
  const run = (untilMs: number, isCounted: boolean) =>
    Promise.all(
      callers.map(async (caller) => {
        while (performance.now() < untilMs) {
          const sentAtMs = performance.now();
          await caller.send(turn++);
          if (isCounted) latenciesMs.push(performance.now() - sentAtMs);
        }
      }),
    );
  await run(performance.now() + seconds * WARM_UP_PART * 1_000, false);
  const startedAtMs = performance.now();
  const before = use();
  await run(startedAtMs + seconds * 1_000, true);
  const after = use();
  return {
    latenciesMs: Float64Array.from(latenciesMs).sort(),
    seconds: (performance.now() - startedAtMs) / 1_000,
    used: before &&
      after && { process: after.process - before.process, database: after.database - before.database },
  };
}

function readUse({ pid }: Side, postmasterPid: number | null): Use | null {
  const reading = readCpu(pid, postmasterPid);
  if (!reading) return null;
  const { user, system } = process.cpuUsage();
  const own = (user + system) / US_PER_SECOND;
  return { process: pid === null ? own : reading.serverSeconds, database: reading.databaseSeconds };
}

function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
