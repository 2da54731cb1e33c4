import { SignalWait } from '../../../feed/signal-wait.js';
import { deliverInTurns } from './deliver-in-turns.js';
import type { FrameBatch, FrameSink, LiveSubscription } from './frame.js';
import type { FrameMaker } from './frame-maker.js';
import type { GroupOptions, SharingGroup } from './group-registry.js';
import type { QuerySource } from './query-source.js';

/** Equal subscriptions to an answer: it is read and executed for all of them together, whatever their number. */
export class QueryGroup implements SharingGroup<QuerySource> {
  readonly #source: QuerySource;
  readonly #maker: FrameMaker;
  readonly #onEnd: () => void;
  readonly #members = new Set<QueryMember>();
  readonly #stop = new AbortController();
  /** The newest answer; null before the first one. */
  #newest: FrameBatch | null = null;
  /** When the newest answer was read. */
  #asOf = new Date();

  /** @param options its source is the group's own; the sources of further members are let go. */
  constructor({ source, maker, onEnd }: GroupOptions<QuerySource>) {
    this.#source = source;
    this.#maker = maker;
    this.#onEnd = onEnd;
    void this.#run();
  }

  get newest(): FrameBatch | null {
    return this.#newest;
  }

  fits(source: QuerySource): boolean {
    return source.subscriber.sharesTailWith(this.#source.subscriber);
  }

  join(source: QuerySource): LiveSubscription {
    if (source !== this.#source) source.subscriber.close();
    const member = new QueryMember(this);
    this.#members.add(member);
    return member;
  }

  /** Forgets a member. */
  leave(member: QueryMember): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#end();
  }

  #end(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#source.subscriber.close();
    this.#onEnd();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { subscriber, gapMs } = this.#source;
    try {
      while (!signal.aborted) {
        const dueMs = performance.now() + gapMs;
        // Before the answer is read: what comes meanwhile is a reason to read it again.
        subscriber.seekEnd();
        if (await this.#look()) await deliverInTurns([...this.#members], (member) => member.offer(), signal);
        await subscriber.news(signal);
        await new SignalWait().wait(signal, Math.max(0, dueMs - performance.now()));
      }
    } catch (error) {
      this.#end();
      for (const member of [...this.#members]) member.end(error);
    }
  }

  /** @returns whether there is an answer other than the last one. */
  async #look(): Promise<boolean> {
    const context = this.#maker.context(null);
    const asOf = new Date();
    const answer = await this.#source.read(context);
    const last = this.#newest?.frames[0];
    const position = (last?.position ?? 0n) + 1n;
    if (last) {
      // As if read when the last one was: only then can the two be told apart by their text, whatever is asked for.
      const again = await this.#maker.make({ root: { ...answer, asOf: this.#asOf }, position }, context);
      if (again.payload === last.payload) return false;
    }
    const frame = await this.#maker.make({ root: { ...answer, asOf }, position }, context);
    this.#newest = { frames: [frame], from: position - 1n, position };
    this.#asOf = asOf;
    return true;
  }
}

/** One of several equal subscriptions to an answer. A slow one skips to the newest. */
class QueryMember implements LiveSubscription {
  readonly #group: QueryGroup;
  #sink: FrameSink | null = null;
  #sentPosition = 0n;
  #isWaiting = false;
  #isClosed = false;

  constructor(group: QueryGroup) {
    this.#group = group;
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
    this.offer();
  }

  /** Sends the newest answer unless it was sent already; when there is no room, as soon as there is. */
  offer(): void {
    const { newest } = this.#group;
    const sink = this.#sink;
    if (!sink || !newest || this.#isClosed || this.#isWaiting || newest.position <= this.#sentPosition)
      return;
    if (sink.hasRoom()) {
      this.#sentPosition = newest.position;
      sink.write(newest);
      return;
    }
    this.#isWaiting = true;
    sink.whenRoom(() => {
      this.#isWaiting = false;
      this.offer();
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#group.leave(this);
  }

  /** Ends the subscription from this side. */
  end(error: unknown): void {
    const wasOpen = !this.#isClosed;
    this.close();
    if (wasOpen) this.#sink?.end(error);
  }
}
