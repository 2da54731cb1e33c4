import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { ServerProfiler } from './server-profiler.js';

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;
const SAID_CHARS_MAX = 4_000;
/** The server says where it listens when it is ready. */
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)\/graphql/;
const INSPECTOR = /Debugger listening on (ws:\/\/\S+)/;

/** How many server processes are measured: WORKERS, or as many as there are cores. */
export function benchWorkers(): string {
  return process.env.WORKERS ?? String(availableParallelism());
}

/** The real server in a process of its own. */
export interface ServerProcess {
  pid: number;
  port: number;
  /** Present when it was started to be profiled. */
  profiler: ServerProfiler | null;
  stop(): Promise<void>;
}

/**
 * Starts a server on a database that has a tenant, and waits until it is ready.
 * @param entry another build's main.js, or null for this build's.
 * @throws Error with what it said when it does not become ready.
 */
export async function startServerProcess(
  databaseUrl: string,
  entry: string | null,
  profiled: boolean,
): Promise<ServerProcess> {
  const main = entry ?? path.resolve(import.meta.dirname, '../../src/main.js');
  const child = spawn(process.execPath, [...(profiled ? ['--inspect=127.0.0.1:0'] : []), main], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
      SAMPLE_DATA: 'off',
      WORKERS: profiled ? '1' : benchWorkers(),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    said = (said + text).slice(-SAID_CHARS_MAX);
  });
  try {
    const port = await readPort(child, child.stdout);
    const inspector = INSPECTOR.exec(said)?.[1];
    const profiler = profiled && inspector ? await ServerProfiler.attach(inspector) : null;
    return { pid: child.pid ?? 0, port, profiler, stop: () => stop(child, profiler) };
  } catch (error) {
    await stop(child, null);
    throw new Error(`the server did not start: ${error instanceof Error ? error.message : error}\n${said}`);
  }
}

function readPort(child: ChildProcess, output: Readable): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it was not ready in time')), READY_TIMEOUT_MS);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`it ended with ${signal ?? `code ${code}`}`));
    });
    let printed = '';
    output.setEncoding('utf8');
    output.on('data', (text: string) => {
      printed = (printed + text).slice(-SAID_CHARS_MAX);
      const port = ADDRESS.exec(printed)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}

async function stop(child: ChildProcess, profiler: ServerProfiler | null): Promise<void> {
  profiler?.close();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(killing);
}
