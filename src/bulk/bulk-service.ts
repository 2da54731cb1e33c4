import type { EntityManager } from 'typeorm';
import type { ContactService } from '../contacts/contact-service.js';
import { encodeFilter } from '../contacts/saved-filter.js';
import { badInput, type FieldFault, LeadpulseError } from '../errors.js';
import { checkItem } from '../ingest/check-item.js';
import type { Database } from '../store/database.js';
import { SalesRep } from '../store/entities/sales-rep.js';
import { idempotencyMismatch } from '../store/idempotency-keys.js';
import { queueJob, reopenJob, selectJob } from '../store/jobs/job-queries.js';
import { isOver, type JobRow } from '../store/jobs/job-row.js';
import { tenantTransaction } from '../store/tenant-scope.js';
import { isUuid } from '../uuid.js';
import {
  BULK_IDS_MAX,
  BULK_RESUME_DAYS,
  type BulkAction,
  type BulkFault,
  type BulkResult,
  type BulkSelection,
  bulkItem,
} from './bulk-action.js';

const SOME_ID = '00000000-0000-7000-8000-000000000000';

/** Who starts a bulk action, in which tenant. */
export interface BulkRequester {
  tenantId: string;
  /** Name of the key, or the subject of the token. */
  name: string;
}

/** A bulk action as it is asked for. */
export interface BulkRequest {
  selection: BulkSelection;
  action: BulkAction;
  idempotency: { key: string; requestHash: Uint8Array } | null;
}

interface ResultDbRow {
  job_id: string;
  action: BulkAction;
  fixed_at: Date | null;
  changed: number;
  failed: number;
  faults: BulkFault[];
}

/** Starts bulk actions and says how far they are; `BulkWorker` does them. */
export class BulkService {
  readonly #db: Database;
  readonly #contacts: ContactService;

  constructor(db: Database, contacts: ContactService) {
    this.#db = db;
    this.#contacts = contacts;
  }

  /**
   * Queues a bulk action.
   * @returns its job; under a known idempotency key the one that was started before.
   * @throws LeadpulseError BAD_USER_INPUT with paths below `input`, NOT_FOUND for an unknown model, IDEMPOTENCY_MISMATCH.
   */
  async start({ tenantId, name }: BulkRequester, request: BulkRequest): Promise<JobRow> {
    checkAction(request.action);
    const selection = await this.#checked(tenantId, request.selection);
    return tenantTransaction(this.#db, tenantId, async (manager) => {
      const known = await knownJob(manager, tenantId, request);
      if (known) return known;
      await checkOwner(manager, tenantId, request.action);
      const job = await queueJob(manager, tenantId, {
        kind: 'BULK_ACTION',
        modelId: null,
        version: null,
        requestedBy: name,
      });
      await manager.query(
        'INSERT INTO bulk_actions (tenant_id, job_id, action, filter, contact_ids) VALUES ($1, $2, $3, $4, $5)',
        [
          tenantId,
          job.id,
          JSON.stringify(request.action),
          'filter' in selection ? JSON.stringify(encodeFilter(selection.filter)) : null,
          'contactIds' in selection ? selection.contactIds : null,
        ],
      );
      if (request.idempotency) await noteJob(manager, tenantId, request.idempotency.key, job.id);
      return job;
    });
  }

  /**
   * Lets an action that was cancelled or has failed go on with those who are left; nobody is done twice.
   * @returns its job, as it is when it is not over.
   * @throws LeadpulseError NOT_FOUND; CONFLICT when it has done its work, or it is no longer known who is left.
   */
  async resume(tenantId: string, jobId: string): Promise<JobRow> {
    const job = await tenantTransaction(this.#db, tenantId, async (manager) => {
      const known = isUuid(jobId) ? await selectJob(manager, tenantId, jobId) : null;
      if (known?.kind !== 'BULK_ACTION') return null;
      if (!isOver(known)) return known;
      if (known.state === 'DONE') throw notResumable('The action has done its work.');
      if (!(await isSelectionKept(manager, tenantId, jobId))) throw notResumable(NAMED_ERASED);
      const open = await reopenJob(manager, tenantId, jobId, BULK_RESUME_DAYS);
      if (!open) throw notResumable(`It ended more than ${BULK_RESUME_DAYS} days ago.`);
      return open;
    });
    if (job) return job;
    throw new LeadpulseError(
      'NOT_FOUND',
      'There is no bulk action of this id; `jobs(kinds: [BULK_ACTION])` lists them.',
    );
  }

  /** How far bulk actions are, in the order of their jobs; null where a job is none. */
  async results(tenantId: string, jobIds: readonly string[]): Promise<(BulkResult | null)[]> {
    const rows = await tenantTransaction(this.#db, tenantId, (manager) =>
      manager.query<ResultDbRow[]>(
        `SELECT job_id, action, fixed_at, changed, failed, faults FROM bulk_actions
         WHERE tenant_id = $1 AND job_id = ANY($2::uuid[])`,
        [tenantId, jobIds],
      ),
    );
    const byId = new Map(
      rows.map(({ job_id, fixed_at: fixedAt, ...rest }) => [job_id, { ...rest, fixedAt }]),
    );
    return jobIds.map((id) => byId.get(id) ?? null);
  }

  async #checked(tenantId: string, selection: BulkSelection): Promise<BulkSelection> {
    if ('filter' in selection) {
      await this.#contacts.prepare(tenantId, selection.filter, 'input.filter');
      return selection;
    }
    const { contactIds } = selection;
    if (contactIds.length > BULK_IDS_MAX) {
      const message = `Give at most ${BULK_IDS_MAX} ids; more are better named by a filter.`;
      throw badInput([{ path: 'input.contactIds', message }]);
    }
    const faults = contactIds.flatMap((id, index): FieldFault[] =>
      isUuid(id) ? [] : [{ path: `input.contactIds.${index}`, message: 'This is not the id of a contact.' }],
    );
    if (faults.length > 0) throw badInput(faults);
    return { contactIds: [...new Set(contactIds.map((id) => id.toLowerCase()))].sort() };
  }
}

