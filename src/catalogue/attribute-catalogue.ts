import { setTimeout as delay } from 'node:timers/promises';
import { LeadpulseError } from '../errors.js';
import { Limiter } from '../feed/limiter.js';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import type { AttributeCounts } from './attribute-count.js';
import { claimCounting, readStoredCounts, releaseCounting, storeCounts } from './attribute-count-store.js';
import { CONTACTS_READ_MAX, countAttributes, countContacts } from './count-attributes.js';

/** For how long counts are good where all contacts are read: that is done while the caller waits. */
const SMALL_FRESH_MS = 3_000;
/** For how long they are good where there are more contacts: after that they are counted anew in the background. */
const LARGE_FRESH_MS = 10 * 60_000;
/** Tenants of either size whose contacts this process counts at the same time. */
const SMALL_AT_ONCE_MAX = 2;
const LARGE_AT_ONCE_MAX = 1;
/** Tenants that wait for that; others are told to come again. */
const COUNTS_WAITING_MAX = 100;
/** How long the first count of many contacts is waited for. */
const FIRST_COUNT_WAIT_MS = 5_000;
const POLL_MS = 50;

export interface AttributeCatalogueOptions {
  db: Database;
  log: Log;
}

/** What attributes the contacts of a tenant have: counted when asked for, and kept for a while. */
export class AttributeCatalogue {
  readonly #options: AttributeCatalogueOptions;
  readonly #small = new Limiter(SMALL_AT_ONCE_MAX);
  readonly #large = new Limiter(LARGE_AT_ONCE_MAX);
  /** By tenant; one count at a time each. */
  readonly #counting = new Map<string, Promise<AttributeCounts | null>>();
  readonly #abort = new AbortController();

  constructor(options: AttributeCatalogueOptions) {
    this.#options = options;
  }

  /** Ends what is being counted. */
  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.allSettled(this.#counting.values());
  }

  /**
   * The counts: at most `SMALL_FRESH_MS` old for up to `CONTACTS_READ_MAX` contacts, else see `latest`.
   * @throws LeadpulseError UNAVAILABLE while many contacts are counted for the first time, or too much is being counted.
   */
  async counts(tenantId: string): Promise<AttributeCounts> {
    const { db } = this.#options;
    const stored = await readStoredCounts(db, tenantId);
    if (stored && Date.now() - stored.countedAtMs < SMALL_FRESH_MS) return stored;
    const contacts = await countContacts(db, tenantId, CONTACTS_READ_MAX + 1);
    if (contacts > CONTACTS_READ_MAX) return (await this.latest(tenantId)) ?? this.#firstCount(tenantId);
    const counted = await this.#count(tenantId, () => this.#small.run(() => this.#countAndStore(tenantId)));
    if (!counted) throw notYet();
    return counted;
  }

  /**
   * The counts as they are stored; null when there are none. Without, or with those older than `LARGE_FRESH_MS`, the contacts
   * are counted in the background, by one process at a time.
   */
  async latest(tenantId: string): Promise<AttributeCounts | null> {
    const { db, log } = this.#options;
    const stored = await readStoredCounts(db, tenantId);
    if (stored && Date.now() - stored.countedAtMs < LARGE_FRESH_MS) return stored;
    this.#count(tenantId, () => this.#large.run(() => this.#countClaimed(tenantId))).catch(
      (error: unknown) => {
        if (!this.#abort.signal.aborted) log.warn({ err: error }, 'the attributes were not counted');
      },
    );
    return stored;
  }

  /** Waits for the count that this process or another one has begun. */
  async #firstCount(tenantId: string): Promise<AttributeCounts> {
    const deadlineMs = Date.now() + FIRST_COUNT_WAIT_MS;
    while (Date.now() < deadlineMs && !this.#abort.signal.aborted) {
      const counted = await readStoredCounts(this.#options.db, tenantId);
      if (counted) return counted;
      await delay(POLL_MS);
    }
    throw notYet();
  }

  /** Joins the count of the tenant that is under way, or begins one. @returns null when it is not done here. */
  #count(tenantId: string, begin: () => Promise<AttributeCounts | null>): Promise<AttributeCounts | null> {
    const known = this.#counting.get(tenantId);
    if (known) return known;
    if (this.#counting.size >= COUNTS_WAITING_MAX) return Promise.resolve(null);
    const counting = begin().finally(() => this.#counting.delete(tenantId));
    this.#counting.set(tenantId, counting);
    return counting;
  }

  async #countClaimed(tenantId: string): Promise<AttributeCounts | null> {
    const { db } = this.#options;
    if (this.#abort.signal.aborted || !(await claimCounting(db, tenantId))) return null;
    try {
      return await this.#countAndStore(tenantId);
    } catch (error) {
      await releaseCounting(db, tenantId).catch(() => undefined);
      throw error;
    }
  }

  async #countAndStore(tenantId: string): Promise<AttributeCounts> {
    const counts = await countAttributes(this.#options.db, tenantId, this.#abort.signal);
    await storeCounts(this.#options.db, tenantId, counts);
    return counts;
  }
}

function notYet(): LeadpulseError {
  return new LeadpulseError('UNAVAILABLE', 'The contacts are being counted. Ask again in a few seconds.');
}
