import { Field, Float, ObjectType } from 'type-graphql';

/** One rate over another. */
@ObjectType('Lift', {
  description:
    'How many times as often some convert as others do, with how sure it is (Koopman’s score interval). It tells what goes together, not what causes what.',
})
export class LiftType {
  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'Rate over rate: 2 is twice as often. Null when a group is empty, or nobody of the others converted.',
  })
  ratio!: number | null;

  @Field(() => Float, {
    simple: true,
    description: 'The lower end of its 95 % interval. Above 1: more often, chance aside.',
  })
  low!: number;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'The upper end of its 95 % interval; null when there is none. Below 1: less often, chance aside.',
  })
  high!: number | null;

  @Field(() => Boolean, {
    simple: true,
    description: 'True when both groups have at least 30 leads. With less, do not act on it.',
  })
  enough!: boolean;
}
