import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { ModelChangeKind, ModelChangeRow } from '../../models/model-change-row.js';
import { createConnectionClass } from '../pagination.js';
import { DateTimeScalar } from '../scalars.js';
import { ModelChangeKindEnum } from './model-enums.js';

/** Fields beside these (`model`, `diff`, `diffComplete`) have resolvers of their own. */
@ObjectType('ModelChangeEntry', { description: 'One thing that was done to a model.' })
export class ModelChangeEntryType {
  @Field(() => ID, { simple: true, description: 'Id of the entry.' })
  id!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When.' })
  at!: Date;

  @Field(() => String, {
    simple: true,
    description: 'Who: the name of the key, or the subject of the token.',
  })
  by!: string;

  @Field(() => ModelChangeKindEnum, { simple: true, description: 'What was done.' })
  kind!: ModelChangeKind;

  @Field(() => String, { nullable: true, simple: true, description: 'Why, when somebody said so.' })
  message!: string | null;

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: 'The version that it published; null when it published none.',
  })
  version!: number | null;

  modelId!: string;
}

/** The entry as the API shows it. */
export function modelChangeEntryOf(row: ModelChangeRow): ModelChangeEntryType {
  const { id, modelId, kind, version, changedBy, changedAtMs, message } = row;
  return { id, modelId, kind, version, message, by: changedBy, at: new Date(changedAtMs) };
}

@ObjectType({ description: 'A page of what was done to models, the newest first.' })
export class ModelChangeConnection extends createConnectionClass(
  'ModelChangeEntry',
  () => ModelChangeEntryType,
) {}
