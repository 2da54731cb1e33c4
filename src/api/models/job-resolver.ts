import { Arg, Args, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput } from '../../errors.js';
import type { JobKind, JobState } from '../../store/jobs/job-row.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { JobKindEnum, JobStateEnum } from '../enums.js';
import { ForwardPageArgs } from '../pagination.js';
import { RawArg } from '../raw-arg.js';
import { jobPage } from './job-page.js';
import { JobConnection, JobType, jobOf } from './job-type.js';

@InputType({ description: 'Which job to end.' })
export class CancelJobInput {
  @Field(() => ID, { description: 'Id of the job.' })
  id!: string;
}

@ObjectType({ description: 'The job that was ended.' })
export class CancelJobPayload {
  @Field(() => JobType, { simple: true, description: 'The job, CANCELLED.' })
  job!: JobType;
}

@InputType({ description: 'Which model to rescore.' })
export class RescoreScoringModelInput {
  @Field(() => ID, { description: 'Id of the model.' })
  id!: string;
}

@ObjectType({ description: 'The rescoring that was started.' })
export class RescoreScoringModelPayload {
  @Field(() => JobType, {
    simple: true,
    description: 'The job; the one that is under way when there is one.',
  })
  job!: JobType;
}

/** Work in the background: what there is, and how to end it and begin it again. */
@Resolver()
export class JobResolver {
  @Query(() => JobType, {
    nullable: true,
    description: 'A job by id; null when there is none. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async job(
    @Ctx() { viewer, services }: ApiContext,
    @Arg('id', () => ID, { description: 'Id of the job.' }) id: string,
  ): Promise<JobType | null> {
    requireRole(viewer, ...ROLES_THAT_MAY.readModels);
    const row = await services.jobs.byId(viewer.tenantId, id);
    return row && jobOf(row);
  }

  @Query(() => JobConnection, {
    description: 'Jobs, the newest first. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  jobs(
    @Ctx() context: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('modelId', () => ID, { nullable: true, description: 'Those of this model alone.' })
    modelId?: string | null,
    @Arg('kinds', () => [JobKindEnum], {
      nullable: true,
      description: 'Those of these kinds; all when absent.',
    })
    kinds?: JobKind[] | null,
    @Arg('states', () => [JobStateEnum], {
      nullable: true,
      description: 'Those in one of these states; all when absent.',
    })
    states?: JobState[] | null,
  ): Promise<JobConnection> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.readModels);
    if (modelId != null && !isUuid(modelId)) {
      throw badInput([{ path: 'modelId', message: 'This is not an id.' }]);
    }
    const filter = { modelId: modelId ?? null, kinds: kinds ?? null, states: states ?? null };
    return jobPage(context, filter, args);
  }

  @Mutation(() => CancelJobPayload, {
    description:
      'Ends a job that is not over yet; work that is under way stops within moments. What it has done stays: after a cancelled rescoring some scores are at the new version and some at the old one, each says at which, and contacts move on when something happens to them. CONFLICT when the job came to another end already. Roles: ADMIN, MARKETER.',
  })
  async cancelJob(
    @Ctx() context: ApiContext,
    @RawArg('input', () => CancelJobInput, 'Which job.') input: CancelJobInput,
  ): Promise<CancelJobPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const row = await services.jobs.cancel(viewer.tenantId, input.id);
    context.forgetReads();
    return { job: jobOf(row) };
  }

  @Mutation(() => RescoreScoringModelPayload, {
    description:
      'Starts the rescoring of a model again after it was cancelled or has failed; contacts that are up to date are only passed. Publishing starts one by itself. CONFLICT when the model is switched off. Roles: ADMIN, MARKETER.',
  })
  async rescoreScoringModel(
    @Ctx() context: ApiContext,
    @RawArg('input', () => RescoreScoringModelInput, 'Which model.') input: RescoreScoringModelInput,
  ): Promise<RescoreScoringModelPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const row = await services.jobs.rescore(viewer, input.id);
    context.forgetReads();
    return { job: jobOf(row) };
  }
}
