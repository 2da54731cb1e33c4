import { LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { JobWorker } from '../store/jobs/job-worker.js';
import { BULK_RESUME_DAYS } from './bulk-action.js';
import { BulkRun, type BulkRunOptions } from './bulk-run.js';

/** How often parts of actions that cannot be resumed any more are removed. */
const CLEAR_EVERY_MS = 60_000;
const CLEARED_PARTS_MAX = 5_000;

export interface BulkWorkerOptions extends BulkRunOptions {
  log: Log;
}

/** Does bulk actions, and removes what is left of those that nobody can go on with. */
export class BulkWorker extends JobWorker {
  constructor(options: BulkWorkerOptions) {
    const { db, log, announce } = options;
    let clearedAtMs = 0;
    super({
      kind: 'BULK_ACTION',
      name: 'bulk',
      db,
      log,
      announce,
      run: (job, signal) => new BulkRun(options, job).run(signal),
      isFinal: (error) => error instanceof LeadpulseError,
      advice:
        "What was done until then stays, and bulkAction of the job says how much that is; the server's log has the rest. Once the cause is mended, resumeBulkAction goes on where it stopped.",
      onIdle: async () => {
        if (Date.now() - clearedAtMs < CLEAR_EVERY_MS) return;
        clearedAtMs = Date.now();
        await clearParts(db);
      },
    });
  }
}

/** The table holds ids only, and belongs to all tenants. */
async function clearParts({ reads }: Pick<Database, 'reads'>): Promise<void> {
  await reads.query(
    `DELETE FROM bulk_action_parts WHERE ctid = ANY (ARRAY(SELECT p.ctid FROM bulk_action_parts p
       JOIN jobs j ON j.tenant_id = p.tenant_id AND j.id = p.job_id
       WHERE j.finished_at < clock_timestamp() - interval '${BULK_RESUME_DAYS + 1} days' LIMIT ${CLEARED_PARTS_MAX}))`,
  );
}
