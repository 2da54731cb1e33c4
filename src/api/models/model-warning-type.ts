import { Field, ObjectType } from 'type-graphql';
import type { ModelWarning, ModelWarningCode } from '../../scoring/warnings/model-warning.js';
import { ModelWarningCodeEnum } from './model-enums.js';

/** What the schema says wherever warnings are given. */
export const WARNINGS_DESCRIPTION =
  'What is most likely not meant, in the order of the model, at most 200. A warning stops nothing.';

@ObjectType('ModelWarning', { description: 'Something in a valid model that is most likely not meant.' })
export class ModelWarningType implements ModelWarning {
  @Field(() => ModelWarningCodeEnum, { simple: true, description: 'What it is about, for programs.' })
  code!: ModelWarningCode;

  @Field(() => String, { simple: true, description: 'What is the matter, and what to do about it.' })
  message!: string;

  @Field(() => String, {
    simple: true,
    description: 'Where in the definition, such as `scoreSets.0.rules.2.criteria.when`.',
  })
  path!: string;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of the rule, when it is about one.',
  })
  ruleKey!: string | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of the score set, when it is about one or about a rule.',
  })
  scoreSet!: string | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of the stage, when it is about one.',
  })
  stage!: string | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description:
      'What may have been meant: a known action type or attribute, or the key of the rule that is repeated.',
  })
  suggestion!: string | null;
}
