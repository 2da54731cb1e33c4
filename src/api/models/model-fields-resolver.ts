import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../context.js';
import { ModelDiffType } from './model-diff-type.js';
import { diffVersions } from './model-diffs.js';
import { ModelDraftType, modelDraftOf } from './model-draft-type.js';
import { ModelWarningType, WARNINGS_DESCRIPTION } from './model-warning-type.js';
import { warningsOf } from './model-warnings.js';
import {
  ChangeScoringModelPayload,
  CreateScoringModelPayload,
  ScoringModelType,
} from './scoring-model-type.js';

/** The draft of a model, what differs, and what the model is warned of. */
@Resolver(() => ScoringModelType)
export class ModelFieldsResolver {
  @FieldResolver(() => ModelDraftType, {
    nullable: true,
    description:
      'Edits that are not published yet (`changeScoringModel` with `publish: false` makes them); null when there are none.',
  })
  async draft(
    @Root() model: ScoringModelType,
    @Ctx() { loaders }: ApiContext,
  ): Promise<ModelDraftType | null> {
    const draft = await loaders.draftByModel.load(model.id);
    return draft && modelDraftOf(draft, model);
  }

  @FieldResolver(() => ModelDiffType, {
    description:
      'What differs between two versions, or between one and the draft. BAD_USER_INPUT when there is no such version.',
  })
  diff(
    @Root() model: ScoringModelType,
    @Ctx() context: ApiContext,
    @Arg('fromVersion', () => Int, {
      nullable: true,
      description: 'The version to begin with; the published one, when absent.',
    })
    fromVersion?: number | null,
    @Arg('toVersion', () => Int, {
      nullable: true,
      description:
        'The version to end with; when absent the draft, or the published version if there is none.',
    })
    toVersion?: number | null,
  ): Promise<ModelDiffType> {
    return diffVersions(context, model, fromVersion ?? null, toVersion ?? null);
  }

  @FieldResolver(() => [ModelWarningType], { description: WARNINGS_DESCRIPTION })
  warnings(@Root() model: ScoringModelType, @Ctx() context: ApiContext): Promise<ModelWarningType[]> {
    return warningsOf(context, model.definition);
  }
}

/** What a new model is warned of. */
@Resolver(() => CreateScoringModelPayload)
export class CreatePayloadResolver {
  @FieldResolver(() => [ModelWarningType], { description: WARNINGS_DESCRIPTION })
  warnings(
    @Root() { model }: CreateScoringModelPayload,
    @Ctx() context: ApiContext,
  ): Promise<ModelWarningType[]> {
    return warningsOf(context, model.definition);
  }
}

/** What a changed model is warned of, or its draft when the change went there. */
@Resolver(() => ChangeScoringModelPayload)
export class ChangePayloadResolver {
  @FieldResolver(() => [ModelWarningType], {
    description: `${WARNINGS_DESCRIPTION} About the draft, when the change went to it.`,
  })
  warnings(
    @Root() { model, draft }: ChangeScoringModelPayload,
    @Ctx() context: ApiContext,
  ): Promise<ModelWarningType[]> {
    return warningsOf(context, (draft ?? model).definition);
  }
}
