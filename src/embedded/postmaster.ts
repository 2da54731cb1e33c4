import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterPlacement } from './cluster-placement.js';
import { isPostmasterAlive, readPostmasterFile } from './postmaster-file.js';
import { serverEnvironment } from './run-binary.js';

/** A PostgreSQL that this process has started. */
export interface StartedPostmaster {
  /** Whether it has ended meanwhile. */
  hasEnded(): boolean;
  /** What it wrote to its log since this start, the last `LOG_TAIL_CHARS` characters. */
  readLog(): Promise<string>;
}

const LOG_BYTES_MAX = 10 * 1024 * 1024;
const LOG_TAIL_CHARS = 4_000;
const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 15;

/**
 * Starts PostgreSQL on `port`. It stands in a session of its own: Ctrl-C in the terminal reaches this process alone, which
 * first finishes what it has begun and stops PostgreSQL last.
 */
export async function spawnPostmaster(placement: ClusterPlacement, port: number): Promise<StartedPostmaster> {
  const { dataPath, nativePath, runAs } = placement;
  const logFile = path.join(path.dirname(dataPath), 'postgres.log');
  const log = await openLog(logFile);
  const from = (await log.stat()).size;
  let ended = false;
  let problem = '';
  let child: ChildProcess;
  try {
    child = spawn(path.join(nativePath, 'bin', 'postgres'), ['-D', dataPath, '-p', String(port)], {
      cwd: process.platform === 'win32' ? undefined : '/',
      env: serverEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      windowsHide: true,
      ...runAs,
    });
    child.on('error', (error) => {
      problem = error.message;
      ended = true;
    });
    child.on('exit', () => {
      ended = true;
    });
    child.unref();
  } finally {
    await log.close();
  }
  return {
    hasEnded: () => ended,
    readLog: async () => {
      const said = (await readFile(logFile)).subarray(from).toString('utf8');
      return `${problem}\n${said}`.trim().slice(-LOG_TAIL_CHARS);
    },
  };
}

/** Opens the server's log for appending; a large one makes room first, and only the one before it is kept. */
async function openLog(logFile: string) {
  const bytes = (await stat(logFile).catch(() => ({ size: 0 }))).size;
  if (bytes > LOG_BYTES_MAX) await rename(logFile, `${logFile}.1`);
  return open(logFile, 'a', 0o600);
}

/**
 * Stops the PostgreSQL of this data directory, whoever has started it: sessions are cut off, everything committed is kept.
 * Waits until it has ended; after `STOP_TIMEOUT_MS` it is stopped the hard way, which its next start repairs.
 * @returns whether there was one.
 */
export async function stopPostmaster(dataPath: string): Promise<boolean> {
  const running = await readPostmasterFile(dataPath);
  if (!running || !(await isPostmasterAlive(dataPath, running.pid))) return false;
  signal(running.pid, 'SIGINT');
  if (!(await waitForEnd(dataPath, running.pid))) {
    signal(running.pid, 'SIGQUIT');
    await waitForEnd(dataPath, running.pid);
  }
  return true;
}

async function waitForEnd(dataPath: string, pid: number): Promise<boolean> {
  const deadlineMs = Date.now() + STOP_TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    if (!(await isPostmasterAlive(dataPath, pid))) return true;
    await delay(POLL_MS);
  }
  return false;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
