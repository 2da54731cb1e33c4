import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { ModelDiffType } from './model-diff-type.js';
import { ModelDraftType } from './model-draft-type.js';
import { ModelExpectationInput } from './model-edit-input.js';
import { ScoringModelType } from './scoring-model-type.js';

@InputType({ description: 'A draft to publish.' })
export class PublishScoringModelDraftInput extends ModelExpectationInput {
  @Field(() => ID, { description: 'The model.' })
  id!: string;
}

@InputType({ description: 'A draft to give up.' })
export class DiscardScoringModelDraftInput extends ModelExpectationInput {
  @Field(() => ID, { description: 'The model.' })
  id!: string;
}

@InputType({ description: 'A draft to bring to the published version.' })
export class RebaseScoringModelDraftInput extends ModelExpectationInput {
  @Field(() => ID, { description: 'The model.' })
  id!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      'Leaves out the changes that do not fit the published version any more, instead of refusing: `skipped` says which.',
  })
  skipFaulty?: boolean | null;
}

@ObjectType({ description: 'The model without the draft.' })
export class DiscardScoringModelDraftPayload {
  @Field(() => ScoringModelType, { simple: true, description: 'The model, which has no draft now.' })
  model!: ScoringModelType;
}

@ObjectType('SkippedChange', { description: 'A change of the draft that was left out.' })
export class SkippedChangeType {
  @Field(() => String, {
    simple: true,
    description: 'Where the fault is, such as `draft.changes.3.removeRule`, counted from 0.',
  })
  path!: string;

  @Field(() => String, { simple: true, description: 'Why it does not fit.' })
  message!: string;
}

@ObjectType({ description: 'The draft on the published version.' })
export class RebaseScoringModelDraftPayload {
  @Field(() => ScoringModelType, { simple: true, description: 'The model.' })
  model!: ScoringModelType;

  @Field(() => ModelDraftType, {
    nullable: true,
    simple: true,
    description: 'The draft; null when none of its changes were left.',
  })
  draft!: ModelDraftType | null;

  @Field(() => [SkippedChangeType], { simple: true, description: 'Changes that were left out, and why.' })
  skipped!: SkippedChangeType[];

  @Field(() => ModelDiffType, {
    simple: true,
    description:
      'What was published since the draft was begun and publishing the draft would take back. Empty when the two do not touch.',
  })
  overwritten!: ModelDiffType;
}
