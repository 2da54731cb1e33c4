import { LeadpulseError } from '../errors.js';
import type { WakeUps } from '../feed/wake-ups.js';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { ScoringModel } from '../store/entities/scoring-model.js';
import {
  cancelJob,
  type JobFilter,
  queueJob,
  selectJob,
  selectJobs,
  selectLatestRescores,
  selectOpenRescore,
} from '../store/jobs/job-queries.js';
import type { JobRow } from '../store/jobs/job-row.js';
import { tenantTransaction } from '../store/tenant-scope.js';
import { isUuid } from '../uuid.js';
import { JobWatch } from './job-watch.js';

/** Who asks, in which tenant. */
export interface JobRequester {
  tenantId: string;
  /** Name of the key, or the subject of the token. */
  name: string;
}

export interface JobServiceOptions {
  db: Database;
  /** Through them those who follow a job hear of it, in whatever process it runs. */
  wakeUps: WakeUps;
  log: Log;
}

/** What people can do about jobs. */
export class JobService {
  readonly #db: Database;
  readonly #wakeUps: WakeUps;
  readonly #watch: JobWatch;

  constructor({ db, wakeUps, log }: JobServiceOptions) {
    this.#db = db;
    this.#wakeUps = wakeUps;
    this.#watch = new JobWatch({ read: (tenantId, id) => this.byId(tenantId, id), wakeUps, log });
  }

  /** How many jobs are followed in this process. */
  get followed(): number {
    return this.#watch.size;
  }

  /** A job by id, or null. */
  async byId(tenantId: string, id: string): Promise<JobRow | null> {
    return isUuid(id) ? selectJob(this.#db.dataSource.manager, tenantId, id) : null;
  }

  /** Jobs older than the one with `beforeId` (all, when null), newest first. */
  list(tenantId: string, filter: JobFilter, beforeId: string | null, limit: number): Promise<JobRow[]> {
    return selectJobs(this.#db.dataSource.manager, tenantId, filter, beforeId, limit);
  }

  /** The latest rescoring of each model; null where it never had one. */
  async latestRescores(tenantId: string, modelIds: readonly string[]): Promise<(JobRow | null)[]> {
    const jobs = await selectLatestRescores(this.#db.dataSource.manager, tenantId, modelIds);
    return modelIds.map((id) => jobs.get(id) ?? null);
  }

  /**
   * A job as it is, then each time it has moved; see `JobWatch.follow`.
   * @throws LeadpulseError NOT_FOUND, before there is anything to follow.
   */
  async follow(tenantId: string, id: string): Promise<(signal: AbortSignal) => AsyncGenerator<JobRow, void>> {
    const job = await this.byId(tenantId, id);
    if (!job) throw noJob();
    return (signal) => this.#watch.follow(tenantId, job, signal);
  }

  /**
   * Ends a job that is not over yet. What it has done stays; whoever works on it stops at its next note of progress. Doing so
   * again changes nothing.
   * @throws LeadpulseError NOT_FOUND; CONFLICT when it came to another end already.
   */
  async cancel(tenantId: string, id: string): Promise<JobRow> {
    const job = isUuid(id) ? await cancelJob(this.#db.dataSource.manager, tenantId, id) : null;
    if (!job) throw noJob();
    if (job.state !== 'CANCELLED') {
      throw new LeadpulseError(
        'CONFLICT',
        `The job is over already (${job.state}); nothing is left to cancel.`,
      );
    }
    this.#wakeUps.announce(tenantId);
    return job;
  }

  /**
   * Starts the rescoring of a model's contacts again, after it was cancelled or has failed. Contacts that are up to date are
   * only passed.
   * @returns the job that is under way, when there is one.
   * @throws LeadpulseError NOT_FOUND; CONFLICT when the model is switched off.
   */
  async rescore({ tenantId, name }: JobRequester, modelId: string): Promise<JobRow> {
    const job = isUuid(modelId)
      ? await tenantTransaction(this.#db, tenantId, async (manager) => {
          // Whoever publishes or switches the model writes this row first, and its job after that.
          const model = await manager.findOne(ScoringModel, {
            where: { tenantId, id: modelId },
            lock: { mode: 'pessimistic_write' },
          });
          if (!model) return null;
          if (!model.active) {
            const message = 'The model is switched off: activateScoringModel starts its rescoring.';
            throw new LeadpulseError('CONFLICT', message);
          }
          const open = await selectOpenRescore(manager, tenantId, modelId);
          const { version } = model;
          return (
            open ?? queueJob(manager, tenantId, { kind: 'RESCORE', modelId, version, requestedBy: name })
          );
        })
      : null;
    if (!job) {
      throw new LeadpulseError('NOT_FOUND', 'There is no model of this id; `scoringModels` lists them.');
    }
    this.#wakeUps.announce(tenantId);
    return job;
  }
}

function noJob(): LeadpulseError {
  return new LeadpulseError('NOT_FOUND', 'There is no job of this id; `jobs` lists them.');
}
