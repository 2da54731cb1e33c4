import { randomUUID } from 'node:crypto';
import { type ClaimedJob, JOB_LEASE_MS, type JobConnection } from './job-claims.js';
import type { JobKind } from './job-row.js';

/**
 * Claims one job, also from another process that works on it, which notices at its next note of progress. For jobs that
 * callers drive: whoever asked last goes on with it.
 * @returns null when there is no such job, or it is over.
 */
export async function takeJob(
  connection: JobConnection,
  tenantId: string,
  id: string,
  kind: JobKind,
): Promise<ClaimedJob | null> {
  const claim = randomUUID();
  const { rows } = await connection.query<{ done: number; tries: number }>({
    name: 'take_job',
    text: `UPDATE jobs SET state = 'RUNNING', started_at = coalesce(started_at, clock_timestamp()), leased_by = $4,
        leased_until = clock_timestamp() + interval '${JOB_LEASE_MS} ms', noted_at = clock_timestamp(), error = NULL
      WHERE tenant_id = $1 AND id = $2 AND kind = $3 AND finished_at IS NULL RETURNING done, tries`,
    values: [tenantId, id, kind, claim],
  });
  const row = rows[0];
  return row
    ? {
        tenantId,
        id,
        kind,
        modelId: null,
        version: null,
        cursor: null,
        done: row.done,
        tries: row.tries,
        claim,
      }
    : null;
}
