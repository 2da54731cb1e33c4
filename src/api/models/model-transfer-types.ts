import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { JsonValue } from '../../scoring/json-value.js';
import { JsonScalar } from '../scalars.js';
import { ModelDiffType } from './model-diff-type.js';
import { EXPECTED_DRAFT, EXPECTED_VERSION, MESSAGE } from './model-edit-input.js';
import { ChangeScoringModelPayload } from './scoring-model-type.js';

@InputType({ description: 'A copy of a model.' })
export class CloneScoringModelInput {
  @Field(() => ID, { description: 'The model to copy.' })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Which of its versions; the published one, when absent. Its draft is not copied.',
  })
  version?: number | null;

  @Field(() => String, {
    description:
      'Key of the copy, unique in the tenant and for ever: 1 to 64 letters, digits, `_`, `-` or `.`.',
  })
  key!: string;

  @Field(() => String, {
    nullable: true,
    description: "What people call the copy; the original's name, when absent.",
  })
  name?: string | null;

  @Field(() => String, { nullable: true, description: MESSAGE })
  message?: string | null;
}

@InputType({ description: 'A document to import.' })
export class ImportScoringModelInput {
  @Field(() => JsonScalar, {
    description:
      'What `scoringModelExport` gives: `format`, `formatVersion` and `definition`; other keys are not looked at.',
  })
  document!: JsonValue;

  @Field(() => String, {
    nullable: true,
    description: 'Key of the model to make or to change; the one in the document, when absent.',
  })
  key?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `${EXPECTED_VERSION} 0: there is no such model. Not looked at, when absent.`,
  })
  expectedVersion?: number | null;

  @Field(() => Int, { nullable: true, description: `${EXPECTED_DRAFT} Not looked at, when absent.` })
  expectedDraft?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description:
      'True publishes what the document says; false makes it the draft, in the place of one that there is. A new model is always published.',
  })
  publish?: boolean | null;

  @Field(() => String, { nullable: true, description: MESSAGE })
  message?: string | null;
}

/** `warnings` has a resolver of its own. */
@ObjectType({ description: 'The model that says what the document says.' })
export class ImportScoringModelPayload extends ChangeScoringModelPayload {
  @Field(() => Boolean, {
    simple: true,
    description: 'Whether the model was made: there was none of its key.',
  })
  created!: boolean;

  @Field(() => Boolean, {
    simple: true,
    description:
      'False when the model (or its draft) said so already: nothing to change, nothing was written.',
  })
  changed!: boolean;

  @Field(() => ModelDiffType, {
    nullable: true,
    simple: true,
    description: 'What was changed of the published version, or of the draft; null when the model was made.',
  })
  diff!: ModelDiffType | null;
}
