import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';
import { END_OF_TASKS, type ThreadAnswer, type ThreadAsk, type ThreadSettings } from './thread-protocol.js';
import type { TaskKind, ThreadTasks } from './thread-tasks.js';

/** What a thread may hold; one that needs more ends, and the server does not. */
const HEAP_MB_MAX = 512;
/** Entries live for a moment: the larger the space for the young is, the fewer of them are copied out of it. */
const YOUNG_MB = 32;
/** How long a thread that is asked to end may take to say goodbye to the database. */
const GOODBYE_MS_MAX = 2_000;

export interface TaskThreadOptions {
  /** Where the compiled entry of a thread is: `preview/thread.js`. */
  entry: () => URL;
  settings: ThreadSettings;
  log: Log;
  /** After so long without a task it ends. */
  idleMs: number;
  /** A task that takes longer is given up, and the thread with it. */
  taskMsMax: number;
  /** Called when the thread has ended, for whatever reason. */
  onEnd(thread: TaskThread): void;
}

interface Waiting {
  resolve(answer: ThreadAnswer): void;
  reject(error: Error): void;
}

/** One worker thread, which does one task at a time. A task is always answered: by the thread, or by its end. */
export class TaskThread {
  readonly #options: TaskThreadOptions;
  readonly #worker: Worker;
  #waiting: Waiting | null = null;
  #idle: NodeJS.Timeout | null = null;
  #isEnding = false;

  constructor(options: TaskThreadOptions) {
    this.#options = options;
    this.#worker = new Worker(options.entry(), {
      workerData: options.settings,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: YOUNG_MB },
      // What this process was started with is not for threads.
      execArgv: [],
    });
    this.#worker.on('message', (answer: ThreadAnswer) => this.#waiting?.resolve(answer));
    this.#worker.on('error', (error) => options.log.error({ err: error }, 'a preview thread failed'));
    this.#worker.once('exit', () => {
      this.#isEnding = true;
      this.#waiting?.reject(threadEnded());
      options.onEnd(this);
    });
    this.#restAwhile();
  }

  get isFree(): boolean {
    return this.#waiting === null && !this.#isEnding;
  }

  /**
   * Does a task; to be called when the thread is free.
   * @throws LeadpulseError UNAVAILABLE when the thread ends, or is ended because the task takes too long; Error with the
   *   message and code of the task's own.
   */
  async work<Kind extends TaskKind>(message: ThreadAsk<Kind>): Promise<ThreadTasks[Kind]['answer']> {
    if (this.#idle) clearTimeout(this.#idle);
    const tooLong = setTimeout(() => {
      this.#options.log.error({ task: message.kind }, 'a preview thread took too long and was ended');
      void this.#worker.terminate();
    }, this.#options.taskMsMax);
    try {
      const answered = new Promise<ThreadAnswer>((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
      this.#worker.postMessage(message);
      return openAnswer<Kind>(await answered);
    } finally {
      clearTimeout(tooLong);
      this.#waiting = null;
      this.#restAwhile();
    }
  }

  /** Ends the thread; a task under way fails. Resolves when it is gone. */
  async end(): Promise<void> {
    if (this.#idle) clearTimeout(this.#idle);
    if (this.#worker.threadId === -1) return;
    const gone = once(this.#worker, 'exit');
    if (this.isFree) {
      this.#isEnding = true;
      this.#worker.postMessage(END_OF_TASKS);
      const goodbye = setTimeout(() => void this.#worker.terminate(), GOODBYE_MS_MAX);
      await gone;
      clearTimeout(goodbye);
    } else {
      void this.#worker.terminate();
      await gone;
    }
  }

  #restAwhile(): void {
    if (this.#isEnding) return;
    this.#idle = setTimeout(() => void this.end(), this.#options.idleMs);
    this.#idle.unref();
  }
}

/** The thread is our own code and answers a task in kind. */
function openAnswer<Kind extends TaskKind>(answer: ThreadAnswer): ThreadTasks[Kind]['answer'] {
  const { answer: given, fault } = answer as { answer?: ThreadTasks[Kind]['answer'] } & {
    fault?: Extract<ThreadAnswer, { fault: unknown }>['fault'];
  };
  if (given !== undefined) return given;
  const error = Object.assign(new Error(fault?.message), fault?.code ? { code: fault.code } : {});
  if (fault?.stack) error.stack = fault.stack;
  throw error;
}

function threadEnded(): LeadpulseError {
  return new LeadpulseError(
    'UNAVAILABLE',
    'A part of the server that looks through the contacts ended unexpectedly; try again, or ask for a smaller sample.',
  );
}
