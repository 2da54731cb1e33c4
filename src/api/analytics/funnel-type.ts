import { Field, Float, Int, ObjectType } from 'type-graphql';
import { StageType } from '../contacts/stage-type.js';
import { DateTimeScalar } from '../scalars.js';
import { ProportionType } from './proportion-type.js';

@ObjectType('StageFunnel', {
  description:
    'How leads went through one stage within the range. The first entry into a lead’s timeline enters the stage that it then has.',
})
export class StageFunnelType {
  @Field(() => StageType, { simple: true, description: 'The stage.' })
  stage!: StageType;

  @Field(() => Int, { simple: true, description: 'Leads that entered it, however often.' })
  entered!: number;

  @Field(() => Int, { simple: true, description: 'Times that a lead left it for a higher stage.' })
  leftUp!: number;

  @Field(() => Int, {
    simple: true,
    description:
      'Times that a lead left it for a lower stage: interest that cooled off before anybody called.',
  })
  leftDown!: number;

  @Field(() => Int, { simple: true, description: 'Leads in it just before the range.' })
  atStart!: number;

  @Field(() => Int, { simple: true, description: 'Leads in it at the end of the range.' })
  atEnd!: number;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of the leads that entered it, those that reached any higher stage afterwards, by the end of the range. Those that entered late had little time: compare ranges of the same length.',
  })
  advanced!: ProportionType;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of the leads that entered it, those that were in the very next stage at some time afterwards; a lead that jumps over it is not among them.',
  })
  toNext!: ProportionType;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'Half of the stays in it that ended in the range were no longer than this many days (24 h each, to a hundredth); null when none ended.',
  })
  medianDays!: number | null;

  @Field(() => Float, { nullable: true, simple: true, description: 'And three in four no longer than this.' })
  p75Days!: number | null;

  @Field(() => Int, {
    simple: true,
    description: 'Stays that had not ended; they are in neither figure, which makes these too short.',
  })
  open!: number;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'Velocity: days from first seen to first entering it, half of the leads that first entered it in the range took no longer; null when none did.',
  })
  medianDaysToEnter!: number | null;
}

@ObjectType('CohortStage', { description: 'Leads of a month that came so far.' })
export class CohortStageType {
  @Field(() => StageType, { simple: true, description: 'The stage.' })
  stage!: StageType;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of the leads of the month, those that had reached it, or a higher one, by the end of the range.',
  })
  reached!: ProportionType;
}

@ObjectType('Cohort', { description: 'Leads that were first seen in one month.' })
export class CohortType {
  @Field(() => String, { simple: true, description: 'The month of the time zone, `YYYY-MM`.' })
  month!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it begins there.' })
  fromAt!: number;

  @Field(() => Int, { simple: true, description: 'Leads that were first seen in it, within the range.' })
  leads!: number;

  @Field(() => [CohortStageType], {
    simple: true,
    description: 'How far they came. Younger months had less time: compare months at the same age.',
  })
  stages!: CohortStageType[];

  @Field(() => ProportionType, { simple: true, description: 'Those that were won by the end of the range.' })
  converted!: ProportionType;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'Half of those took no longer, in days from first seen; null when nobody was won.',
  })
  medianDaysToConvert!: number | null;
}
