import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { JobKind, JobRow, JobState } from '../../store/jobs/job-row.js';
import { JobKindEnum, JobStateEnum } from '../enums.js';
import { createConnectionClass } from '../pagination.js';
import { DateTimeScalar } from '../scalars.js';

const MS_PER_SECOND = 1_000;

@ObjectType('Job', { description: 'Work in the background, with its progress.' })
export class JobType {
  @Field(() => ID, { simple: true, description: 'Id of the job.' })
  id!: string;

  @Field(() => JobKindEnum, { simple: true, description: 'What it does.' })
  kind!: JobKind;

  @Field(() => JobStateEnum, { simple: true, description: 'How far it is.' })
  state!: JobState;

  @Field(() => ID, {
    nullable: true,
    simple: true,
    description: 'Id of the model that it is about.',
  })
  modelId!: string | null;

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: 'The version of the model that it is about.',
  })
  version!: number | null;

  @Field(() => Int, { simple: true, description: 'Contacts done so far; rows of an import.' })
  done!: number;

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: 'Contacts to do in all; null before they are counted.',
  })
  total!: number | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'Contacts a second, on average over the time it was worked on; null before there is something to measure.',
  })
  ratePerSecond!: number | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'Seconds left at that rate; null when the job is not running or cannot tell yet.',
  })
  remainingSeconds!: number | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description:
      'Why it failed, and what to do about it. While it is QUEUED or RUNNING: why the last try failed; it is tried again, at most 8 times at the same place.',
  })
  error!: string | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Who asked for it: the name of the key, or the subject of the token.',
  })
  requestedBy!: string | null;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, simple: true, description: 'When it began; null before.' })
  startedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, simple: true, description: 'When it ended; null before.' })
  finishedAt!: Date | null;
}

@ObjectType({ description: 'A page of jobs, the newest first.' })
export class JobConnection extends createConnectionClass('Job', () => JobType) {}

/** The job as the API shows it. */
export function jobOf(row: JobRow): JobType {
  const ratePerSecond = row.done > 0 && row.workedMs > 0 ? (row.done * MS_PER_SECOND) / row.workedMs : null;
  const left = row.total === null ? null : Math.max(0, row.total - row.done);
  const remainingSeconds =
    row.state === 'RUNNING' && ratePerSecond !== null && left !== null ? left / ratePerSecond : null;
  return { ...row, ratePerSecond, remainingSeconds };
}
