import { Field, Float, ObjectType } from 'type-graphql';

/** How two shares differ. */
@ObjectType('RateDifference', {
  description: 'The difference of two shares, with how sure it is (Newcombe’s interval).',
})
export class RateDifferenceType {
  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'The second rate less the first, -1 to 1; null when one of them has no leads.',
  })
  difference!: number | null;

  @Field(() => Float, {
    simple: true,
    description: 'The lower end of its 95 % interval. Above 0: the second is better.',
  })
  low!: number;

  @Field(() => Float, {
    simple: true,
    description: 'The upper end of its 95 % interval. Below 0: the first is better.',
  })
  high!: number;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'How often chance alone makes a difference as large where there is none; null without one.',
  })
  pValue!: number | null;

  @Field(() => Boolean, { simple: true, description: 'Whether both shares are of at least 30 leads.' })
  enough!: boolean;
}
