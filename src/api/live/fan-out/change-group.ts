import { SignalWait } from '../../../feed/signal-wait.js';
import { ChangeMember } from './change-member.js';
import { deliverInTurns } from './deliver-in-turns.js';
import type { EventReader } from './event-reader.js';
import type { FrameBatch, LiveSubscription } from './frame.js';
import type { GroupOptions, SharingGroup } from './group-registry.js';
import type { PositionedSource } from './positioned-source.js';

/**
 * Longest pause after a delivery, in ms; what comes meanwhile is sent in one write a socket. What comes early in a delivery waits for
 * the rest of it and for the pause: on a busy machine, at 1,000 sockets and
 * 200 changes a second, 92 ms at the 99th percentile with 50, 53 ms with 8.
 */
const PAUSE_MS_MAX = 8;
/** A delivery that took less is followed by no pause. */
const PAUSE_MS_MIN = 2;

export interface ChangeGroupOptions extends GroupOptions<PositionedSource> {
  /** Whether events look different by how many changes were skipped. */
  showsSkipped: boolean;
}

/**
 * Equal subscriptions to changes. Events are read, filtered, executed and turned into text once for all members that stand at
 * the group's position, and executed for none when nobody does.
 */
export class ChangeGroup implements SharingGroup<PositionedSource> {
  readonly #options: ChangeGroupOptions;
  readonly #reader: EventReader;
  readonly #members = new Set<ChangeMember>();
  /** Those that stand at `#position`. */
  readonly #live = new Set<ChangeMember>();
  /** Those that wait for the group to come to where they are: they began at a head that this process has not read yet. */
  readonly #ahead = new Set<ChangeMember>();
  readonly #joined = new SignalWait();
  readonly #stop = new AbortController();
  #position: bigint;
  /** True while nobody is served; the position may be set then. */
  #isIdle = true;

  constructor(options: ChangeGroupOptions) {
    this.#options = options;
    this.#reader = options.source.fork(options.showsSkipped);
    this.#position = this.#reader.position;
    void this.#run();
  }

  fits(source: PositionedSource): boolean {
    return source.sharesStreamWith(this.#options.source);
  }

  join(source: PositionedSource): LiveSubscription {
    const { maker, showsSkipped } = this.#options;
    const reader = source.reader(showsSkipped);
    const member = new ChangeMember({ group: this, reader, maker });
    this.#members.add(member);
    return member;
  }

  /** Takes a member among those that are served. @returns false when it is behind and has to read on by itself. */
  accept(member: ChangeMember): boolean {
    if (this.#isIdle) {
      // The group begins anew where its first member is, unless that one is far back and others would have to wait.
      if (!member.isNear) return false;
      this.#reader.seek(member.position);
      this.#reader.sent();
      this.#position = member.position;
      this.#isIdle = false;
    }
    if (member.position < this.#position) return false;
    (member.position === this.#position ? this.#live : this.#ahead).add(member);
    this.#joined.wake();
    return true;
  }

  /** Forgets a member. */
  leave(member: ChangeMember): void {
    this.#members.delete(member);
    this.#live.delete(member);
    this.#ahead.delete(member);
    if (this.#members.size === 0) this.#end();
  }

  #end(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#reader.close();
    this.#options.onEnd();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        if (this.#live.size + this.#ahead.size > 0) await this.#step(signal);
        else await this.#rest(signal);
      }
    } catch (error) {
      this.#end();
      for (const member of [...this.#members]) member.end(error);
    }
  }

  async #rest(signal: AbortSignal): Promise<void> {
    this.#isIdle = true;
    await this.#joined.wait(signal, Number.POSITIVE_INFINITY);
  }

  async #step(signal: AbortSignal): Promise<void> {
    const step = await this.#reader.step({ wait: true, fold: false }, signal);
    if (signal.aborted) return;
    const batches = this.#live.size > 0 ? await this.#options.maker.batches(step) : [];
    if (signal.aborted) return;
    // Who comes from now on stands behind these events; who is served now, before them.
    const served = [...this.#live];
    this.#position = step.position;
    if (batches.length > 0) {
      this.#reader.sent();
      const startedMs = performance.now();
      await this.#deliver(served, batches, signal);
      this.#takeIn();
      await this.#pause(performance.now() - startedMs, signal);
    } else {
      this.#takeIn();
    }
  }

  /** As long as the delivery took: it leaves half of the process to others, who record what is delivered next. */
  async #pause(deliveryMs: number, signal: AbortSignal): Promise<void> {
    if (deliveryMs < PAUSE_MS_MIN) return;
    await new SignalWait().wait(signal, Math.min(deliveryMs, PAUSE_MS_MAX));
  }

  async #deliver(
    served: readonly ChangeMember[],
    batches: readonly FrameBatch[],
    signal: AbortSignal,
  ): Promise<void> {
    await deliverInTurns(served, (member) => this.#deliverTo(member, batches), signal);
  }

  #deliverTo(member: ChangeMember, batches: readonly FrameBatch[]): void {
    if (!this.#live.has(member)) return;
    const sentUpTo = member.write(batches);
    if (sentUpTo === null) return;
    this.#live.delete(member);
    member.fallBehind(sentUpTo);
  }

  /** Looks for those that the group has come to, or passed. */
  #takeIn(): void {
    for (const member of this.#ahead) {
      if (member.position > this.#position) continue;
      this.#ahead.delete(member);
      if (member.position === this.#position) this.#live.add(member);
      else member.catchUp();
    }
  }
}
