import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { givenChanges } from '../../models/model-steps.js';
import type { ModelDefinition } from '../../scoring/model-definition.js';
import type { ApiContext } from '../context.js';
import { ForwardPageArgs } from '../pagination.js';
import { RawArg } from '../raw-arg.js';
import { findModel } from './find-model.js';
import { JobType, jobOf } from './job-type.js';
import { expectationOf, modelEditOf } from './model-edit-input.js';
import {
  ActivateInput,
  ChangeScoringModelInput,
  PresetInput,
  RollbackInput,
  ScoringModelInput,
} from './model-inputs.js';
import { changePayloadOf } from './model-payload.js';
import { modelVersionPage } from './model-version-page.js';
import {
  ChangeScoringModelPayload,
  CreateScoringModelPayload,
  ModelVersionConnection,
  ScoringModelType,
  scoringModelOf,
} from './scoring-model-type.js';

/** Models: what is there, and how to change it. */
@Resolver(() => ScoringModelType)
export class ModelResolver {
  @Query(() => [ScoringModelType], {
    description:
      'All models, the primary one first, then the active ones, then by key; at most 1,000. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async scoringModels(@Ctx() context: ApiContext): Promise<ScoringModelType[]> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.readModels);
    const rows = await context.services.models.list(context.viewer.tenantId);
    return rows.map(scoringModelOf);
  }

  @Query(() => ScoringModelType, {
    nullable: true,
    description:
      'One model, by exactly one of `id` and `key`; null when there is none. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async scoringModel(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID, { nullable: true, description: 'Id of the model.' }) id?: string | null,
    @Arg('key', () => String, { nullable: true, description: 'Key of the model.' }) key?: string | null,
  ): Promise<ScoringModelType | null> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.readModels);
    const row = await findModel(context, id, key);
    return row && scoringModelOf(row);
  }

  @FieldResolver(() => ModelVersionConnection, { description: 'All published versions, the newest first.' })
  versions(
    @Root() model: ScoringModelType,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Ctx() context: ApiContext,
  ): Promise<ModelVersionConnection> {
    return modelVersionPage(context, model.id, args);
  }

  @FieldResolver(() => JobType, {
    nullable: true,
    description:
      'The latest job that brings contacts to a version of this model, finished or not; null when there was none.',
  })
  async recalculation(
    @Root() model: ScoringModelType,
    @Ctx() { loaders }: ApiContext,
  ): Promise<JobType | null> {
    const row = await loaders.latestJobByModel.load(model.id);
    return row && jobOf(row);
  }

  @Mutation(() => CreateScoringModelPayload, {
    description:
      'Creates a model: published as version 1, active; the first one is primary. BAD_USER_INPUT names the path of each fault, CONFLICT a key that is taken. Roles: ADMIN, MARKETER.',
  })
  async createScoringModel(
    @Ctx() context: ApiContext,
    @RawArg('input', () => ScoringModelInput, 'The model.') input: ModelDefinition,
  ): Promise<CreateScoringModelPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const row = await services.models.create(viewer, input);
    context.forgetReads();
    return { model: scoringModelOf(row) };
  }

  @Mutation(() => CreateScoringModelPayload, {
    description:
      'Creates a model from a preset: published as version 1, active. CONFLICT when the key is taken. Roles: ADMIN, MARKETER.',
  })
  async createScoringModelFromPreset(
    @Ctx() context: ApiContext,
    @RawArg('input', () => PresetInput, 'Which preset, and what to call it.') input: PresetInput,
  ): Promise<CreateScoringModelPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const row = await services.models.createFromPreset(viewer, input.preset, input.key, input.name ?? null);
    context.forgetReads();
    return { model: scoringModelOf(row) };
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description:
      'Edits a model in one atomic step: publishes the next version, or with `publish: false` adds to the draft, which is begun when there is none. `expectedVersion` guards against a concurrent edit: CONFLICT, with extensions.currentVersion, when it is not the current one; `expectedDraft` does the same for the draft. BAD_USER_INPUT names the path of each fault. Roles: ADMIN, MARKETER.',
  })
  async changeScoringModel(
    @Ctx() context: ApiContext,
    @RawArg('input', () => ChangeScoringModelInput, 'The edit.') input: ChangeScoringModelInput,
  ): Promise<ChangeScoringModelPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const edit = modelEditOf(input, givenChanges(input.changes));
    const outcome = await services.models.edit(viewer, edit);
    context.forgetReads();
    return changePayloadOf(outcome);
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description:
      'Publishes the content of an earlier version as a new one; the draft stays. CONFLICT as in changeScoringModel. Roles: ADMIN, MARKETER.',
  })
  async rollbackScoringModel(
    @Ctx() context: ApiContext,
    @RawArg('input', () => RollbackInput, 'To which version.') input: RollbackInput,
  ): Promise<ChangeScoringModelPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const { id, toVersion } = input;
    const outcome = await services.models.rollback(viewer, { ...expectationOf(input), id, toVersion });
    context.forgetReads();
    return changePayloadOf(outcome);
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description:
      'Switches a model on or off, or makes it primary. The primary model cannot be switched off: make another one primary first. Roles: ADMIN, MARKETER.',
  })
  async activateScoringModel(
    @Ctx() context: ApiContext,
    @RawArg('input', () => ActivateInput, 'The switches.') input: ActivateInput,
  ): Promise<ChangeScoringModelPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const { message } = expectationOf({ message: input.message });
    const { id, active, primary } = input;
    const outcome = await services.models.activate(viewer, id, { active, primary, message });
    context.forgetReads();
    return changePayloadOf(outcome);
  }
}
