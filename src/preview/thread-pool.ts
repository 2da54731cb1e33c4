import { availableParallelism } from 'node:os';
import { LeadpulseError } from '../errors.js';
import { TaskThread, type TaskThreadOptions } from './task-thread.js';
import { type RunTask, ThreadRun } from './thread-run.js';
import type { TaskKind, ThreadTasks } from './thread-tasks.js';

/** Threads of a process: more would take the processors from the server and from PostgreSQL. */
const THREADS_MAX = Math.min(2, availableParallelism());
/** Runs that are under way or wait; whoever comes on top is told to come back. */
const RUNS_MAX = 16;
const IDLE_MS = 30_000;
const TASK_MS_MAX = 120_000;

export interface ThreadPoolOptions extends Pick<TaskThreadOptions, 'entry' | 'settings' | 'log'> {
  /** `IDLE_MS` when absent. */
  idleMs?: number;
  /** `TASK_MS_MAX` when absent. */
  taskMsMax?: number;
}

/** A run of tasks of any kind. */
type WaitingRun = Pick<ThreadRun, 'hasMore' | 'begin' | 'answered' | 'fail'>;

/**
 * Worker threads that do tasks away from the event loop of the server. They are started when there is something to do, at
 * most `THREADS_MAX`, take turns among the runs, and end when they have been idle.
 */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #threads = new Set<TaskThread>();
  /** Runs with tasks that nobody has begun, the one whose turn it is first. */
  readonly #waiting: WaitingRun[] = [];
  #runs = 0;
  #isClosed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /** Threads that run at the moment. */
  get running(): number {
    return this.#threads.size;
  }

  /**
   * Does tasks of one kind.
   * @param take given the answers in the order of the tasks, whatever the order in which they are done.
   * @param signal aborted to leave out what has not begun yet.
   * @throws LeadpulseError UNAVAILABLE when there are `RUNS_MAX` runs already, or a thread ends under a task; the error of
   *   a task, or of `take`; the signal's reason.
   */
  async run<Kind extends TaskKind>(
    kind: Kind,
    asks: readonly ThreadTasks[Kind]['ask'][],
    take: (answer: ThreadTasks[Kind]['answer'], index: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.#isClosed) throw closing();
    if (this.#runs >= RUNS_MAX) throw tooMany();
    this.#runs++;
    const run = new ThreadRun(kind, asks, take);
    const abort = () => run.fail(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      if (signal?.aborted) abort();
      this.#waiting.push(run);
      this.#advance();
      await run.done;
    } finally {
      signal?.removeEventListener('abort', abort);
      const place = this.#waiting.indexOf(run);
      if (place >= 0) this.#waiting.splice(place, 1);
      this.#runs--;
    }
  }

  /** Ends all threads, and with them what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const run of this.#waiting.splice(0)) run.fail(closing());
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  /** Gives the threads that are free a task from each run in turn. */
  #advance(): void {
    while (!this.#isClosed && this.#waiting.some((run) => run.hasMore)) {
      const thread = this.#freeThread();
      const run = thread && this.#waiting.shift();
      if (!thread || !run) return;
      const task = run.begin();
      if (run.hasMore) this.#waiting.push(run);
      if (task !== null) void this.#work(thread, run, task);
    }
  }

  async #work(thread: TaskThread, run: WaitingRun, { index, message }: RunTask): Promise<void> {
    try {
      run.answered(index, await thread.work(message));
    } catch (error) {
      run.fail(error);
    }
    this.#advance();
  }

  #freeThread(): TaskThread | null {
    for (const thread of this.#threads) if (thread.isFree) return thread;
    if (this.#threads.size >= THREADS_MAX) return null;
    const { idleMs = IDLE_MS, taskMsMax = TASK_MS_MAX } = this.#options;
    const thread = new TaskThread({
      ...this.#options,
      idleMs,
      taskMsMax,
      onEnd: (ended) => {
        this.#threads.delete(ended);
        this.#advance();
      },
    });
    this.#threads.add(thread);
    return thread;
  }
}

function tooMany(): LeadpulseError {
  return new LeadpulseError(
    'UNAVAILABLE',
    `There are ${RUNS_MAX} previews and counts under way on this server, which is all it takes at once; try again in a few seconds.`,
  );
}

function closing(): LeadpulseError {
  return new LeadpulseError('UNAVAILABLE', 'The server is stopping; try again in a few seconds.');
}
