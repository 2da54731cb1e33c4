import { Field, ID, ObjectType } from 'type-graphql';
import type { JsonObject } from '../../scoring/json-value.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';

@ObjectType('RecordedAction', { description: 'An action as it was recorded.' })
export class RecordedActionType {
  @Field(() => ID, { simple: true, description: 'Id of the entry in the timeline.' })
  id!: string;

  @Field(() => String, { simple: true, description: 'What was done, such as `clicked_link`.' })
  type!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was done.' })
  occurredAt!: Date;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was recorded here.' })
  recordedAt!: Date;

  @Field(() => JsonScalar, { simple: true, description: 'Its properties, a JSON object.' })
  properties!: JsonObject;
}
