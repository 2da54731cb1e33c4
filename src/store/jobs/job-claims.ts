import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { FlightStatement } from '../flight.js';
import type { JobKind } from './job-row.js';

/** How long a claim lasts without a note of progress: after that another process takes the job up where it stands. */
export const JOB_LEASE_MS = 30_000;
/** Times that a job is begun again at the same place before it has failed. */
export const JOB_TRIES_MAX = 8;
/** Rest after the first try that failed; twice as long after each further one. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;
const ERROR_CHARS_MAX = 1_000;

/** Where statements about jobs can be sent: the table belongs to all tenants, so that no scope is needed. */
export type JobConnection = Pick<pg.ClientBase, 'query'>;

/** A job that this process works on until it finishes, fails or releases it, or is told that it is no longer its own. */
export interface ClaimedJob {
  tenantId: string;
  id: string;
  kind: JobKind;
  modelId: string | null;
  version: number | null;
  /** Where the work goes on; null at the beginning. */
  cursor: string | null;
  /** Contacts done so far. */
  done: number;
  /** How often it was begun at this place, this time included. */
  tries: number;
  /** Names this claim: what an earlier holder of the job still sends matches no row. */
  claim: string;
}

interface ClaimedDbRow {
  tenant_id: string;
  id: string;
  model_id: string | null;
  version: number | null;
  cursor: string | null;
  done: number;
  tries: number;
}

/** A worker that dies takes its reason with it, so the claimer says what is known. */
const CRASHED = `The processes that worked on it ended ${JOB_TRIES_MAX} times at the same place, without an answer.`;

/**
 * Takes the oldest open job of a kind that nobody works on. One that was begun `JOB_TRIES_MAX` times at the same place
 * has failed instead.
 * @param advice what to do about a job that has failed so; it goes with the reason.
 * @returns null when there is none.
 */
export async function claimJob(
  connection: JobConnection,
  kind: JobKind,
  advice = "The server's log has the cause.",
): Promise<ClaimedJob | null> {
  const claim = randomUUID();
  const { rows } = await connection.query<ClaimedDbRow>({
    name: 'claim_job',
    text: `WITH given_up AS (
        UPDATE jobs SET state = 'FAILED', error = coalesce(error, $3), finished_at = clock_timestamp(),
          leased_until = NULL, leased_by = NULL
        WHERE finished_at IS NULL AND kind = $1 AND tries >= ${JOB_TRIES_MAX} AND leased_until < clock_timestamp())
      UPDATE jobs SET state = 'RUNNING', started_at = coalesce(started_at, clock_timestamp()), leased_by = $2,
        leased_until = clock_timestamp() + interval '${JOB_LEASE_MS} ms', noted_at = clock_timestamp(),
        tries = tries + 1
      WHERE (tenant_id, id) = (SELECT tenant_id, id FROM jobs
        WHERE finished_at IS NULL AND kind = $1 AND tries < ${JOB_TRIES_MAX}
          AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING tenant_id, id, model_id, version, cursor, done, tries`,
    values: [kind, claim, `${CRASHED} ${advice}`],
  });
  const row = rows[0];
  if (!row) return null;
  const { tenant_id: tenantId, id, model_id: modelId, version, cursor, done, tries } = row;
  return { tenantId, id, kind, modelId, version, cursor, done, tries, claim };
}

/** Whether a job of this kind waits for somebody to claim it. */
export async function hasClaimableJob(connection: JobConnection, kind: JobKind): Promise<boolean> {
  const { rows } = await connection.query<{ found: boolean }>({
    name: 'has_claimable_job',
    text: `SELECT EXISTS (SELECT 1 FROM jobs WHERE finished_at IS NULL AND kind = $1
      AND (leased_until IS NULL OR leased_until < clock_timestamp())) AS found`,
    values: [kind],
  });
  return rows[0]?.found === true;
}

/** What a job has got done since the last note. */
export interface JobProgress {
  /** Contacts. */
  done: number;
  /** Where the work goes on; null leaves that as it is. */
  cursor: string | null;
  /** Contacts to do in all; null leaves that as it is. */
  total: number | null;
}

const MINE = 'WHERE tenant_id = $1 AND id = $2 AND leased_by = $3 AND finished_at IS NULL';
const WORKED =
  'worked_ms = worked_ms + extract(epoch FROM clock_timestamp() - noted_at) * 1000, noted_at = clock_timestamp()';

