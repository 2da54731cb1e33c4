import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput } from '../../errors.js';
import type { ModelOutcome } from '../../models/model-service.js';
import type { ModelDefinition } from '../../scoring/model-definition.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { checkTexts } from '../input-check.js';
import { ForwardPageArgs } from '../pagination.js';
import { RawArg } from '../raw-arg.js';
import { JobType, jobOf } from './job-type.js';
import {
  ActivateInput,
  ChangeScoringModelInput,
  PresetInput,
  RollbackInput,
  ScoringModelInput,
} from './model-inputs.js';
import { modelVersionPage } from './model-version-page.js';
import {
  ChangeScoringModelPayload,
  CreateScoringModelPayload,
  ModelVersionConnection,
  ScoringModelType,
  scoringModelOf,
} from './scoring-model-type.js';

const MESSAGE_CHARS_MAX = 500;

/** Models: what is there, and how to change it. */
@Resolver(() => ScoringModelType)
export class ModelResolver {
  @Query(() => [ScoringModelType], {
    description:
      'All models, the primary one first, then the active ones, then by key; at most 50. Roles: ADMIN, MARKETER, SALES, VIEWER.',
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
    @Ctx() { viewer, services, loaders }: ApiContext,
    @Arg('id', () => ID, { nullable: true, description: 'Id of the model.' }) id?: string | null,
    @Arg('key', () => String, { nullable: true, description: 'Key of the model.' }) key?: string | null,
  ): Promise<ScoringModelType | null> {
    requireRole(viewer, ...ROLES_THAT_MAY.readModels);
    if ((id == null) === (key == null)) {
      throw badInput([{ path: 'id', message: 'Give exactly one of id and key.' }]);
    }
    if (key != null) checkTexts({ key }, MESSAGE_CHARS_MAX);
    if (id != null && !isUuid(id)) return null;
    const row =
      id == null ? await services.models.byKey(viewer.tenantId, key ?? '') : await loaders.modelById.load(id);
    return row && scoringModelOf(row);
  }

  @Query(() => JobType, {
    nullable: true,
    description: 'A job by id; null when there is none. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async job(
    @Ctx() { viewer, services }: ApiContext,
    @Arg('id', () => ID, { description: 'Id of the job.' }) id: string,
  ): Promise<JobType | null> {
    requireRole(viewer, ...ROLES_THAT_MAY.readModels);
    const row = isUuid(id) ? await services.models.job(viewer.tenantId, id) : null;
    return row && jobOf(row, Date.now());
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
    return row && jobOf(row, Date.now());
  }

  @Mutation(() => CreateScoringModelPayload, {
    description:
      'Creates a model: published as version 1, active; the first one is primary. BAD_USER_INPUT names the path of each fault, CONFLICT a key that is taken. Roles: ADMIN, MARKETER.',
  })
  async createScoringModel(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => ScoringModelInput, 'The model.') input: ModelDefinition,
  ): Promise<CreateScoringModelPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    return { model: scoringModelOf(await services.models.create(viewer, input)) };
  }

  @Mutation(() => CreateScoringModelPayload, {
    description:
      'Creates a model from a preset: published as version 1, active. CONFLICT when the key is taken. Roles: ADMIN, MARKETER.',
  })
  async createScoringModelFromPreset(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => PresetInput, 'Which preset, and what to call it.') input: PresetInput,
  ): Promise<CreateScoringModelPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const row = await services.models.createFromPreset(viewer, input.preset, input.key, input.name ?? null);
    return { model: scoringModelOf(row) };
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description:
      'Edits a model in one atomic step and publishes the next version. `expectedVersion` guards against a concurrent edit: CONFLICT, with extensions.currentVersion, when it is not the current one. BAD_USER_INPUT names the path of each fault. Roles: ADMIN, MARKETER.',
  })
  async changeScoringModel(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => ChangeScoringModelInput, 'The edit.') input: ChangeScoringModelInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    if (input.publish === false) {
      const message = 'Drafts are not offered: every edit is published at once. Leave `publish` out.';
      throw badInput([{ path: 'input.publish', message }]);
    }
    checkTexts({ 'input.message': input.message }, MESSAGE_CHARS_MAX);
    const { expectedVersion, changes, message } = input;
    const edit = { id: input.id, expectedVersion, changes, message: message ?? null };
    return payloadOf(await services.models.change(viewer, edit));
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description:
      'Publishes the content of an earlier version as a new one. CONFLICT as in changeScoringModel. Roles: ADMIN, MARKETER.',
  })
  async rollbackScoringModel(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => RollbackInput, 'To which version.') input: RollbackInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    return payloadOf(
      await services.models.rollback(viewer, input.id, input.toVersion, input.expectedVersion),
    );
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description:
      'Switches a model on or off, or makes it primary. The primary model cannot be switched off: make another one primary first. Roles: ADMIN, MARKETER.',
  })
  async activateScoringModel(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => ActivateInput, 'The switches.') input: ActivateInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    return payloadOf(await services.models.activate(viewer, input.id, input));
  }
}

function payloadOf({ model, recalculation }: ModelOutcome): ChangeScoringModelPayload {
  return { model: scoringModelOf(model), recalculation: recalculation && jobOf(recalculation, Date.now()) };
}
