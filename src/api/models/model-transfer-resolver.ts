import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { LeadpulseError } from '../../errors.js';
import { type ModelDocument, modelDocument } from '../../models/model-document.js';
import type { ApiContext } from '../context.js';
import { RawArg } from '../raw-arg.js';
import { JsonScalar } from '../scalars.js';
import { findModel } from './find-model.js';
import { modelDiffOf } from './model-diff-type.js';
import { definitionOf } from './model-diffs.js';
import { expectationOf } from './model-edit-input.js';
import { changePayloadOf } from './model-payload.js';
import {
  CloneScoringModelInput,
  ImportScoringModelInput,
  ImportScoringModelPayload,
} from './model-transfer-types.js';
import { ModelWarningType, WARNINGS_DESCRIPTION } from './model-warning-type.js';
import { warningsOf } from './model-warnings.js';
import { CreateScoringModelPayload, scoringModelOf } from './scoring-model-type.js';

/** Models that go from place to place: copies, and documents that are kept in files. */
@Resolver(() => ImportScoringModelPayload)
export class ModelTransferResolver {
  @Query(() => JsonScalar, {
    description:
      'A version of a model as a document to keep: `{format, formatVersion, definition}`, its keys always in the same order. importScoringModel takes it in without a difference. NOT_FOUND when there is no such model, BAD_USER_INPUT when there is no such version. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async scoringModelExport(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID, { nullable: true, description: 'Id of the model. Exactly one of id and key.' })
    id?: string | null,
    @Arg('key', () => String, { nullable: true, description: 'Key of the model.' }) key?: string | null,
    @Arg('version', () => Int, {
      nullable: true,
      description: 'Which version; the published one, when absent.',
    })
    version?: number | null,
  ): Promise<ModelDocument> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.readModels);
    const model = await findModel(context, id, key);
    if (!model) throw new LeadpulseError('NOT_FOUND', 'There is no such model; `scoringModels` lists them.');
    if (version == null) return modelDocument(model.definition);
    return modelDocument(await definitionOf(context, { modelId: model.id, version }, 'version'));
  }

  @Mutation(() => CreateScoringModelPayload, {
    description:
      'Copies a version of a model under a key of its own: published as version 1, active. It equals the original but for key and name. CONFLICT when the key is taken. Roles: ADMIN, MARKETER.',
  })
  async cloneScoringModel(
    @Ctx() context: ApiContext,
    @RawArg('input', () => CloneScoringModelInput, 'What to copy, and what to call it.')
    input: CloneScoringModelInput,
  ): Promise<CreateScoringModelPayload> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const { message } = expectationOf({ message: input.message });
    const { id, key, version, name } = input;
    const request = { id, key, version: version ?? null, name: name ?? null, message };
    const { model } = await services.models.clone(viewer, request);
    context.forgetReads();
    return { model: scoringModelOf(model) };
  }

  @Mutation(() => ImportScoringModelPayload, {
    description:
      'Lets a model say what a document says, and makes it when there is none of that key. When it says so already, nothing is written. BAD_USER_INPUT names the path of each fault; guards as in changeScoringModel. Roles: ADMIN, MARKETER.',
  })
  async importScoringModel(
    @Ctx() context: ApiContext,
    @RawArg('input', () => ImportScoringModelInput, 'The document.') input: ImportScoringModelInput,
  ): Promise<ImportScoringModelPayload> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const { document, key, publish } = input;
    const request = { ...expectationOf(input), document, key: key ?? null, publish: publish ?? true };
    const outcome = await services.models.import(viewer, request);
    context.forgetReads();
    const diff = outcome.diff && modelDiffOf(outcome.diff);
    const { created } = outcome;
    return { ...changePayloadOf(outcome), created, changed: diff === null || !diff.empty, diff };
  }

  @FieldResolver(() => [ModelWarningType], { description: WARNINGS_DESCRIPTION })
  warnings(
    @Root() { model, draft }: ImportScoringModelPayload,
    @Ctx() context: ApiContext,
  ): Promise<ModelWarningType[]> {
    return warningsOf(context, (draft ?? model).definition);
  }
}