const NAMED_ERASED = 'Its filter named a person who was erased.';

function notResumable(reason: string): LeadpulseError {
  return new LeadpulseError(
    'CONFLICT',
    `${reason} Start another with bulkUpdateContacts for those that it is still meant for.`,
  );
}

/** Whether it is known who is meant: erasing a person deletes filters that name them. */
async function isSelectionKept(manager: EntityManager, tenantId: string, jobId: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `SELECT 1 FROM bulk_actions WHERE tenant_id = $1 AND job_id = $2
       AND (fixed_at IS NOT NULL OR filter IS NOT NULL OR contact_ids IS NOT NULL)`,
    [tenantId, jobId],
  );
  return rows.length > 0;
}

/** An entry that could never be recorded is refused before anything is queued. */
function checkAction(action: BulkAction): void {
  const path = `input.action.${action.kind}`;
  if (action.kind === 'setOwner') {
    if (action.ownerId === null || isUuid(action.ownerId)) return;
    throw badInput([{ path: `${path}.ownerId`, message: 'must be a UUID' }]);
  }
  try {
    checkItem(bulkItem(action, SOME_ID, SOME_ID));
  } catch (error) {
    const fields = error instanceof LeadpulseError ? error.details.fields : undefined;
    if (!fields) throw error;
    const at = (field: FieldFault) => (field.path === 'list' ? path : `${path}.${field.path}`);
    throw badInput(fields.map((field) => ({ path: at(field), message: field.message })));
  }
}

async function checkOwner(manager: EntityManager, tenantId: string, action: BulkAction): Promise<void> {
  if (action.kind !== 'setOwner' || action.ownerId === null) return;
  if (await manager.existsBy(SalesRep, { tenantId, id: action.ownerId, active: true })) return;
  const message = 'There is no active sales representative of this id; `salesReps` lists them.';
  throw badInput([{ path: 'input.action.setOwner.ownerId', message }]);
}

/** Puts the key down, or finds the job that was started under it. */
async function knownJob(
  manager: EntityManager,
  tenantId: string,
  { idempotency }: BulkRequest,
): Promise<JobRow | null> {
  if (!idempotency) return null;
  const { key, requestHash } = idempotency;
  await manager.query(
    `INSERT INTO idempotency_keys (tenant_id, key, request_hash, result, created_at)
     VALUES ($1, $2, $3, '', now()) ON CONFLICT DO NOTHING`,
    [tenantId, key, requestHash],
  );
  const [row] = await manager.query<{ request_hash: Buffer; result: string }[]>(
    'SELECT request_hash, result FROM idempotency_keys WHERE tenant_id = $1 AND key = $2',
    [tenantId, key],
  );
  if (!row?.request_hash.equals(requestHash)) throw idempotencyMismatch(key);
  return row.result === '' ? null : selectJob(manager, tenantId, row.result);
}

async function noteJob(manager: EntityManager, tenantId: string, key: string, jobId: string): Promise<void> {
  await manager.query('UPDATE idempotency_keys SET result = $3 WHERE tenant_id = $1 AND key = $2', [
    tenantId,
    key,
    jobId,
  ]);
}
