import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { PREVIEW_CONTACTS_MAX, PREVIEW_JOBS_OPEN_MAX } from '../../preview/preview-service.js';
import type { ModelChange as ModelChangeValue } from '../../scoring/model-change.js';
import type { ApiContext } from '../context.js';
import { JobType, jobOf } from '../models/job-type.js';
import { ModelChange } from '../models/model-inputs.js';
import { RawArg } from '../raw-arg.js';
import { modelPreviewOf, PREVIEW_COST } from './model-preview.js';
import { StartModelPreviewInput, StartModelPreviewPayload } from './preview-inputs.js';
import { ModelPreviewType } from './preview-type.js';
import { previewedDefinition } from './previewed-definition.js';

/** One that was made before has to be read, and its contacts to be looked up. */
const STORED_PREVIEW_COST = 200;

/** Previews: at once, or as jobs. */
@Resolver(() => JobType)
export class PreviewResolver {
  @Query(() => ModelPreviewType, {
    complexity: PREVIEW_COST,
    description: `What publishing these changes would do, on every contact or on a sample, at this instant; nothing is stored. Of more than ${PREVIEW_CONTACTS_MAX} contacts a sample has to be asked for, or startModelPreview be used (BAD_USER_INPUT). Roles: ADMIN, MARKETER, SALES, VIEWER.`,
  })
  async previewScoringModel(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID, { description: 'The model.' }) id: string,
    @RawArg(
      'changes',
      () => [ModelChange],
      'The changes, in order; at least one unless it is the draft that is previewed.',
    )
    changes: ModelChangeValue[],
    @Arg('sample', () => Int, {
      nullable: true,
      description: `How many contacts to look at, evenly spread over all of them: 1 to ${PREVIEW_CONTACTS_MAX}; every one when absent.`,
    })
    sample?: number | null,
    @Arg('draft', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'True to preview the stored draft, with the changes on top.',
    })
    draft?: boolean | null,
  ): Promise<ModelPreviewType> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.readModels);
    const wish = { id, changes, draft: draft ?? false, sample: sample ?? null };
    const request = await previewedDefinition(context, wish, '');
    return modelPreviewOf(context, await services.previews.preview(viewer.tenantId, request));
  }

  @Mutation(() => StartModelPreviewPayload, {
    description: `Begins a preview of any number of contacts in the background; \`Job.preview\` has the answer for a week. Nothing but that is stored. CONFLICT when ${PREVIEW_JOBS_OPEN_MAX} are under way. Roles: ADMIN, MARKETER.`,
  })
  async startModelPreview(
    @Ctx() context: ApiContext,
    @RawArg('input', () => StartModelPreviewInput, 'What to preview.') input: StartModelPreviewInput,
  ): Promise<StartModelPreviewPayload> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const { id, changes, draft, sample } = input;
    const wish = { id, changes: changes ?? [], draft: draft ?? false, sample: sample ?? null };
    const request = await previewedDefinition(context, wish, 'input.');
    const job = await services.previews.start(viewer.tenantId, viewer.name, request);
    return { job: jobOf(job) };
  }

  @FieldResolver(() => ModelPreviewType, {
    nullable: true,
    complexity: STORED_PREVIEW_COST,
    description: 'What a PREVIEW has found; null before it is DONE, a week later, and for other kinds.',
  })
  async preview(@Root() job: JobType, @Ctx() context: ApiContext): Promise<ModelPreviewType | null> {
    const preview = await context.loaders.previewByJob.load(job);
    return preview && modelPreviewOf(context, preview);
  }
}
