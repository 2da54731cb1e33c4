import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { diffModels } from '../../scoring/diff-model.js';
import type { ApiContext } from '../context.js';
import { RawArg } from '../raw-arg.js';
import {
  DiscardScoringModelDraftInput,
  DiscardScoringModelDraftPayload,
  PublishScoringModelDraftInput,
  RebaseScoringModelDraftInput,
  RebaseScoringModelDraftPayload,
} from './draft-inputs.js';
import { ModelDiffType, modelDiffOf } from './model-diff-type.js';
import { definitionOf } from './model-diffs.js';
import { ModelDraftType, modelDraftOf } from './model-draft-type.js';
import { expectationOf } from './model-edit-input.js';
import { changePayloadOf } from './model-payload.js';
import { ModelWarningType, WARNINGS_DESCRIPTION } from './model-warning-type.js';
import { warningsOf } from './model-warnings.js';
import { ChangeScoringModelPayload, scoringModelOf } from './scoring-model-type.js';

/** Drafts: what they change, and what becomes of them. */
@Resolver(() => ModelDraftType)
export class DraftResolver {
  @FieldResolver(() => ModelDiffType, {
    description: 'What the draft changes. BAD_USER_INPUT when there is no such version.',
  })
  async diff(
    @Root() draft: ModelDraftType,
    @Ctx() context: ApiContext,
    @Arg('version', () => Int, {
      nullable: true,
      description: 'The version to compare it with; the one it was begun on, when absent.',
    })
    version?: number | null,
  ): Promise<ModelDiffType> {
    const { modelId, base, definition } = draft;
    const from = version == null ? base : await definitionOf(context, { modelId, version }, 'version');
    return modelDiffOf(diffModels(from, definition));
  }

  @FieldResolver(() => [ModelWarningType], { description: WARNINGS_DESCRIPTION })
  warnings(@Root() draft: ModelDraftType, @Ctx() context: ApiContext): Promise<ModelWarningType[]> {
    return warningsOf(context, draft.definition);
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description:
      'Publishes the draft as the next version. CONFLICT when the draft was begun on an earlier version than the published one (rebase it), or when version or draft are not the expected ones; NOT_FOUND when there is no draft. Roles: ADMIN, MARKETER.',
  })
  async publishScoringModelDraft(
    @Ctx() context: ApiContext,
    @RawArg('input', () => PublishScoringModelDraftInput, 'Which draft.')
    input: PublishScoringModelDraftInput,
  ): Promise<ChangeScoringModelPayload> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const outcome = await services.models.publishDraft(viewer, { id: input.id, ...expectationOf(input) });
    context.forgetReads();
    return changePayloadOf(outcome);
  }

  @Mutation(() => DiscardScoringModelDraftPayload, {
    description:
      'Gives the draft up. CONFLICT when version or draft are not the expected ones; NOT_FOUND when there is no draft. Roles: ADMIN, MARKETER.',
  })
  async discardScoringModelDraft(
    @Ctx() context: ApiContext,
    @RawArg('input', () => DiscardScoringModelDraftInput, 'Which draft.')
    input: DiscardScoringModelDraftInput,
  ): Promise<DiscardScoringModelDraftPayload> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const model = await services.models.discardDraft(viewer, { id: input.id, ...expectationOf(input) });
    context.forgetReads();
    return { model: scoringModelOf(model) };
  }

  @Mutation(() => RebaseScoringModelDraftPayload, {
    description:
      'Makes the changes of the draft again, on the published version. CONFLICT with the faults of changes that do not fit any more, unless they are to be left out; NOT_FOUND when there is no draft. Nothing happens to a draft that is not stale. Roles: ADMIN, MARKETER.',
  })
  async rebaseScoringModelDraft(
    @Ctx() context: ApiContext,
    @RawArg('input', () => RebaseScoringModelDraftInput, 'Which draft.') input: RebaseScoringModelDraftInput,
  ): Promise<RebaseScoringModelDraftPayload> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const request = { id: input.id, ...expectationOf(input), skipFaulty: input.skipFaulty ?? false };
    const { model, draft, skipped, overwritten } = await services.models.rebaseDraft(viewer, request);
    context.forgetReads();
    return {
      model: scoringModelOf(model),
      draft: draft && modelDraftOf(draft, model),
      skipped,
      overwritten: modelDiffOf(overwritten),
    };
  }
}
