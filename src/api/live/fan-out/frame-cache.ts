import type { Frame } from './frame.js';

/** How long a frame serves those who come to its event a little later: what it shows of a contact is no older. */
const FRAME_AGE_MS_MAX = 1_000;
/** Characters of all frames that are kept in one process. */
const FRAME_CHARS_MAX = 32 * 1024 * 1024;

interface Kept {
  frame: Promise<Frame>;
  madeAtMs: number;
  chars: number;
}

/** Frames made lately, in one process: a subscriber that lags or resumes takes what others were sent already. */
export class FrameCache {
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  #chars = 0;
  #sweep: NodeJS.Timeout | undefined;

  /** The frame under a key, made when it is not there. One that could not be made is not kept. */
  get(key: string, make: () => Promise<Frame>): Promise<Frame> {
    this.#dropOld();
    const known = this.#kept.get(key);
    if (known) return known.frame;
    const kept: Kept = { frame: make(), madeAtMs: performance.now(), chars: 0 };
    this.#kept.set(key, kept);
    this.#sweepLater();
    kept.frame.then(
      ({ payload }) => this.#count(key, kept, payload.length),
      () => this.#drop(key, kept),
    );
    return kept.frame;
  }

  #count(key: string, kept: Kept, chars: number): void {
    if (this.#kept.get(key) !== kept) return;
    kept.chars = chars;
    this.#chars += chars;
    for (const [oldest, frame] of this.#kept) {
      if (this.#chars <= FRAME_CHARS_MAX) return;
      this.#drop(oldest, frame);
    }
  }

  #dropOld(): void {
    const sinceMs = performance.now() - FRAME_AGE_MS_MAX;
    for (const [key, kept] of this.#kept) {
      if (kept.madeAtMs > sinceMs) return;
      this.#drop(key, kept);
    }
  }

  #drop(key: string, kept: Kept): void {
    if (this.#kept.get(key) !== kept) return;
    this.#kept.delete(key);
    this.#chars -= kept.chars;
  }

  #sweepLater(): void {
    this.#sweep ??= setTimeout(() => {
      this.#sweep = undefined;
      this.#dropOld();
      if (this.#kept.size > 0) this.#sweepLater();
    }, FRAME_AGE_MS_MAX).unref();
  }
}
