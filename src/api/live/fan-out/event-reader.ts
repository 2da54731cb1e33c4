import type { EventStretch } from './frame-maker.js';

/** What one step brought. */
export interface ReaderStep extends EventStretch {
  /** True when this process knew of nothing further. */
  caughtUp: boolean;
}

/** How a reader takes its next step. */
export interface StepWish {
  /** Whether to wait for the next change; else there may be nothing in the step. */
  wait: boolean;
  /** Whether to fold, where that is possible. */
  fold: boolean;
}

/** Reads a stream of events from a position on. */
export interface EventReader {
  /** The last position that was read. */
  readonly position: bigint;
  /** True when this process knows of nothing further. */
  readonly isCaughtUp: boolean;
  /** True when it takes little to read what follows. */
  readonly isNear: boolean;
  /** True when an event is to be made now, whether there is a change or not. */
  readonly isDue: boolean;
  /** Goes on after another position that the stream had while the reader was open. */
  seek(position: bigint): void;
  /** Says that something was sent just now. */
  sent(): void;
  /** @throws LeadpulseError CURSOR_EXPIRED, UNAVAILABLE, and what the filter throws. */
  step(wish: StepWish, signal: AbortSignal): Promise<ReaderStep>;
  /** Lets go of the stream. */
  close(): void;
}
