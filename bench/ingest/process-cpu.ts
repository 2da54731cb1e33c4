import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; fixed on Linux. */
const TICKS_PER_SECOND = 100;

/** Processor time used so far, in seconds. */
export interface CpuReading {
  atMs: number;
  serverSeconds: number;
  /** Of PostgreSQL with all its sessions, those that have ended included. */
  databaseSeconds: number;
}

/** Reads what a server and a PostgreSQL have used; null where there is no /proc, or PostgreSQL is elsewhere. */
export function readCpu(serverPid: number | null, postmasterPid: number | null): CpuReading | null {
  if (postmasterPid === null) return null;
  let pids: number[];
  try {
    pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return null;
  }
  const reading: CpuReading = { atMs: performance.now(), serverSeconds: 0, databaseSeconds: 0 };
  for (const pid of pids) {
    const found = readProcess(pid);
    if (!found) continue;
    // Workers are children of the server.
    if (pid === serverPid || found.parent === serverPid) reading.serverSeconds += found.seconds;
    if (pid === postmasterPid) reading.databaseSeconds += found.seconds + found.endedChildrenSeconds;
    if (found.parent === postmasterPid) reading.databaseSeconds += found.seconds;
  }
  return reading;
}

function readProcess(pid: number): { parent: number; seconds: number; endedChildrenSeconds: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it, in parentheses, may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent, user, system, endedUser, endedSystem] = [
      fields[1],
      fields[11],
      fields[12],
      fields[13],
      fields[14],
    ];
    return {
      parent: parent ?? 0,
      seconds: ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND,
      endedChildrenSeconds: ((endedUser ?? 0) + (endedSystem ?? 0)) / TICKS_PER_SECOND,
    };
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

/** Cores in use between two readings; null when one of them is. */
export function coresBetween(
  before: CpuReading | null,
  after: CpuReading | null,
): { server: number; database: number } | null {
  if (!before || !after) return null;
  const seconds = (after.atMs - before.atMs) / 1_000;
  return {
    server: (after.serverSeconds - before.serverSeconds) / seconds,
    database: (after.databaseSeconds - before.databaseSeconds) / seconds,
  };
}
