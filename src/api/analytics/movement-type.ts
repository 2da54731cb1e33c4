import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { ScoreMovement } from '../../analytics/course/score-movement.js';
import type { AnalyticsScope } from '../../analytics/scope/analytics-scope.js';
import { once } from '../once.js';
import { DateScalar } from '../scalars.js';
import { ProportionType } from './proportion-type.js';

@ObjectType('MovementSize', { description: 'How far those moved who moved one way.' })
export class MovementSizeType {
  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'Mean number of points, above 0 up and down; null when nobody moved this way.',
  })
  average!: number | null;

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: 'At least half of them moved by so many points or fewer; null when nobody did.',
  })
  median!: number | null;
}

@ObjectType('MovementDay', {
  description: 'What one day did to scores. Only what is left of a change at the end of the day counts.',
})
export class MovementDayType {
  @Field(() => DateScalar, { simple: true, description: 'The day; today is counted up to now.' })
  day!: string;

  @Field(() => Int, {
    simple: true,
    description: 'Leads whose total at its end was above that at its beginning.',
  })
  rose!: number;

  @Field(() => Int, { simple: true, description: 'Leads whose total at its end was below.' })
  fell!: number;

  @Field(() => Int, { simple: true, description: 'Contacts whose first entry was on this day.' })
  new!: number;

  @Field(() => Float, {
    simple: true,
    description:
      'By how many points the totals of those who rose and fell changed, all together. Below 0 for weeks while `new` is steady: leads cool down faster than they are worked.',
  })
  netPoints!: number;

  @Field(() => Int, { simple: true, description: 'Leads at its end.' })
  leads!: number;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'Their mean total at its end, new ones included; null without leads.',
  })
  average!: number | null;
}

/** Carries what its fields with resolvers of their own read with. */
@ObjectType('ScoreMovement', {
  description:
    'What became of scores over the range: the total at the end of the day before it against the total at its end. Whoever rose and fell back again has stayed.',
})
export class ScoreMovementType {
  readonly scope: AnalyticsScope;
  /** Reads it when a field first needs it: the days of the series are read by themselves. */
  readonly movement: () => Promise<ScoreMovement>;

  constructor(scope: AnalyticsScope, movement: () => Promise<ScoreMovement>) {
    this.scope = scope;
    this.movement = once(movement);
  }

  @Field(() => ProportionType, {
    simple: true,
    description: 'Leads with a higher total at the end; of those who were leads before the range.',
  })
  get rose(): Promise<ProportionType> {
    return this.movement().then((movement) => movement.rose);
  }

  @Field(() => ProportionType, {
    simple: true,
    description: 'Leads with a lower total at the end; of those who were leads before the range.',
  })
  get fell(): Promise<ProportionType> {
    return this.movement().then((movement) => movement.fell);
  }

  @Field(() => ProportionType, {
    simple: true,
    description: 'Leads with the same total; of those who were leads before the range.',
  })
  get stayed(): Promise<ProportionType> {
    return this.movement().then((movement) => movement.stayed);
  }

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Contacts whose first entry lies within the range, of all leads at its end; they are in none of the other three.',
  })
  get new(): Promise<ProportionType> {
    return this.movement().then((movement) => movement.new);
  }

  @Field(() => MovementSizeType, { simple: true, description: 'By how much those rose who rose.' })
  get rise(): Promise<MovementSizeType> {
    return this.movement().then((movement) => movement.rise);
  }

  @Field(() => MovementSizeType, { simple: true, description: 'By how much those fell who fell.' })
  get fall(): Promise<MovementSizeType> {
    return this.movement().then((movement) => movement.fall);
  }
}
