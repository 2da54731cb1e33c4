import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { Threshold, ThresholdReport } from '../../analytics/statistics/threshold-report.js';
import { ProportionType } from './proportion-type.js';

@ObjectType('ScoreThreshold', { description: 'What would come of working the leads at or above one total.' })
export class ScoreThresholdType implements Threshold {
  @Field(() => Int, { simple: true, description: 'Leads with this total or more are worked.' })
  cutOff!: number;

  @Field(() => Int, { simple: true, description: 'How many leads that is.' })
  leads!: number;

  @Field(() => Int, { simple: true, description: 'How many of them converted.' })
  converted!: number;

  @Field(() => ProportionType, {
    simple: true,
    description: 'Of the leads that are worked, those that convert: the patience of sales.',
  })
  precision!: ProportionType;

  @Field(() => ProportionType, {
    simple: true,
    description: 'Of all that convert, those that are worked: what is not left lying.',
  })
  recall!: ProportionType;

  @Field(() => Float, {
    simple: true,
    description: 'The harmonic mean of precision and recall, 0 to 1; 0 when nobody at or above converted.',
  })
  f1!: number;

  @Field(() => Float, {
    simple: true,
    description: 'Leads at or above it an average month of the range: what sales has to have time for.',
  })
  leadsPerMonth!: number;

  @Field(() => Float, {
    simple: true,
    description:
      'Conversions times their value less leads times their cost, over the range, in the tenant’s currency.',
  })
  expectedValue!: number;
}

@ObjectType('ThresholdReport', {
  description: 'What each total would have meant as the one from which on leads are handed to sales.',
})
export class ThresholdReportType {
  readonly #report: ThresholdReport;
  readonly #value: number;

  constructor(report: ThresholdReport, value: number) {
    this.#report = report;
    this.#value = value;
  }

  @Field(() => [ScoreThresholdType], {
    description: 'Each total that leads have, ascending; 1,001 of them at equal steps when there are more.',
  })
  thresholds(): ScoreThresholdType[] {
    return this.#report.thresholds;
  }

  @Field(() => Float, {
    description: 'The value of a conversion that expectedValue is counted with; 0 when none is known.',
  })
  valuePerConversion(): number {
    return this.#value;
  }

  @Field(() => ScoreThresholdType, {
    nullable: true,
    description:
      'The cut-off with the best F1, the higher one of equals; null when nobody converted. Chosen and judged on the same leads: expect a little less of it.',
  })
  bestByF1(): ScoreThresholdType | null {
    return this.#report.bestByF1;
  }

  @Field(() => ScoreThresholdType, {
    nullable: true,
    description:
      'The cut-off with the highest expected value, the higher one of equals; null without leads. It means little without a costPerLead.',
  })
  bestByValue(): ScoreThresholdType | null {
    return this.#report.bestByValue;
  }
}
