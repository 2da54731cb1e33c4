import type pg from 'pg';
import type { ContactService } from '../contacts/contact-service.js';
import type { IngestOutcome } from '../ingest/ingest-item.js';
import type { Recorder } from '../ingest/recorder.js';
import type { JsonObject } from '../scoring/json-value.js';
import type { Database } from '../store/database.js';
import { type ClaimedJob, noteJobProgress } from '../store/jobs/job-claims.js';
import type { JobRunEnd } from '../store/jobs/job-worker.js';
import { tenantRead } from '../store/tenant-scope.js';
import {
  BULK_FAULTS_MAX,
  type BulkAction,
  type BulkFault,
  bulkItem,
  bulkItemKey,
  type RecordedBulkAction,
} from './bulk-action.js';
import { fixSelection } from './fix-selection.js';

/** Items handed to the recorder at a time: one batch, so that live traffic gets its turn in between. */
const STRETCH_ITEMS_MAX = 500;

export interface BulkRunOptions {
  db: Database;
  contacts: ContactService;
  recorder: Recorder;
  /** Called after each commit that moved the job on. */
  announce(tenantId: string): void;
}

/** The database or the recorder is overloaded or away: the job rests and goes on where it stood. */
export class BulkOverloaded extends Error {}

interface Part {
  part: number;
  contactIds: string[];
}

interface Tally {
  changed: number;
  faults: BulkFault[];
}

interface ActionRow {
  action: BulkAction;
  filter: JsonObject | null;
  contact_ids: string[] | null;
  fixed: boolean;
}

/**
 * One process's work on one bulk action: part after part. A part that was begun before a crash is done again, which changes
 * nothing: entries carry an idempotency key each, and an owner is set to the same.
 */
export class BulkRun {
  readonly #options: BulkRunOptions;
  readonly #job: ClaimedJob;

  constructor(options: BulkRunOptions, job: ClaimedJob) {
    this.#options = options;
    this.#job = job;
  }

