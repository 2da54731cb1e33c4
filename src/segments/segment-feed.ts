import { LeadpulseError } from '../errors.js';
import { decodeCursor, encodeCursor } from '../feed/cursor.js';
import { SignalWait } from '../feed/signal-wait.js';
import type { WakeUps } from '../feed/wake-ups.js';
import type { Database } from '../store/database.js';
import { readSegmentChanges, readSegmentHead, type SegmentChangeRow } from './segment-changes.js';

/** Changes of one read. */
const READ_ROWS_MAX = 500;
/** Changes that one call of `page` looks at, whether they are wanted or not. */
export const SEGMENT_SCAN_MAX = 5_000;
/** How long a stream waits for a wake-up before it looks by itself. */
const POLL_MS = 500;
/** Between two reads of a stream that found nothing: wake-ups of a busy tenant come more often. */
const READ_GAP_MS = 100;

/** Some changes, and where to go on. */
export interface SegmentChangePage {
  changes: SegmentChangeRow[];
  /** After the last change when the page is full, else after everything that was looked at. */
  position: bigint;
  hasMore: boolean;
}

/** Keeps the changes that are wanted. */
export type SegmentChangeTest = (change: SegmentChangeRow) => boolean;

/** Who came into which segment and who left, in order: pages for those who poll, streams for those who watch. */
export class SegmentFeed {
  readonly #db: Database;
  readonly #wakeUps: WakeUps;

  constructor(db: Database, wakeUps: WakeUps) {
    this.#db = db;
    this.#wakeUps = wakeUps;
  }

  /** The cursor after which the changes go on from `position`. It is none of the feed of score changes. */
  cursor(tenantId: string, position: bigint): string {
    return encodeCursor(this.#scope(tenantId), position);
  }

  /** Where the changes stand now. */
  async head(tenantId: string): Promise<bigint> {
    return (await readSegmentHead(this.#db, tenantId)).position;
  }

  /**
   * The changes after a cursor, `count` at most and `SEGMENT_SCAN_MAX` looked at.
   * @param after null for the oldest that is kept.
   * @throws LeadpulseError BAD_USER_INPUT, CURSOR_EXPIRED.
   */
  async page(
    tenantId: string,
    after: string | null,
    count: number,
    isWanted: SegmentChangeTest,
  ): Promise<SegmentChangePage> {
    const head = await readSegmentHead(this.#db, tenantId);
    let position = after === null ? head.floor : await this.#checked(tenantId, after);
    const changes: SegmentChangeRow[] = [];
    for (let scanned = 0; scanned < SEGMENT_SCAN_MAX && changes.length < count; scanned += READ_ROWS_MAX) {
      const rows = await this.#read(tenantId, position);
      for (const row of rows) {
        if (changes.length === count) break;
        if (isWanted(row)) changes.push(row);
        position = row.position;
      }
      if (rows.length < READ_ROWS_MAX) break;
    }
    return { changes, position, hasMore: position < head.position };
  }

  /**
   * The changes after a cursor as they come.
   * @param after null for what comes from now on. Where it begins is settled when this resolves.
   * @throws LeadpulseError BAD_USER_INPUT, CURSOR_EXPIRED; while running also UNAVAILABLE.
   */
  async follow(
    tenantId: string,
    after: string | null,
    isWanted: SegmentChangeTest,
  ): Promise<(signal: AbortSignal) => AsyncGenerator<SegmentChangeRow, void>> {
    const start = after === null ? await this.head(tenantId) : await this.#checked(tenantId, after);
    return (signal) => this.#changes(tenantId, start, isWanted, signal);
  }

  async *#changes(
    tenantId: string,
    start: bigint,
    isWanted: SegmentChangeTest,
    signal: AbortSignal,
  ): AsyncGenerator<SegmentChangeRow, void> {
    const woken = new SignalWait();
    const pause = new SignalWait();
    const unlisten = this.#wakeUps.onWake(tenantId, () => woken.wake());
    let position = start;
    try {
      while (!signal.aborted) {
        const rows = await this.#read(tenantId, position);
        for (const row of rows) {
          if (isWanted(row)) yield row;
          position = row.position;
        }
        if (rows.length > 0) continue;
        await woken.wait(signal, POLL_MS);
        await pause.wait(signal, READ_GAP_MS);
      }
    } finally {
      unlisten();
    }
  }

  async #read(tenantId: string, position: bigint): Promise<SegmentChangeRow[]> {
    const rows = await readSegmentChanges(this.#db, tenantId, position, READ_ROWS_MAX).catch(() => {
      const message = 'Segment changes cannot be read at the moment; go on later, after the last cursor.';
      throw new LeadpulseError('UNAVAILABLE', message);
    });
    // Positions are gapless: what is missing was removed.
    const first = rows[0];
    if (first && first.position !== position + 1n) throw expired('changes after it are no longer kept');
    return rows;
  }

  async #checked(tenantId: string, after: string): Promise<bigint> {
    const position = decodeCursor(this.#scope(tenantId), after);
    const head = await readSegmentHead(this.#db, tenantId);
    if (position > head.position) throw expired('it is ahead of them, for the database was set back');
    if (position < head.floor) throw expired('changes after it are no longer kept');
    return position;
  }

  #scope(tenantId: string) {
    return { installationId: this.#db.installationId, tenantId: `${tenantId} segments` };
  }
}

function expired(reason: string): LeadpulseError {
  const message = `Segment changes cannot be continued from this cursor: ${reason}. Read the segment's contacts anew, then go on after segmentCursor.`;
  return new LeadpulseError('CURSOR_EXPIRED', message);
}
