import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Clock ticks a second in /proc; fixed on Linux. */
const TICKS_PER_SECOND = 100;
const STEAL = 8;

/** Processor time that was due to this machine and given to another on the same host. */
export interface StolenReading {
  atMs: number;
  seconds: number;
}

/** @returns null where there is no /proc. */
export function readStolen(): StolenReading | null {
  try {
    const [cpu = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
    const ticks = Number(cpu.split(/\s+/)[STEAL]);
    return Number.isFinite(ticks) ? { atMs: performance.now(), seconds: ticks / TICKS_PER_SECOND } : null;
  } catch {
    return null;
  }
}

/** The part of all cores' time that was stolen between two readings; 0 where that is not told. */
export function stolenPart(before: StolenReading | null, after: StolenReading | null): number {
  if (!before || !after) return 0;
  const seconds = ((after.atMs - before.atMs) / 1_000) * availableParallelism();
  return (after.seconds - before.seconds) / seconds;
}
