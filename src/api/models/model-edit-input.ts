import { Field, ID, InputType, Int } from 'type-graphql';
import type { ModelEdit } from '../../models/edit-model.js';
import type { Expectation } from '../../models/locked-model.js';
import type { ModelStep } from '../../models/model-steps.js';
import { checkTexts } from '../input-check.js';

/** Characters of a message at most. */
const MESSAGE_CHARS_MAX = 500;

export const EXPECTED_VERSION =
  'The version that you saw. When another one is current by now, the answer is CONFLICT with `currentVersion` in its extensions.';
export const EXPECTED_DRAFT =
  'The revision of the draft that you saw, 0 for none. When it is another one by now, the answer is CONFLICT with `currentDraft` in its extensions.';
export const MESSAGE = `Why, for the lists of versions and changes; at most ${MESSAGE_CHARS_MAX} characters.`;

/** What an editor may expect to be current. */
@InputType()
export abstract class ModelExpectationInput {
  @Field(() => Int, { nullable: true, description: `${EXPECTED_VERSION} Not looked at, when absent.` })
  expectedVersion?: number | null;

  @Field(() => Int, { nullable: true, description: `${EXPECTED_DRAFT} Not looked at, when absent.` })
  expectedDraft?: number | null;

  @Field(() => String, { nullable: true, description: MESSAGE })
  message?: string | null;
}

/** What all edits of one step have in common. */
@InputType()
export abstract class ModelEditInput extends ModelExpectationInput {
  @Field(() => ID, { description: 'The model.' })
  id!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'True publishes the edit as the next version; false puts it into the draft.',
  })
  publish?: boolean | null;
}

/** What the editor expects, and why the edit is made. @throws LeadpulseError BAD_USER_INPUT for a message that is none. */
export function expectationOf(input: ModelExpectationInput): Expectation & { message: string | null } {
  checkTexts({ 'input.message': input.message }, MESSAGE_CHARS_MAX);
  const { expectedVersion, expectedDraft, message } = input;
  return {
    expectedVersion: expectedVersion ?? null,
    expectedDraft: expectedDraft ?? null,
    message: message ?? null,
  };
}

/** The edit that an input asks for. @throws LeadpulseError BAD_USER_INPUT for a message that is none. */
export function modelEditOf(
  input: ModelExpectationInput & Pick<ModelEditInput, 'id' | 'publish'>,
  step: ModelStep,
): ModelEdit {
  return { ...expectationOf(input), id: input.id, publish: input.publish ?? true, step };
}
