import type pg from 'pg';
import { Flight } from '../flight.js';
import { type LockedRow, lockContacts } from '../lock-contacts.js';
import type { ActiveModels, ModelRegistry } from '../model-registry.js';
import type { PublishedChange } from '../score-cursor.js';
import type { Rescored } from './rescore-contact.js';

/** Thrown when another transaction was quicker: the rewriting is done again and finds what that one wrote. */
export class RewriteOutpaced extends Error {}

/** One transaction that changes what was recorded: what it needs, and what it leaves for the feed. */
export class Rewrite {
  /** A pipelined connection in a transaction that is scoped to the tenant. */
  readonly client: pg.ClientBase;
  readonly tenantId: string;
  readonly active: ActiveModels;
  readonly registry: ModelRegistry;
  /** Name of the key, or the subject of the token, on whose behalf. */
  readonly by: string;
  /** To be put into the feed, in this order. */
  readonly changes: PublishedChange[] = [];
  /** The earliest instant at which one of the written scores falls due. */
  dueAtMs: number | null = null;
  /** To be set when an identity leads elsewhere from now on: batches that have looked it up are done again. */
  repointsIdentities = false;
  /** The database's clock, read under the last lock. */
  nowMs = 0;

  constructor(scope: Pick<Rewrite, 'client' | 'tenantId' | 'active' | 'registry' | 'by'>) {
    this.client = scope.client;
    this.tenantId = scope.tenantId;
    this.active = scope.active;
    this.registry = scope.registry;
    this.by = scope.by;
  }

  /**
   * Locks contacts that stand for themselves, in the order in which everybody does, waiting for those that are busy.
   * @throws RewriteOutpaced when one of them is gone or was merged meanwhile.
   */
  async lock(contactIds: readonly string[]): Promise<void> {
    const flight = new Flight();
    const locked = flight.add<LockedRow>(lockContacts(this.tenantId, contactIds, true));
    const clock = flight.add<{ now: number }>({
      name: 'rewrite_clock',
      text: 'SELECT clock_timestamp() AS now',
    });
    await flight.send(this.client);
    const standing = locked().rows.filter((row) => row.merged_into === null);
    if (standing.length < new Set(contactIds).size)
      throw new RewriteOutpaced('a contact was merged or erased');
    this.nowMs = clock().rows[0]?.now ?? 0;
  }

  /** Notes what was made of a contact's scores. */
  note({ rows, changes }: Rescored): void {
    this.changes.push(...changes);
    for (const { dueAtMs } of rows) {
      if (dueAtMs !== null) this.dueAtMs = Math.min(this.dueAtMs ?? dueAtMs, dueAtMs);
    }
  }
}
