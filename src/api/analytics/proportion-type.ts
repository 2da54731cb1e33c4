import { Field, Float, Int, ObjectType } from 'type-graphql';

/** A share of some, with how far it can be trusted. */
@ObjectType('Proportion', {
  description:
    'A share, with how sure it is. Compare two shares by their intervals: where these overlap, the difference may be chance.',
})
export class ProportionType {
  @Field(() => Int, { simple: true, description: 'How many it holds for.' })
  numerator!: number;

  @Field(() => Int, { simple: true, description: 'Of how many.' })
  denominator!: number;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'numerator / denominator, 0 to 1; null when the denominator is 0.',
  })
  rate!: number | null;

  @Field(() => Float, {
    simple: true,
    description:
      'The lower end of the 95 % Wilson interval of the rate: it holds the true one in 95 of 100 such samples. 0 without a denominator.',
  })
  low!: number;

  @Field(() => Float, {
    simple: true,
    description: 'The upper end of that interval; 1 without a denominator.',
  })
  high!: number;

  @Field(() => Boolean, {
    simple: true,
    description: 'True when the denominator is at least 30. With less, do not act on the rate.',
  })
  enough!: boolean;
}