  /** @throws LeadpulseError for what no further try mends, any other error for what may pass. */
  async run(signal: AbortSignal): Promise<JobRunEnd> {
    const { db, contacts, announce } = this.#options;
    const { tenantId } = this.#job;
    const row = await this.#read();
    if (!row.fixed) {
      const selection = { filter: row.filter, contactIds: row.contact_ids };
      if (!(await fixSelection(db, contacts, this.#job, selection))) return 'lost';
      announce(tenantId);
    }
    for (;;) {
      if (signal.aborted) return 'stopped';
      const part = await this.#nextPart();
      if (!part) return 'complete';
      const isOurs =
        row.action.kind === 'setOwner'
          ? await this.#setOwner(part, row.action.ownerId)
          : await this.#record(part, row.action);
      if (!isOurs) return 'lost';
      announce(tenantId);
    }
  }

  async #read(): Promise<ActionRow> {
    const { tenantId, id } = this.#job;
    return tenantRead(this.#options.db, tenantId, async (client) => {
      const { rows } = await client.query<ActionRow>(
        `SELECT action, filter, contact_ids, fixed_at IS NOT NULL AS fixed FROM bulk_actions
         WHERE tenant_id = $1 AND job_id = $2`,
        [tenantId, id],
      );
      const row = rows[0];
      if (!row) throw new Error('a bulk action without its row');
      return row;
    });
  }

  async #nextPart(): Promise<Part | null> {
    const { tenantId, id } = this.#job;
    const { rows } = await this.#options.db.reads.query<{ part: number; contact_ids: string[] }>({
      name: 'next_bulk_part',
      text: `SELECT part, contact_ids::text[] AS contact_ids FROM bulk_action_parts
        WHERE tenant_id = $1 AND job_id = $2 ORDER BY part LIMIT 1`,
      values: [tenantId, id],
    });
    const row = rows[0];
    return row ? { part: row.part, contactIds: row.contact_ids } : null;
  }

  async #record(part: Part, action: RecordedBulkAction): Promise<boolean> {
    const { db, recorder } = this.#options;
    const { tenantId, id } = this.#job;
    const tally: Tally = { changed: 0, faults: [] };
    for (let start = 0; start < part.contactIds.length; start += STRETCH_ITEMS_MAX) {
      const ids = part.contactIds.slice(start, start + STRETCH_ITEMS_MAX);
      const merged = await this.#mergedBefore(ids);
      const standing = ids.filter((contactId) => !merged.has(contactId));
      tally.faults.push(...[...merged].map((contactId) => ({ contactId, ...GONE })));
      const outcomes = await recorder.record(
        tenantId,
        standing.map((contactId) => bulkItem(action, id, contactId)),
      );
      outcomes.forEach((outcome, index) => {
        addOutcome(tally, standing[index] ?? '', outcome);
      });
      if (!(await noteJobProgress(db.reads, this.#job, { done: 0, cursor: null, total: null }))) return false;
    }
    return this.#inTransaction((client) => this.#close(client, part, tally));
  }

  /**
   * Those of the contacts that were merged into others before anything was recorded about them: their ids lead to contacts that
   * may be meant as well, and would have it twice.
   */
  async #mergedBefore(contactIds: readonly string[]): Promise<Set<string>> {
    const { tenantId, id: jobId } = this.#job;
    const merged = await tenantRead(this.#options.db, tenantId, async (client) => {
      const { rows } = await client.query<{ id: string }>({
        name: 'merged_bulk_contacts',
        text: `SELECT id FROM contacts WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND merged_into IS NOT NULL
            AND NOT EXISTS (SELECT FROM idempotency_keys k WHERE k.tenant_id = $1 AND k.key = $3::text || contacts.id::text)`,
        values: [tenantId, contactIds, bulkItemKey(jobId, '')],
      });
      return rows;
    });
    return new Set(merged.map((row) => row.id));
  }

  async #setOwner(part: Part, ownerId: string | null): Promise<boolean> {
    const { tenantId } = this.#job;
    return this.#inTransaction(async (client) => {
      // Locked in the order of ids, as everything that writes to contacts does.
      const { rows: found } = await client.query<{ id: string }>({
        name: 'lock_bulk_contacts',
        text: `SELECT id FROM contacts WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND merged_into IS NULL
          ORDER BY id FOR NO KEY UPDATE`,
        values: [tenantId, part.contactIds],
      });
      const { rowCount } = await client.query({
        name: 'set_bulk_owner',
        text: `UPDATE contacts SET owner_id = $3 WHERE tenant_id = $1 AND id = ANY($2::uuid[])
          AND owner_id IS DISTINCT FROM $3`,
        values: [tenantId, found.map((row) => row.id), ownerId],
      });
      const here = new Set(found.map((row) => row.id));
      const missing = part.contactIds.filter((id) => !here.has(id));
      const faults = missing.map((contactId) => ({ contactId, ...GONE }));
      return this.#close(client, part, { changed: rowCount ?? 0, faults });
    });
  }

  /** Takes the part away and counts it, unless the job has come into other hands. */
  async #close(client: pg.ClientBase, part: Part, { changed, faults }: Tally): Promise<boolean> {
    const { tenantId, id } = this.#job;
    const { rowCount } = await client.query({
      name: 'close_bulk_part',
      text: 'DELETE FROM bulk_action_parts WHERE tenant_id = $1 AND job_id = $2 AND part = $3',
      values: [tenantId, id, part.part],
    });
    if (rowCount !== 1) return false;
    await client.query({
      name: 'tally_bulk_part',
      text: `UPDATE bulk_actions SET changed = changed + $3::int, failed = failed + $4::int,
          faults = (SELECT coalesce(jsonb_agg(f ORDER BY n), '[]')
            FROM jsonb_array_elements(faults || $5::jsonb) WITH ORDINALITY AS a(f, n) WHERE n <= ${BULK_FAULTS_MAX})
        WHERE tenant_id = $1 AND job_id = $2`,
      values: [tenantId, id, changed, faults.length, JSON.stringify(faults.slice(0, BULK_FAULTS_MAX))],
    });
    return noteJobProgress(client, this.#job, { done: part.contactIds.length, cursor: null, total: null });
  }

  /** Commits when `work` says so. */
  async #inTransaction(work: (client: pg.ClientBase) => Promise<boolean>): Promise<boolean> {
    return tenantRead(this.#options.db, this.#job.tenantId, async (client) => {
      await client.query('BEGIN');
      const isOurs = await work(client);
      await client.query(isOurs ? 'COMMIT' : 'ROLLBACK');
      return isOurs;
    });
  }
}

const GONE = { code: 'NOT_FOUND', message: 'There is no such contact, or it was merged into another.' };

function addOutcome(tally: Tally, contactId: string, outcome: IngestOutcome): void {
  if (outcome.status !== 'REJECTED') {
    if (outcome.changed) tally.changed += 1;
    return;
  }
  const { code, message } = outcome.error;
  if (code === 'UNAVAILABLE') throw new BulkOverloaded(message);
  tally.faults.push({ contactId, code, message });
}
