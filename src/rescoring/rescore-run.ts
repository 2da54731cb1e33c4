import type pg from 'pg';
import { type TimelineNeeds, timelineNeedsOf } from '../scoring/timeline-needs.js';
import type { Database } from '../store/database.js';
import { type ClaimedJob, noteJobProgress } from '../store/jobs/job-claims.js';
import type { JobRunEnd } from '../store/jobs/job-worker.js';
import type { ActiveModels, ModelRegistry } from '../store/model-registry.js';
import { scopeConnection } from '../store/tenant-scope.js';
import { isEpochMoved } from '../store/write-scores.js';
import { advanceChunk, type ChunkScores, type ScoringScope, scoreContacts } from './advance-chunk.js';
import { chunkTransaction } from './chunk-transaction.js';
import { type ReadChunk, readChunk } from './read-chunk.js';
import { lockChunk, writeReadChunk } from './write-chunk.js';

/** Contacts in one transaction. */
const CHUNK_CONTACTS_MAX = 500;
const CHUNK_CONTACTS_MIN = 20;
/** What a chunk should weigh: where timelines are long it has fewer contacts. Three chunks are held at a time. */
const CHUNK_WEIGHT_AIM = 20_000;
/** An entry weighs 1, and so do so many characters of properties. */
const CHARS_PER_WEIGHT = 200;
/** How much smaller a chunk is at each further try. */
const SHRINK_PER_TRY = 4;
/** Times that a run begins anew at the same place because a model was published meanwhile. */
const STARTS_MAX = 20;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export interface RescoreRunOptions {
  /** Two connections for batches are in use at a time: one reads ahead, the other writes. */
  db: Pick<Database, 'writes'>;
  registry: ModelRegistry;
  /** Called after each commit: progress was noted, and scores may have changed. */
  announce(tenantId: string): void;
}

/**
 * One process's work on one rescoring job: chunk after chunk in the order of contact ids, from the job's cursor on. While
 * one chunk is written, the next is scored and the one after that is read; each commits together with the job's cursor.
 */
export class RescoreRun {
  readonly #options: RescoreRunOptions;
  readonly #job: ClaimedJob;
  #contactsMax: number;
  /** Where the committed work ends. */
  #cursor: string;

  constructor(options: RescoreRunOptions, job: ClaimedJob) {
    this.#options = options;
    this.#job = job;
    this.#cursor = job.cursor ?? FIRST_ID;
    // A chunk that took more memory, or more time, than there is fails again as it is.
    const atThisTry = CHUNK_CONTACTS_MAX / SHRINK_PER_TRY ** Math.max(0, job.tries - 1);
    this.#contactsMax = Math.max(CHUNK_CONTACTS_MIN, Math.floor(atThisTry));
  }

  /**
   * Works until there is nothing left.
   * @throws whatever a chunk failed with; what is committed stays, and the job's cursor stands behind it.
   */
  async run(signal: AbortSignal): Promise<JobRunEnd> {
    const reader = await this.#options.db.writes.connect();
    try {
      await reader.query(scopeConnection(this.#job.tenantId));
      if (this.#job.cursor === null) await this.#countContacts(reader);
      for (let starts = 1; ; starts++) {
        const from = this.#cursor;
        const end = await this.#passOn(reader, signal).catch((error: unknown) => {
          if (this.#cursor !== from) starts = 0;
          // A model was published meanwhile: what was read ahead is of no use any more.
          if (isEpochMoved(error) && starts < STARTS_MAX) return null;
          throw error;
        });
        if (end !== null) return end;
      }
    } finally {
      // It is scoped to the tenant, which nobody else may inherit.
      reader.release(true);
    }
  }

  async #countContacts(reader: pg.ClientBase): Promise<void> {
    const { rows } = await reader.query<{ total: number }>({
      name: 'count_contacts',
      text: 'SELECT count(*)::int AS total FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL',
      values: [this.#job.tenantId],
    });
    await noteJobProgress(reader, this.#job, { done: 0, cursor: null, total: rows[0]?.total ?? 0 });
  }

  /** Goes on from the cursor with the models as they are now. */
  async #passOn(reader: pg.ClientBase, signal: AbortSignal): Promise<JobRunEnd> {
    const { registry } = this.#options;
    const { tenantId } = this.#job;
    const active = await registry.current(tenantId);
    const scope = { client: reader, tenantId, active, registry };
    const needs = timelineNeedsOf(active.models.map(({ compiled }) => compiled));
    let reading = awaitedLater(this.#read(scope, needs, this.#cursor));
    let writing = Promise.resolve(true);
    try {
      for (;;) {
        const chunk = await reading;
        if (chunk === null || signal.aborted) {
          if (!(await writing)) return 'lost';
          return chunk === null ? 'complete' : 'stopped';
        }
        reading = awaitedLater(this.#read(scope, needs, chunk.lastId));
        const scores = await scoreContacts(scope, chunk.contacts, chunk.nowMs);
        if (!(await writing)) return 'lost';
        writing = awaitedLater(this.#write(active, chunk, scores));
      }
    } finally {
      await Promise.allSettled([reading, writing]);
    }
  }

  async #read(scope: ScoringScope, needs: TimelineNeeds, afterId: string): Promise<ReadChunk | null> {
    const chunk = await readChunk(scope, needs, afterId, this.#contactsMax);
    const weight = chunk ? chunk.entries + chunk.bodyChars / CHARS_PER_WEIGHT : 0;
    if (chunk && weight > 0) {
      const fitting = Math.floor((chunk.contactIds.length * CHUNK_WEIGHT_AIM) / weight);
      this.#contactsMax = Math.min(CHUNK_CONTACTS_MAX, Math.max(CHUNK_CONTACTS_MIN, fitting));
    }
    return chunk;
  }

  /** @returns false when the job is no longer this process's. */
  async #write(active: ActiveModels, chunk: ReadChunk, scores: ChunkScores): Promise<boolean> {
    for (const contactId of chunk.longContactIds) await this.#rescoreAlone(active, contactId);
    const { db, registry, announce } = this.#options;
    const { tenantId } = this.#job;
    const isOurs = await chunkTransaction(db, tenantId, (transaction) =>
      writeReadChunk({ ...transaction, tenantId, active, registry }, this.#job, chunk, scores),
    );
    if (!isOurs) return false;
    this.#cursor = chunk.lastId;
    announce(tenantId);
    return true;
  }

  /** A contact whose replay takes long gets a transaction of its own, so that nobody else is locked meanwhile. */
  async #rescoreAlone(active: ActiveModels, contactId: string): Promise<void> {
    const { db, registry } = this.#options;
    const { tenantId } = this.#job;
    await chunkTransaction(db, tenantId, async (transaction) => {
      const { rowCount } = await transaction.client.query(lockChunk(tenantId, [contactId]));
      if (rowCount === 1) await advanceChunk({ ...transaction, tenantId, active, registry }, [contactId]);
    });
  }
}

/** A promise that may fail before anybody waits for it, which by itself would end the process. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
