import { Field, Int, ObjectType } from 'type-graphql';
import type { ModelDraft } from '../../models/model-draft.js';
import type { ModelRow } from '../../models/model-row.js';
import type { ModelDefinition } from '../../scoring/model-definition.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';

/** Fields beside these (`diff`, `warnings`) have resolvers of their own. */
@ObjectType('ModelDraft', {
  description: 'Edits of a model that are not published yet. No contact sees them.',
})
export class ModelDraftType {
  @Field(() => Int, {
    simple: true,
    description: 'The published version that the changes of the draft apply to.',
  })
  baseVersion!: number;

  @Field(() => Int, {
    simple: true,
    description: 'Raised with every edit of the draft and never used twice, for `expectedDraft`.',
  })
  revision!: number;

  @Field(() => Boolean, {
    simple: true,
    description:
      'True when a later version is published by now: the draft cannot be published before `rebaseScoringModelDraft`.',
  })
  stale!: boolean;

  @Field(() => JsonScalar, {
    simple: true,
    description: 'What publishing it would publish, in the shape of ScoringModelInput.',
  })
  definition!: ModelDefinition;

  @Field(() => String, {
    simple: true,
    description: 'Who edited it last: the name of the key, or the subject of the token.',
  })
  changedBy!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was edited last.' })
  changedAt!: Date;

  modelId!: string;
  /** The definition of `baseVersion`. */
  base!: ModelDefinition;
}

/** The draft as the API shows it beside the published version of its model. */
export function modelDraftOf(draft: ModelDraft, model: Pick<ModelRow, 'version'>): ModelDraftType {
  const { modelId, base, baseVersion, revision, definition, changedBy, changedAtMs } = draft;
  const stale = baseVersion !== model.version;
  const changedAt = new Date(changedAtMs);
  return { modelId, base, baseVersion, revision, stale, definition, changedBy, changedAt };
}
