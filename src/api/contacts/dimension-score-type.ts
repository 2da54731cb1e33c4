import { Field, Float, ObjectType } from 'type-graphql';
import type { DimensionDefinition } from '../../scoring/model-definition.js';

/** The points of one dimension. */
@ObjectType('DimensionScore', {
  description: 'The points of one dimension of the model, such as engagement or fit.',
})
export class DimensionScoreType {
  @Field(() => String, { simple: true, description: 'Key of the dimension.' })
  key!: string;

  @Field(() => String, { simple: true, description: 'What people call it.' })
  name!: string;

  @Field(() => Float, {
    simple: true,
    description: "Points within the dimension's bounds, before its weight; to the nearest millionth.",
  })
  points!: number;

  @Field(() => Float, { simple: true, description: 'The most it can have.' })
  maxPoints!: number;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'The label of these points, such as `A`; null when the dimension has none for them.',
  })
  label!: string | null;
}

/**
 * The dimensions as the API shows them.
 * @param points in the order of the dimensions.
 */
export function dimensionScoresOf(
  dimensions: readonly DimensionDefinition[],
  points: readonly number[],
): DimensionScoreType[] {
  return dimensions.map((dimension, index) => {
    const reached = points[index] ?? 0;
    return {
      key: dimension.key,
      name: dimension.name ?? dimension.key,
      points: reached,
      maxPoints: dimension.maxPoints,
      label: dimension.labels?.findLast((label) => label.minPoints <= reached)?.label ?? null,
    };
  });
}
