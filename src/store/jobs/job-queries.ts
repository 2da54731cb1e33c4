import { type EntityManager, IsNull } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { Job } from '../entities/job.js';
import { ScoringModel } from '../entities/scoring-model.js';
import { type JobKind, type JobRow, type JobState, jobRowOf } from './job-row.js';

/** A job to be done by whichever process claims it. */
export interface NewJob {
  kind: JobKind;
  modelId: string | null;
  version: number | null;
  /** Who asks for it; null when nobody in particular does. */
  requestedBy: string | null;
}

/**
 * Queues a job; workers find it once the transaction is committed.
 * @throws a unique violation when it is a RESCORE and the model has an open one: `queueRescore` ends that first.
 */
export async function queueJob(manager: EntityManager, tenantId: string, job: NewJob): Promise<JobRow> {
  const id = uuidv7();
  await manager.insert(Job, { tenantId, id, state: 'QUEUED', ...job });
  return jobRowOf(await manager.findOneByOrFail(Job, { tenantId, id }));
}

/**
 * Queues the rescoring of every contact under a version, and gives up the model's older open one: one version is enough
 * to catch up with.
 */
export async function queueRescore(
  manager: EntityManager,
  tenantId: string,
  modelId: string,
  version: number,
  requestedBy: string | null,
): Promise<JobRow> {
  await supersedeRescores(manager, tenantId, modelId);
  // Every score made under an earlier revision is to be made anew, also where the version stays the same.
  await manager.increment(ScoringModel, { tenantId, id: modelId }, 'revision', 1);
  return queueJob(manager, tenantId, { kind: 'RESCORE', modelId, version, requestedBy });
}

/** Ends the open rescoring of a model whose version is no longer the one to catch up with. */
export async function supersedeRescores(
  manager: EntityManager,
  tenantId: string,
  modelId: string,
): Promise<void> {
  await manager.query(
    `UPDATE jobs SET state = 'SUPERSEDED', finished_at = clock_timestamp(), leased_until = NULL, leased_by = NULL
     WHERE tenant_id = $1 AND model_id = $2 AND kind = 'RESCORE' AND finished_at IS NULL`,
    [tenantId, modelId],
  );
}

/**
 * Ends a job that is not over yet; a process that works on it notices at its next note of progress.
 * @returns the job as it is now, over or not; null when there is none of that id.
 */
export async function cancelJob(
  manager: EntityManager,
  tenantId: string,
  id: string,
): Promise<JobRow | null> {
  await manager.query(
    `UPDATE jobs SET state = 'CANCELLED', finished_at = clock_timestamp(), leased_until = NULL, leased_by = NULL
     WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL`,
    [tenantId, id],
  );
  return selectJob(manager, tenantId, id);
}

/**
 * Queues a job again that was cancelled or has failed: it goes on where it stood.
 * @param withinDays how long ago it may have ended, in days of 24 h.
 * @returns null when it is not over, has done its work, or ended earlier than that.
 */
export async function reopenJob(
  manager: EntityManager,
  tenantId: string,
  id: string,
  withinDays: number,
): Promise<JobRow | null> {
  const [rows] = await manager.query<[{ id: string }[], number]>(
    `UPDATE jobs SET state = 'QUEUED', finished_at = NULL, error = NULL, tries = 0, leased_until = NULL, leased_by = NULL
     WHERE tenant_id = $1 AND id = $2 AND state IN ('CANCELLED', 'FAILED')
       AND finished_at > clock_timestamp() - $3 * interval '1 day' RETURNING id`,
    [tenantId, id, withinDays],
  );
  return rows.length === 0 ? null : selectJob(manager, tenantId, id);
}

/** A job by id, or null. */
export async function selectJob(
  manager: EntityManager,
  tenantId: string,
  id: string,
): Promise<JobRow | null> {
  const job = await manager.findOneBy(Job, { tenantId, id });
  return job && jobRowOf(job);
}

/** The rescoring of a model that is not over yet, or null; there is one at most. */
export async function selectOpenRescore(
  manager: EntityManager,
  tenantId: string,
  modelId: string,
): Promise<JobRow | null> {
  const job = await manager.findOneBy(Job, { tenantId, modelId, kind: 'RESCORE', finishedAt: IsNull() });
  return job && jobRowOf(job);
}

/** The latest rescoring of each of these models; models that never had one are left out. */
export async function selectLatestRescores(
  manager: EntityManager,
  tenantId: string,
  modelIds: readonly string[],
): Promise<Map<string, JobRow>> {
  const jobs = await manager
    .createQueryBuilder(Job, 'job')
    .distinctOn(['job.modelId'])
    .where(`job.tenantId = :tenantId AND job.modelId = ANY (:modelIds) AND job.kind = 'RESCORE'`, {
      tenantId,
      modelIds,
    })
    .orderBy('job.modelId')
    .addOrderBy('job.createdAt', 'DESC')
    .addOrderBy('job.id', 'DESC')
    .getMany();
  return new Map(jobs.map((job) => [job.modelId ?? '', jobRowOf(job)]));
}

/** Which jobs are wanted. Every given part must hold. */
export interface JobFilter {
  modelId: string | null;
  kinds: readonly JobKind[] | null;
  states: readonly JobState[] | null;
}

/** Jobs older than the one with `beforeId` (all, when null), newest first. Ids are in the order of creation. */
export async function selectJobs(
  manager: EntityManager,
  tenantId: string,
  filter: JobFilter,
  beforeId: string | null,
  limit: number,
): Promise<JobRow[]> {
  const query = manager
    .createQueryBuilder(Job, 'job')
    .where('job.tenantId = :tenantId', { tenantId })
    .orderBy('job.id', 'DESC')
    .limit(limit);
  if (beforeId !== null) query.andWhere('job.id < :beforeId', { beforeId });
  if (filter.modelId !== null) query.andWhere('job.modelId = :modelId', { modelId: filter.modelId });
  if (filter.kinds !== null) query.andWhere('job.kind = ANY (:kinds)', { kinds: filter.kinds });
  if (filter.states !== null) query.andWhere('job.state = ANY (:states)', { states: filter.states });
  return (await query.getMany()).map(jobRowOf);
}
