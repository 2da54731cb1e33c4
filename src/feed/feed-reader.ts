import { LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { tenantRead } from '../store/tenant-scope.js';
import { type ChangeRecord, readChanges } from './change-record.js';
import { ContactOwners } from './contact-owners.js';
import { type CursorScope, cursorExpired, decodeCursor, encodeCursor } from './cursor.js';
import { type FeedHead, readFeedHead, readFeedHeads } from './feed-head.js';
import { FeedSubscriber } from './feed-subscriber.js';
import { Limiter } from './limiter.js';
import { TenantTail } from './tenant-tail.js';
import type { WakeUps } from './wake-ups.js';

const SET_BACK = 'it is ahead of the feed, which was set back';
const NOT_KEPT = 'changes after it are no longer kept';

/** Bounds of the feed in one process. */
export interface FeedLimits {
  /** Between two polls of all tenants with subscribers, in ms: what a lost wake-up costs at most. */
  pollMs: number;
  /** Changes held in memory per tenant with subscribers. */
  ringRecordsMax: number;
  /** Characters of their reasons held per tenant. */
  ringReasonCharsMax: number;
  /** Rows of one read. */
  pageRowsMax: number;
  /** Reads at a time of subscribers that are further back than the ring. */
  pagesAtOnceMax: number;
}

const DEFAULT_LIMITS: FeedLimits = {
  pollMs: 500,
  ringRecordsMax: 2_048,
  ringReasonCharsMax: 4_000_000,
  pageRowsMax: 500,
  pagesAtOnceMax: 2,
};

export interface FeedReaderOptions {
  db: Database;
  wakeUps: WakeUps;
  log: Log;
  limits?: Partial<FeedLimits>;
}

interface LiveTenant {
  tail: TenantTail;
  subscribers: number;
  unlisten(): void;
}

/** The feeds of all tenants, as one process reads them. Nothing runs for a tenant without subscribers. */
export class FeedReader {
  readonly #db: Database;
  readonly #wakeUps: WakeUps;
  readonly #log: Log;
  readonly #limits: FeedLimits;
  readonly #live = new Map<string, LiveTenant>();
  readonly #pages = new Map<string, Promise<ChangeRecord[]>>();
  readonly #limiter: Limiter;
  /** Who owns the contacts that changes are about. */
  readonly owners: ContactOwners;
  #pollTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: FeedReaderOptions) {
    this.#db = options.db;
    this.#wakeUps = options.wakeUps;
    this.#log = options.log;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#limiter = new Limiter(this.#limits.pagesAtOnceMax);
    this.owners = new ContactOwners(options.db);
  }

  /** True while the tenant is being read because somebody subscribed. */
  isLive(tenantId: string): boolean {
    return this.#live.has(tenantId);
  }

  /** Changes held in memory for a tenant. */
  heldRecords(tenantId: string): number {
    return this.#live.get(tenantId)?.tail.size ?? 0;
  }

  /** Where the tenant's feed stands now. */
  head(tenantId: string): Promise<FeedHead> {
    return readFeedHead(this.#db, tenantId);
  }

  /** The cursor after which the tenant's feed goes on from `position`. */
  cursor(tenantId: string, position: bigint): string {
    return encodeCursor(this.#scope(tenantId), position);
  }

  /**
   * The position that a cursor names, checked against the feed.
   * @throws LeadpulseError BAD_USER_INPUT, CURSOR_EXPIRED.
   */
  async checkedPosition(tenantId: string, after: string): Promise<bigint> {
    const position = decodeCursor(this.#scope(tenantId), after);
    checkAgainst(await this.head(tenantId), position);
    return position;
  }

  /**
   * A subscriber that pulls the changes after a cursor. The caller closes it.
   * @param after a cursor; the head of the feed, as committed now, when null or absent.
   * @throws LeadpulseError BAD_USER_INPUT, CURSOR_EXPIRED; UNAVAILABLE once the reader is closed.
   */
  async subscribe(tenantId: string, after: string | null | undefined): Promise<FeedSubscriber> {
    const asked = after == null ? null : decodeCursor(this.#scope(tenantId), after);
    const head = await this.head(tenantId);
    if (asked !== null) checkAgainst(head, asked);
    if (this.#closed)
      throw new LeadpulseError('UNAVAILABLE', 'The server is shutting down; subscribe at another one.');
    // The tail begins at the head, however far back its first subscriber is: the table serves the way there.
    return this.#subscriber(tenantId, this.#enter(tenantId, head.position), asked ?? head.position);
  }

  /**
   * The changes after a position, from the table; empty at the end of the feed.
   * @param limit rows at most, and never more than a page.
   * @throws LeadpulseError CURSOR_EXPIRED when retention has removed the next one.
   */
  async readPage(tenantId: string, after: bigint, limit: number): Promise<ChangeRecord[]> {
    const rows = Math.min(limit, this.#limits.pageRowsMax);
    const key = `${tenantId} ${after} ${rows}`;
    // After a restart many come back with the same cursor: they share the read.
    const shared = this.#pages.get(key);
    if (shared) return shared;
    const page = this.#limiter.run(() => this.#readTable(tenantId, after, rows));
    this.#pages.set(key, page);
    try {
      return await page;
    } finally {
      this.#pages.delete(key);
    }
  }

  /** Ends all reading; whoever subscribed is let go first. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#pollTimer);
    for (const live of this.#live.values()) {
      live.unlisten();
      live.tail.stop();
    }
    this.#live.clear();
  }

  #scope(tenantId: string): CursorScope {
    return { installationId: this.#db.installationId, tenantId };
  }

  async #readTable(tenantId: string, after: bigint, limit: number): Promise<ChangeRecord[]> {
    const records = await tenantRead(this.#db, tenantId, (client) =>
      readChanges(client, tenantId, after, limit),
    );
    const last = records.at(-1);
    if (last?.position === after + BigInt(records.length)) return records;
    // Positions are gapless, so what is missing is either still to come or was removed.
    const { position, floor } = await this.head(tenantId);
    if (last || floor > after || position < after) throw cursorExpired(NOT_KEPT);
    return records;
  }

  #enter(tenantId: string, position: bigint): LiveTenant {
    return this.#live.get(tenantId) ?? this.#startTail(tenantId, position);
  }

  #subscriber(tenantId: string, live: LiveTenant, position: bigint): FeedSubscriber {
    live.subscribers += 1;
    let open = true;
    return new FeedSubscriber({
      position,
      tail: live.tail,
      readPage: (from, limit) => this.readPage(tenantId, from, limit),
      pageRowsMax: this.#limits.pageRowsMax,
      fork: (from) => this.#subscriber(tenantId, live, from),
      onClose: () => {
        if (open) this.#leave(tenantId, live);
        open = false;
      },
    });
  }

  #startTail(tenantId: string, position: bigint): LiveTenant {
    const tail = new TenantTail({
      tenantId,
      position,
      bounds: { recordsMax: this.#limits.ringRecordsMax, reasonCharsMax: this.#limits.ringReasonCharsMax },
      readRowsMax: this.#limits.pageRowsMax,
      read: (after, limit) =>
        tenantRead(this.#db, tenantId, (client) => readChanges(client, tenantId, after, limit)),
      log: this.#log,
    });
    const live = { tail, subscribers: 0, unlisten: this.#wakeUps.onWake(tenantId, () => tail.wake()) };
    this.#live.set(tenantId, live);
    tail.wake();
    if (this.#pollTimer === undefined) this.#pollLater();
    return live;
  }

  #leave(tenantId: string, live: LiveTenant): void {
    live.subscribers -= 1;
    if (live.subscribers > 0) return;
    live.unlisten();
    live.tail.stop();
    if (this.#live.get(tenantId) === live) this.#live.delete(tenantId);
  }

  #pollLater(): void {
    if (this.#closed) return;
    this.#pollTimer = setTimeout(async () => {
      try {
        await this.#poll();
      } catch (error) {
        this.#log.warn({ err: error }, 'could not poll the feeds');
      }
      if (this.#live.size > 0) this.#pollLater();
      else this.#pollTimer = undefined;
    }, this.#limits.pollMs);
  }

  /** One statement for all tenants with subscribers. */
  async #poll(): Promise<void> {
    // Taken before the question: a tail may move while it is answered.
    const known = [...this.#live].map(([tenantId, { tail }]) => ({
      tenantId,
      tail,
      position: tail.position,
    }));
    if (known.length === 0) return;
    const heads = await readFeedHeads(
      this.#db,
      known.map(({ tenantId }) => tenantId),
    );
    for (const { tenantId, tail, position } of known) {
      const head = heads.get(tenantId);
      if (head && head.position < position) this.#expire(tenantId, tail);
      else if (head && head.position > position) tail.wake();
    }
  }

  /** The database was set back under us (restored from a backup): whoever goes on by position would miss what is new. */
  #expire(tenantId: string, tail: TenantTail): void {
    const live = this.#live.get(tenantId);
    if (live?.tail === tail) {
      live.unlisten();
      this.#live.delete(tenantId);
    }
    tail.fail(cursorExpired(SET_BACK));
  }
}

function checkAgainst(head: FeedHead, position: bigint): void {
  if (position > head.position) throw cursorExpired(SET_BACK);
  if (position < head.floor) throw cursorExpired(NOT_KEPT);
}
