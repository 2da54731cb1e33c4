import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { RANGE_DAYS_MAX } from '../../analytics/scope/analytics-range.js';
import type { AnalyticsFilter, AnalyticsScope } from '../../analytics/scope/analytics-scope.js';
import { FILTER_VALUES_MAX } from '../../store/contact-filter.js';
import { DateScalar, DateTimeScalar } from '../scalars.js';
import { AnalyticsCoverageType } from './coverage-type.js';

@InputType({
  description: `Whole days of the time zone, both included: at most ${RANGE_DAYS_MAX}, none after today. Today counts up to now. BAD_USER_INPUT otherwise.`,
})
export class AnalyticsRangeInput {
  @Field(() => DateScalar, { description: 'The first day.' })
  from!: string;

  @Field(() => DateScalar, { description: 'The last day; not before `from`, not after today.' })
  to!: string;
}

@InputType({ description: 'Whose figures are meant, and under which model. Every given part must hold.' })
export class AnalyticsFilterInput implements AnalyticsFilter {
  @Field(() => ID, {
    nullable: true,
    description:
      'The model, by id; the primary one when neither this nor modelKey is given. NOT_FOUND when no active model has it.',
  })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The model, by key. Not together with modelId. NOT_FOUND when no active model has it.',
  })
  modelKey?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Only contacts in one of these segments, as members are now, whatever they were in the range; at most ${FILTER_VALUES_MAX}. BAD_USER_INPUT for what is no segment.`,
  })
  segmentIds?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Only contacts that one of these sales representatives owns now, whoever owned them in the range; at most ${FILTER_VALUES_MAX}.`,
  })
  ownerIds?: string[] | null;
}

@ObjectType('AnalyticsRange', {
  description: 'The days that reports are about, and the instants they stand for.',
})
export class AnalyticsRangeType {
  @Field(() => DateScalar, { simple: true, description: 'The first day.' })
  from!: string;

  @Field(() => DateScalar, { simple: true, description: 'The last day.' })
  to!: string;

  @Field(() => String, { simple: true, description: 'The time zone whose days they are; its IANA name.' })
  timeZone!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When the first day begins there.' })
  fromAt!: number;

  @Field(() => DateTimeScalar, {
    simple: true,
    description:
      'What counts is before this: the end of the last day, or when the request came, if that is earlier.',
  })
  toAt!: number;

  @Field(() => Int, { simple: true, description: 'How many days.' })
  days!: number;
}

/** Reports are fields with resolvers of their own, which read within `scope`. */
@ObjectType('Analytics', {
  description:
    'Reports over the same days, contacts and model; ask for several in one request. Scores in them are those of the current version of the model, as if it had always been in force, not what was published when.',
})
export class AnalyticsType {
  readonly scope: AnalyticsScope;

  @Field(() => AnalyticsCoverageType, {
    simple: true,
    description: 'Whether the figures are whole yet, and up to when. Ask for it with every report.',
  })
  readonly coverage: AnalyticsCoverageType | null;

  /** @param coverage as it was before any report was read; null when it is not asked for. */
  constructor(scope: AnalyticsScope, coverage: AnalyticsCoverageType | null) {
    this.scope = scope;
    this.coverage = coverage;
  }

  @Field(() => AnalyticsRangeType, { simple: true, description: 'What the reports are about.' })
  get range(): AnalyticsRangeType {
    const { from, to, timeZone, fromMs, toMs, dayStartsMs } = this.scope.range;
    return { from, to, timeZone, fromAt: fromMs, toAt: toMs, days: dayStartsMs.length - 1 };
  }
}
