import type { Job } from '../entities/job.js';

/** What a job does. */
export const JOB_KINDS = ['RESCORE', 'PREVIEW', 'IMPORT', 'BULK_ACTION'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** How far a job is. */
export const JOB_STATES = ['QUEUED', 'RUNNING', 'DONE', 'SUPERSEDED', 'CANCELLED', 'FAILED'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Those that a job stays in. */
const FINAL_STATES: readonly JobState[] = ['DONE', 'SUPERSEDED', 'CANCELLED', 'FAILED'];

/** Background work with its progress. */
export interface JobRow {
  id: string;
  kind: JobKind;
  state: JobState;
  modelId: string | null;
  /** The model's version that it is about. */
  version: number | null;
  /** Contacts done so far. */
  done: number;
  /** Contacts to do; null before they are counted. */
  total: number | null;
  /** How long it has been worked on, up to the last note of progress; pauses between two processes are not in it. */
  workedMs: number;
  error: string | null;
  /** Who asked for it: the name of the key, or the subject of the token. */
  requestedBy: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** Whether nothing about the job will change any more. */
export function isOver({ state }: JobRow): boolean {
  return FINAL_STATES.includes(state);
}

/** The row behind an entity. @throws Error for a kind or state that this version does not know. */
export function jobRowOf(job: Job): JobRow {
  const kind = JOB_KINDS.find((known) => known === job.kind);
  const state = JOB_STATES.find((known) => known === job.state);
  if (!kind || !state) throw new Error(`job ${job.id} is of unknown kind ${job.kind} or state ${job.state}`);
  const { id, modelId, version, done, total, workedMs, error, requestedBy } = job;
  const { createdAt, startedAt, finishedAt } = job;
  return {
    id,
    kind,
    state,
    modelId,
    version,
    done,
    total,
    workedMs,
    error,
    requestedBy,
    createdAt,
    startedAt,
    finishedAt,
  };
}
