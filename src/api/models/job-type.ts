import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { JobKind, JobRow, JobState } from '../../models/job-row.js';
import { JobKindEnum, JobStateEnum } from '../enums.js';
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

  @Field(() => Int, { simple: true, description: 'Contacts done so far.' })
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
    description: 'Contacts a second, on average since the start; null before there is something to measure.',
  })
  ratePerSecond!: number | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'Seconds left at that rate; null when the job is not running or cannot tell yet.',
  })
  remainingSeconds!: number | null;

  @Field(() => String, { nullable: true, simple: true, description: 'Why it failed; null otherwise.' })
  error!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, simple: true, description: 'When it began; null before.' })
  startedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, simple: true, description: 'When it ended; null before.' })
  finishedAt!: Date | null;
}

/** The job as the API shows it, with its rate up to `nowMs`. */
export function jobOf(row: JobRow, nowMs: number): JobType {
  const ratePerSecond = rateOf(row, nowMs);
  const left = row.total === null ? null : Math.max(0, row.total - row.done);
  const remainingSeconds =
    row.state === 'RUNNING' && ratePerSecond !== null && left !== null ? left / ratePerSecond : null;
  return { ...row, ratePerSecond, remainingSeconds };
}

function rateOf(row: JobRow, nowMs: number): number | null {
  if (row.startedAt === null || row.done === 0) return null;
  const elapsedMs = (row.finishedAt?.getTime() ?? nowMs) - row.startedAt.getTime();
  return elapsedMs > 0 ? (row.done * MS_PER_SECOND) / elapsedMs : null;
}
