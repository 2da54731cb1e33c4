import { LeadpulseError } from '../errors.js';
import { SignalWait } from '../feed/signal-wait.js';
import type { WakeUps } from '../feed/wake-ups.js';
import type { Log } from '../log.js';
import { isOver, type JobRow } from '../store/jobs/job-row.js';

/** Between two looks at a job, however often it moves. */
const GAP_MS_MIN = 250;
/** Between two looks when nobody says that it has moved: what another process does is seen no later than this. */
const GAP_MS_MAX = 1_000;
/** Looks that may fail in a row before the followers are told. */
const FAILURES_MAX = 6;

export interface JobWatchOptions {
  read(tenantId: string, id: string): Promise<JobRow | null>;
  wakeUps: Pick<WakeUps, 'onWake'>;
  log: Log;
}

/** Follows jobs, in whatever process they run. A job is read once a look, however many follow it. */
export class JobWatch {
  readonly #options: JobWatchOptions;
  readonly #watched = new Map<string, WatchedJob>();

  constructor(options: JobWatchOptions) {
    this.#options = options;
  }

  /** How many jobs are looked at. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * The job as it is, then each time it has moved, at most every `GAP_MS_MIN`; the last one is its end.
   * @param first the job as the caller has just read it.
   * @param signal ends the wait for the next one.
   * @throws LeadpulseError UNAVAILABLE when the database does not answer for a while.
   */
  async *follow(tenantId: string, first: JobRow, signal: AbortSignal): AsyncGenerator<JobRow, void> {
    yield first;
    if (isOver(first)) return;
    const key = `${tenantId}/${first.id}`;
    const watched = this.#watched.get(key) ?? new WatchedJob(this.#options, tenantId, first);
    this.#watched.set(key, watched);
    watched.followers++;
    try {
      let shown = first;
      while (!signal.aborted) {
        const latest = watched.latest();
        if (latest === null) return;
        if (hasMoved(shown, latest)) {
          shown = latest;
          yield latest;
          if (isOver(latest)) return;
        } else await watched.moved.wait(signal, Number.POSITIVE_INFINITY);
      }
    } finally {
      watched.followers--;
      if (watched.followers === 0) {
        watched.stop();
        if (this.#watched.get(key) === watched) this.#watched.delete(key);
      }
    }
  }
}

function hasMoved(before: JobRow, after: JobRow): boolean {
  return (
    before.state !== after.state ||
    before.done !== after.done ||
    before.total !== after.total ||
    before.error !== after.error
  );
}

/** One job that is looked at, again and again until nobody follows it any more. */
class WatchedJob {
  readonly moved = new SignalWait();
  followers = 0;
  readonly #options: JobWatchOptions;
  readonly #stop = new AbortController();
  #latest: JobRow | null;
  #fault: LeadpulseError | null = null;

  constructor(options: JobWatchOptions, tenantId: string, first: JobRow) {
    this.#options = options;
    this.#latest = first;
    void this.#run(tenantId, first.id);
  }

  /** The job as it was last seen; null when it is not there any more. @throws LeadpulseError UNAVAILABLE */
  latest(): JobRow | null {
    if (this.#fault) throw this.#fault;
    return this.#latest;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(tenantId: string, id: string): Promise<void> {
    const { signal } = this.#stop;
    const woken = new SignalWait();
    const unlisten = this.#options.wakeUps.onWake(tenantId, () => woken.wake());
    const pause = new SignalWait();
    let failures = 0;
    try {
      while (!signal.aborted && this.#latest && !isOver(this.#latest) && !this.#fault) {
        // Listening before the pause: what happens during it counts as well.
        const next = woken.wait(signal, GAP_MS_MAX);
        await pause.wait(signal, GAP_MS_MIN);
        await next;
        if (signal.aborted) return;
        failures = (await this.#look(tenantId, id)) ? 0 : failures + 1;
        if (failures >= FAILURES_MAX) this.#fault = unavailable();
        this.moved.wake();
      }
    } finally {
      unlisten();
    }
  }

  async #look(tenantId: string, id: string): Promise<boolean> {
    try {
      this.#latest = await this.#options.read(tenantId, id);
      return true;
    } catch (error) {
      this.#options.log.warn({ err: error, jobId: id }, 'could not look at a job');
      return false;
    }
  }
}

function unavailable(): LeadpulseError {
  return new LeadpulseError(
    'UNAVAILABLE',
    'The job cannot be read at the moment; subscribe again in a few seconds.',
  );
}
