import { LeadpulseError } from '../errors.js';
import { decodeCursor, encodeCursor } from '../feed/cursor.js';
import type { WakeUps } from '../feed/wake-ups.js';
import type { Database } from '../store/database.js';
import {
  readSegmentChanges,
  readSegmentHead,
  type SegmentChangeRow,
  type SegmentFeedHead,
} from './segment-changes.js';
import { SegmentSubscriber } from './segment-subscriber.js';

/** Changes of one read. */
const READ_ROWS_MAX = 500;
/** Changes that one call of `page` looks at, whether they are wanted or not. */
export const SEGMENT_SCAN_MAX = 5_000;
const NOT_KEPT = 'changes after it are no longer kept';

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
    const asked = after === null ? null : decodeCursor(this.#scope(tenantId), after);
    const head = await readSegmentHead(this.#db, tenantId);
    if (asked !== null) checkAgainst(head, asked);
    let position = asked ?? head.floor;
    const changes: SegmentChangeRow[] = [];
    for (let scanned = 0; scanned < SEGMENT_SCAN_MAX && changes.length < count; scanned += READ_ROWS_MAX) {
      const rows = await this.#read(tenantId, position, READ_ROWS_MAX);
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
   * A subscriber that pulls the changes after a cursor.
   * @param after null for what comes from now on. Where it begins is settled when this resolves.
   * @throws LeadpulseError BAD_USER_INPUT, CURSOR_EXPIRED.
   */
  async subscribe(tenantId: string, after: string | null): Promise<SegmentSubscriber> {
    const asked = after === null ? null : decodeCursor(this.#scope(tenantId), after);
    const head = await readSegmentHead(this.#db, tenantId);
    if (asked !== null) checkAgainst(head, asked);
    return new SegmentSubscriber({
      position: asked ?? head.position,
      head: head.position,
      read: (position, rowsMax) => this.#readOn(tenantId, position, rowsMax),
      onWake: (fn) => this.#wakeUps.onWake(tenantId, fn),
    });
  }

  /** Also notices that the database was set back under us: whoever goes on by position would miss what is new. */
  async #readOn(tenantId: string, position: bigint, rowsMax: number): Promise<SegmentChangeRow[]> {
    const rows = await this.#read(tenantId, position, rowsMax);
    if (rows.length === 0) checkAgainst(await this.#answered(readSegmentHead(this.#db, tenantId)), position);
    return rows;
  }

  async #read(tenantId: string, position: bigint, rowsMax: number): Promise<SegmentChangeRow[]> {
    const rows = await this.#answered(readSegmentChanges(this.#db, tenantId, position, rowsMax));
    // Positions are gapless: what is missing was removed.
    const first = rows[0];
    if (first && first.position !== position + 1n) throw expired(NOT_KEPT);
    return rows;
  }

  async #answered<T>(reading: Promise<T>): Promise<T> {
    return reading.catch(() => {
      const message = 'Segment changes cannot be read at the moment; go on later, after the last cursor.';
      throw new LeadpulseError('UNAVAILABLE', message);
    });
  }

  #scope(tenantId: string) {
    return { installationId: this.#db.installationId, tenantId: `${tenantId} segments` };
  }
}

function checkAgainst(head: SegmentFeedHead, position: bigint): void {
  if (position > head.position) throw expired('it is ahead of them, for the database was set back');
  if (position < head.floor) throw expired(NOT_KEPT);
}

function expired(reason: string): LeadpulseError {
  const message = `Segment changes cannot be continued from this cursor: ${reason}. Read the segment's contacts anew, then go on after segmentCursor.`;
  return new LeadpulseError('CURSOR_EXPIRED', message);
}
