import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { Job } from '../store/entities/job.js';
import { ScoringModel } from '../store/entities/scoring-model.js';
import { JOB_KINDS, JOB_STATES, type JobRow } from './job-row.js';

/**
 * Queues the rescoring of every contact under a version, and gives up the model's older open jobs: one version is
 * enough to catch up with.
 */
export async function queueRescore(
  manager: EntityManager,
  tenantId: string,
  modelId: string,
  version: number,
): Promise<JobRow> {
  await supersedeRescores(manager, tenantId, modelId);
  // Every score made under an earlier revision is to be made anew, also where the version stays the same.
  await manager.increment(ScoringModel, { tenantId, id: modelId }, 'revision', 1);
  const id = uuidv7();
  await manager.insert(Job, { tenantId, id, kind: 'RESCORE', state: 'QUEUED', modelId, version });
  return {
    id,
    kind: 'RESCORE',
    state: 'QUEUED',
    done: 0,
    total: null,
    error: null,
    startedAt: null,
    finishedAt: null,
  };
}

/** Ends the open jobs of a model whose version is no longer the one to catch up with. */
export async function supersedeRescores(
  manager: EntityManager,
  tenantId: string,
  modelId: string,
): Promise<void> {
  await manager.query(
    `UPDATE jobs SET state = 'SUPERSEDED', finished_at = now(), leased_until = NULL
     WHERE tenant_id = $1 AND model_id = $2 AND kind = 'RESCORE' AND finished_at IS NULL`,
    [tenantId, modelId],
  );
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

/** The latest job of each of these models; models that never had one are left out. */
export async function selectLatestJobs(
  manager: EntityManager,
  tenantId: string,
  modelIds: readonly string[],
): Promise<Map<string, JobRow>> {
  const jobs = await manager
    .createQueryBuilder(Job, 'job')
    .distinctOn(['job.modelId'])
    .where('job.tenantId = :tenantId AND job.modelId = ANY (:modelIds)', { tenantId, modelIds })
    .orderBy('job.modelId')
    .addOrderBy('job.createdAt', 'DESC')
    .addOrderBy('job.id', 'DESC')
    .getMany();
  return new Map(jobs.map((job) => [job.modelId ?? '', jobRowOf(job)]));
}

function jobRowOf(job: Job): JobRow {
  const kind = JOB_KINDS.find((known) => known === job.kind);
  const state = JOB_STATES.find((known) => known === job.state);
  if (!kind || !state) throw new Error(`job ${job.id} is of unknown kind ${job.kind} or state ${job.state}`);
  const { id, done, total, error, startedAt, finishedAt } = job;
  return { id, kind, state, done, total, error, startedAt, finishedAt };
}
