import { Field, Float, ObjectType } from 'type-graphql';
import type { StageDefinition } from '../../scoring/model-definition.js';

/** A stage of a model's funnel. */
@ObjectType('Stage', { description: "A stage of a model's funnel: where a contact stands by its total." })
export class StageType {
  @Field(() => String, { simple: true, description: 'Names the stage within its model.' })
  key!: string;

  @Field(() => String, { simple: true, description: 'What people call it.' })
  name!: string;

  @Field(() => Float, {
    simple: true,
    description:
      'The total from which on a contact is in the stage; below the first stage it is in the first all the same.',
  })
  minScore!: number;

  @Field(() => Boolean, { simple: true, description: 'True when a contact that enters it is a hot lead.' })
  hot!: boolean;
}

/** The stage as the API shows it. */
export function stageOf(stage: StageDefinition): StageType {
  return { key: stage.key, name: stage.name, minScore: stage.minScore, hot: stage.hot ?? false };
}

/**
 * The stage of a key within a model version. A key that the version does not have is shown by itself, so that a change
 * made under other rules stays readable.
 */
export function stageOfKey(stages: readonly StageDefinition[], key: string): StageType {
  const stage = stages.find((candidate) => candidate.key === key);
  return stage ? stageOf(stage) : { key, name: key, minScore: 0, hot: false };
}
