import type pg from 'pg';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { WorkerLoop } from '../worker-loop.js';
import { advanceChunk } from './advance-chunk.js';
import { againIfEpochMoved, chunkTransaction } from './chunk-transaction.js';

const CHUNK_CONTACTS_MAX = 200;
/** How long a claim lasts without a chunk done: after that another process takes the job up where it stands. */
const LEASE_MS = 30_000;
const IDLE_DELAY_MS = 500;
const ERROR_DELAY_MS = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export interface RescoreWorkerOptions {
  db: Database;
  registry: ModelRegistry;
  log: Log;
  /** Called after a commit that changed scores. */
  announce(tenantId: string): void;
}

interface ClaimedJob {
  tenant_id: string;
  id: string;
  cursor: string | null;
}

/**
 * Brings every contact to the newest version of a published model: job by job, chunk by chunk in the order of contact
 * ids. Each chunk commits together with the job's cursor, so that any process can go on after a crash. Contacts that
 * are written to meanwhile are brought to the new version on the spot and only passed here.
 */
export class RescoreWorker {
  readonly #options: RescoreWorkerOptions;
  readonly #loop: WorkerLoop;

  constructor(options: RescoreWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'rescore',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: (signal) => this.#turn(signal),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Looks for jobs at once instead of at the next turn. */
  nudge(): void {
    this.#loop.nudge();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #turn(signal: AbortSignal): Promise<number> {
    const job = await this.#claim();
    if (!job) return IDLE_DELAY_MS;
    try {
      let cursor: string | null = job.cursor ?? FIRST_ID;
      while (cursor !== null && !signal.aborted) {
        const from: string = cursor;
        cursor = await this.#runChunk(job, from).catch((error: unknown) => againIfEpochMoved(error, from));
      }
    } finally {
      await this.#release(job);
    }
    return 0;
  }

  /** Takes the oldest open job that nobody works on. */
  async #claim(): Promise<ClaimedJob | null> {
    const { rows } = await this.#options.db.reads.query<ClaimedJob>({
      name: 'claim_job',
      text: `UPDATE jobs SET state = 'RUNNING', started_at = coalesce(started_at, clock_timestamp()),
          leased_until = clock_timestamp() + interval '${LEASE_MS} ms'
        WHERE (tenant_id, id) = (SELECT tenant_id, id FROM jobs
          WHERE finished_at IS NULL AND kind = 'RESCORE' AND (leased_until IS NULL OR leased_until < clock_timestamp())
          ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING tenant_id, id, cursor`,
    });
    const job = rows[0];
    if (job && job.cursor === null) await this.#countContacts(job);
    return job ?? null;
  }

  #countContacts(job: ClaimedJob): Promise<unknown> {
    return chunkTransaction(this.#options.db, job.tenant_id, (client) =>
      client.query(
        `UPDATE jobs SET total = (SELECT count(*) FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL)
         WHERE tenant_id = $1 AND id = $2`,
        [job.tenant_id, job.id],
      ),
    );
  }

  /** Gives an unfinished job back at once, so that nobody waits for the lease to end. */
  async #release(job: ClaimedJob): Promise<void> {
    await this.#options.db.reads.query({
      name: 'release_job',
      text: 'UPDATE jobs SET leased_until = NULL WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL',
      values: [job.tenant_id, job.id],
    });
  }

  /** @returns the last contact of the chunk; null when the job is over, done or superseded. */
  async #runChunk(job: ClaimedJob, cursor: string): Promise<string | null> {
    const { db, registry, announce } = this.#options;
    const active = await registry.current(job.tenant_id);
    let changes = 0;
    const next = await chunkTransaction(db, job.tenant_id, async (client) => {
      // Waits for busy contacts: whoever holds one need not be writing its score.
      const { rows } = await client.query<{ id: string }>({
        name: 'lock_chunk',
        text: `SELECT id FROM contacts WHERE tenant_id = $1 AND id > $2 AND merged_into IS NULL
          ORDER BY id LIMIT ${CHUNK_CONTACTS_MAX} FOR NO KEY UPDATE`,
        values: [job.tenant_id, cursor],
      });
      const ids = rows.map((row) => row.id);
      const last = ids.at(-1) ?? null;
      if (!(await noteProgress(client, job, ids.length, last))) return null;
      if (last !== null)
        changes = await advanceChunk({ client, tenantId: job.tenant_id, active, registry }, ids);
      return last;
    });
    if (changes > 0) announce(job.tenant_id);
    return next;
  }
}

/** Moves the job's cursor, or ends it when no contact is left. @returns false when the job is not open any more. */
async function noteProgress(
  client: pg.ClientBase,
  job: ClaimedJob,
  done: number,
  last: string | null,
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'note_progress',
    text: `UPDATE jobs SET done = done + $3, cursor = coalesce($4, cursor),
        leased_until = clock_timestamp() + interval '${LEASE_MS} ms',
        state = CASE WHEN $4::uuid IS NULL THEN 'DONE' ELSE state END,
        finished_at = CASE WHEN $4::uuid IS NULL THEN clock_timestamp() END
      WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL`,
    values: [job.tenant_id, job.id, done, last],
  });
  return rowCount === 1;
}
