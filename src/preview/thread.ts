import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import { connectionConfig, NESTED_LOOPS } from '../store/connection-config.js';
import type {
  END_OF_TASKS,
  ThreadAnswer,
  ThreadAsk,
  ThreadFault,
  ThreadSettings,
} from './thread-protocol.js';
import { TASK_WORK, type TaskKind } from './thread-tasks.js';

/**
 * The entry of a worker thread: does one task after another over a connection of its own, which is opened when the first
 * task comes, and anew after it was lost.
 */
const settings = workerData as ThreadSettings;
let connection: pg.Client | null = null;

async function connect(): Promise<pg.Client> {
  if (connection !== null) return connection;
  const { databaseUrl, applicationName } = settings;
  const client = new pg.Client(connectionConfig(databaseUrl, applicationName, NESTED_LOOPS));
  const forget = () => {
    if (connection === client) connection = null;
  };
  client.on('error', forget);
  client.on('end', forget);
  await client.connect();
  connection = client;
  return client;
}

async function answerTo<Kind extends TaskKind>({ kind, ask }: ThreadAsk<Kind>): Promise<ThreadAnswer<Kind>> {
  try {
    return { answer: await TASK_WORK[kind](await connect(), ask) };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

function faultOf(error: unknown): ThreadFault {
  if (!(error instanceof Error)) return { message: String(error), code: null, stack: null };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return { message: error.message, code, stack: error.stack ?? null };
}

async function end(): Promise<void> {
  parentPort?.close();
  await connection?.end();
}

parentPort?.on('message', (message: ThreadAsk | typeof END_OF_TASKS) => {
  if (message === null) void end();
  else void answerTo(message).then((answer) => parentPort?.postMessage(answer));
});
