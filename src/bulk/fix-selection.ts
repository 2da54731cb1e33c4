import type pg from 'pg';
import type { ContactService } from '../contacts/contact-service.js';
import { readMatchingIds } from '../contacts/matching-ids.js';
import type { PreparedFilter } from '../contacts/prepare-filter.js';
import { decodeFilter } from '../contacts/saved-filter.js';
import type { JsonObject } from '../scoring/json-value.js';
import type { Database } from '../store/database.js';
import { type ClaimedJob, noteJobProgress } from '../store/jobs/job-claims.js';
import { tenantRead } from '../store/tenant-scope.js';

/** Contacts of one part: what commits at a time when the action is done. */
const PART_CONTACTS_MAX = 1_000;
/** Ids read at a time. */
const STRETCH_IDS_MAX = 20_000;

/** What `bulk_actions` says about who is meant. */
export interface StoredSelection {
  filter: JsonObject | null;
  contactIds: string[] | null;
}

/**
 * Settles who is meant, once: all ids as they are at one instant, in parts, in the order of ids.
 * @returns false when the job is no longer this process's; nothing was settled then.
 * @throws LeadpulseError for a filter that cannot be asked any more, TOO_COMPLEX when it takes too long.
 */
export async function fixSelection(
  db: Database,
  contacts: ContactService,
  job: ClaimedJob,
  selection: StoredSelection,
): Promise<boolean> {
  const { tenantId } = job;
  const prepared =
    selection.filter === null
      ? null
      : await contacts.prepare(tenantId, decodeFilter(selection.filter), 'input.filter');
  return tenantRead(db, tenantId, async (client) => {
    // One snapshot for all stretches: who is created or changes meanwhile is not in it.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    try {
      const parts = new PartWriter(client, job);
      const isOurs = (total: number | null) =>
        noteJobProgress(db.reads, job, { done: 0, cursor: null, total });
      if (prepared === null) await parts.add(selection.contactIds ?? []);
      const isAll =
        prepared === null || (await gather(client, tenantId, prepared, parts, () => isOurs(null)));
      if (!isAll || !(await isOurs(parts.contacts))) {
        await client.query('ROLLBACK');
        return false;
      }
      // An erasure that has changed the row since the snapshot was taken makes this fail; the next try reads it anew.
      await client.query(
        'UPDATE bulk_actions SET fixed_at = now(), contact_ids = NULL WHERE tenant_id = $1 AND job_id = $2',
        [tenantId, job.id],
      );
      await client.query('COMMIT');
      return true;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  });
}

/** @returns false when the job came into other hands before everybody was found. */
async function gather(
  client: pg.ClientBase,
  tenantId: string,
  prepared: PreparedFilter,
  parts: PartWriter,
  isOurs: () => Promise<boolean>,
): Promise<boolean> {
  let afterId: string | null = null;
  for (;;) {
    const ids: string[] = await readMatchingIds(client, tenantId, prepared, afterId, STRETCH_IDS_MAX);
    await parts.add(ids);
    afterId = ids.at(-1) ?? null;
    if (ids.length < STRETCH_IDS_MAX) return true;
    if (!(await isOurs())) return false;
  }
}

class PartWriter {
  contacts = 0;
  readonly #client: pg.ClientBase;
  readonly #job: ClaimedJob;
  #parts = 0;

  constructor(client: pg.ClientBase, job: ClaimedJob) {
    this.#client = client;
    this.#job = job;
  }

  async add(ids: readonly string[]): Promise<void> {
    const writes: Promise<unknown>[] = [];
    for (let start = 0; start < ids.length; start += PART_CONTACTS_MAX) {
      this.#parts += 1;
      const part = ids.slice(start, start + PART_CONTACTS_MAX);
      writes.push(
        this.#client.query({
          name: 'insert_bulk_part',
          text: 'INSERT INTO bulk_action_parts (tenant_id, job_id, part, contact_ids) VALUES ($1, $2, $3, $4::uuid[])',
          values: [this.#job.tenantId, this.#job.id, this.#parts, part],
        }),
      );
    }
    await Promise.all(writes);
    this.contacts += ids.length;
  }
}
