import type { ThreadAsk } from './thread-protocol.js';
import type { TaskKind, ThreadTasks } from './thread-tasks.js';

/** A task of a run, to be done by some thread. */
export interface RunTask<Kind extends TaskKind = TaskKind> {
  index: number;
  message: ThreadAsk<Kind>;
}

/** Tasks of one kind that belong together: begun in order, done in any, answered in order again. */
export class ThreadRun<Kind extends TaskKind = TaskKind> {
  /** Settled when all are answered, or one of them has failed. */
  readonly done: Promise<void>;
  readonly #kind: Kind;
  readonly #asks: readonly ThreadTasks[Kind]['ask'][];
  readonly #take: (answer: ThreadTasks[Kind]['answer'], index: number) => void;
  /** Answers that came before those of earlier tasks. */
  readonly #early = new Map<number, ThreadTasks[Kind]['answer']>();
  readonly #settle: PromiseWithResolvers<void>;
  #begun = 0;
  #taken = 0;
  #isOver = false;

  constructor(
    kind: Kind,
    asks: readonly ThreadTasks[Kind]['ask'][],
    take: (answer: ThreadTasks[Kind]['answer'], index: number) => void,
  ) {
    this.#kind = kind;
    this.#asks = asks;
    this.#take = take;
    this.#settle = Promise.withResolvers<void>();
    this.done = this.#settle.promise;
    this.#finishIfAllTaken();
  }

  /** True while there are tasks that nobody has begun. */
  get hasMore(): boolean {
    return !this.#isOver && this.#begun < this.#asks.length;
  }

  /** Begins the next task; null when there is none. */
  begin(): RunTask<Kind> | null {
    const ask = this.hasMore ? this.#asks[this.#begun] : undefined;
    if (ask === undefined) return null;
    return { index: this.#begun++, message: { kind: this.#kind, ask } };
  }

  /** Notes the answer of a task, and hands on all that are next in order. */
  answered(index: number, answer: ThreadTasks[Kind]['answer']): void {
    if (this.#isOver) return;
    this.#early.set(index, answer);
    try {
      for (;;) {
        const next = this.#early.get(this.#taken);
        if (next === undefined) break;
        this.#early.delete(this.#taken);
        this.#take(next, this.#taken++);
      }
    } catch (error) {
      this.fail(error);
    }
    this.#finishIfAllTaken();
  }

  /** Gives the run up; what is under way ends by itself and is not looked at. */
  fail(error: unknown): void {
    this.#isOver = true;
    this.#early.clear();
    this.#settle.reject(error);
  }

  #finishIfAllTaken(): void {
    if (this.#isOver || this.#taken < this.#asks.length) return;
    this.#isOver = true;
    this.#settle.resolve();
  }
}
