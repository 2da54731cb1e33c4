/** What a job does. */
export const JOB_KINDS = ['RESCORE'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** How far a job is. */
export const JOB_STATES = ['QUEUED', 'RUNNING', 'DONE', 'SUPERSEDED', 'FAILED'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Background work with its progress. */
export interface JobRow {
  id: string;
  kind: JobKind;
  state: JobState;
  /** Contacts done so far. */
  done: number;
  /** Contacts to do; null before they are counted. */
  total: number | null;
  error: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
}