function keysOf(job: ClaimedJob): string[] {
  return [job.tenantId, job.id, job.claim];
}

/**
 * The statement that notes progress and prolongs the lease. It answers a row, and none when the job is no longer this
 * process's: cancelled, superseded, or taken up by another after the lease.
 */
export function jobProgressNote(job: ClaimedJob, { done, cursor, total }: JobProgress): FlightStatement {
  return {
    name: 'note_job_progress',
    text: `UPDATE jobs SET done = done + $4::int, cursor = coalesce($5::uuid, cursor),
        total = CASE WHEN total IS NULL AND $6::int IS NULL THEN NULL
          ELSE greatest(coalesce($6::int, total), done + $4::int) END,
        tries = CASE WHEN $4::int > 0 THEN 0 ELSE tries END, error = CASE WHEN $4::int > 0 THEN NULL ELSE error END,
        leased_until = clock_timestamp() + interval '${JOB_LEASE_MS} ms', ${WORKED} ${MINE} RETURNING id`,
    values: [...keysOf(job), done, cursor, total],
  };
}

/**
 * Notes progress and prolongs the lease; `{ done: 0, cursor: null, total: null }` only does the latter. Sent inside the
 * transaction of the work itself, it commits with it or not at all.
 * @returns false when the job is no longer this process's: stop working on it.
 */
export async function noteJobProgress(
  connection: JobConnection,
  job: ClaimedJob,
  progress: JobProgress,
): Promise<boolean> {
  const { rowCount } = await connection.query(jobProgressNote(job, progress));
  return rowCount === 1;
}

/** Ends a job that has done its work. @returns false when it is no longer this process's. */
export async function finishJob(connection: JobConnection, job: ClaimedJob): Promise<boolean> {
  const { rowCount } = await connection.query({
    name: 'finish_job',
    text: `UPDATE jobs SET state = 'DONE', total = done, error = NULL, finished_at = clock_timestamp(),
        leased_until = NULL, leased_by = NULL, ${WORKED} ${MINE}`,
    values: keysOf(job),
  });
  return rowCount === 1;
}

/**
 * Gives back a job whose try has failed: it rests, longer each time, and has failed for good after `JOB_TRIES_MAX` tries
 * at the same place.
 * @param reason what went wrong, and what to do about it; shown as `Job.error`.
 * @returns true when the job has failed for good.
 */
export async function retryJob(connection: JobConnection, job: ClaimedJob, reason: string): Promise<boolean> {
  const { rows } = await connection.query<{ failed: boolean }>({
    name: 'retry_job',
    text: `UPDATE jobs SET state = CASE WHEN tries >= ${JOB_TRIES_MAX} THEN 'FAILED' ELSE 'QUEUED' END,
        finished_at = CASE WHEN tries >= ${JOB_TRIES_MAX} THEN clock_timestamp() END,
        leased_until = CASE WHEN tries < ${JOB_TRIES_MAX} THEN clock_timestamp()
          + least(${RETRY_MAX_MS}, ${RETRY_FIRST_MS} * 2 ^ greatest(tries - 1, 0)) * interval '1 ms' END,
        leased_by = NULL, error = $4, ${WORKED} ${MINE} RETURNING finished_at IS NOT NULL AS failed`,
    values: [...keysOf(job), reason.slice(0, ERROR_CHARS_MAX)],
  });
  return rows[0]?.failed === true;
}

/** Ends a job that cannot be done, however often it is tried. @param reason as in `retryJob`. */
export async function failJob(connection: JobConnection, job: ClaimedJob, reason: string): Promise<void> {
  await connection.query({
    name: 'fail_job',
    text: `UPDATE jobs SET state = 'FAILED', error = $4, finished_at = clock_timestamp(), leased_until = NULL,
        leased_by = NULL, ${WORKED} ${MINE}`,
    values: [...keysOf(job), reason.slice(0, ERROR_CHARS_MAX)],
  });
}

/** Gives an unfinished job back at once, so that nobody waits for the lease to end; no try was spent. */
export async function releaseJob(connection: JobConnection, job: ClaimedJob): Promise<void> {
  await connection.query({
    name: 'release_job',
    text: `UPDATE jobs SET state = 'QUEUED', leased_until = NULL, leased_by = NULL, tries = greatest(tries - 1, 0), ${WORKED} ${MINE}`,
    values: keysOf(job),
  });
}
