import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { ActionCategory } from '../../catalogue/action-category.js';
import type { ActionTypeRow } from '../../catalogue/list-action-types.js';
import type { SampleValue } from '../../store/uses/sample-value.js';
import type { ValueKind } from '../../store/uses/value-kind.js';
import { createConnectionClass } from '../pagination.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';
import { ActionCategoryEnum, ValueKindEnum } from './catalogue-enums.js';

@ObjectType('PropertyUse', { description: 'A property that actions of a type carry.' })
export class PropertyUseType {
  @Field(() => String, {
    simple: true,
    description: 'What `property` of a condition says: the name, or a path such as `answers.budget`.',
  })
  name!: string;

  @Field(() => [ValueKindEnum], { simple: true, description: 'Every kind of value that was seen.' })
  kinds!: ValueKind[];

  @Field(() => [JsonScalar], {
    simple: true,
    description:
      'Some of its values, the latest first; at most 8. Texts are cut after 64 characters; what looks like an email address is left out.',
  })
  samples!: SampleValue[];
}

/** `properties` has a resolver of its own. */
@ObjectType('ActionType', { description: 'A type of action: recorded, or named by a rule.' })
export class ActionTypeType {
  @Field(() => String, { simple: true, description: 'What `actionType` of a rule says.' })
  type!: string;

  @Field(() => String, { simple: true, description: 'The type in words: `Visited pricing page`.' })
  label!: string;

  @Field(() => ActionCategoryEnum, { simple: true, description: 'What it is about.' })
  category!: ActionCategory;

  @Field(() => Float, {
    simple: true,
    description:
      'Recorded actions of the type: a whole number, exact. Repeats of an idempotency key are not counted, nor what was taken back or erased.',
  })
  count!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: 'The earliest `occurredAt` that was recorded; null when there is no action of the type.',
  })
  firstSeenAt!: number | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: 'The latest `occurredAt` that was recorded; null when there is no action of the type.',
  })
  lastSeenAt!: number | null;

  @Field(() => Int, {
    simple: true,
    description:
      'Rules that name it, or a beginning of it with a star, in the published versions of all models, switched on or not. Rules for any activity (`*`) are not counted.',
  })
  usedByRules!: number;
}

/** The type as the API shows it. */
export function actionTypeOf({ firstAtMs, lastAtMs, ...row }: ActionTypeRow): ActionTypeType {
  return { ...row, firstSeenAt: firstAtMs, lastSeenAt: lastAtMs };
}

@ObjectType({ description: 'A page of action types, the most frequent first.' })
export class ActionTypeConnection extends createConnectionClass('ActionType', () => ActionTypeType) {}
