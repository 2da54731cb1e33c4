import type { TaskKind, ThreadTasks } from './thread-tasks.js';

/** What a thread is started with. */
export interface ThreadSettings {
  databaseUrl: string;
  applicationName: string;
}

/** A task, as the server sends it. */
export interface ThreadAsk<Kind extends TaskKind = TaskKind> {
  kind: Kind;
  ask: ThreadTasks[Kind]['ask'];
}

/** Sent instead of a task, it ends the thread. */
export const END_OF_TASKS = null;

/** An error of a thread: classes do not survive the way, messages and codes do. */
export interface ThreadFault {
  message: string;
  code: string | null;
  stack: string | null;
}

/** A thread does one task at a time, and answers each once. */
export type ThreadAnswer<Kind extends TaskKind = TaskKind> =
  | { answer: ThreadTasks[Kind]['answer'] }
  | { fault: ThreadFault };
