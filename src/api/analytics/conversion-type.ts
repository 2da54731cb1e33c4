import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { CauseConversion } from '../../analytics/conversion/conversion-by-cause.js';
import type { BandConversion, ConversionReport } from '../../analytics/conversion/conversion-report.js';
import type { ScoreMoment } from '../../analytics/conversion/judged-leads.js';
import type { AnalyticsScope } from '../../analytics/scope/analytics-scope.js';
import type { AreaUnderCurve } from '../../analytics/statistics/area-under-curve.js';
import type { Calibration, CalibrationBin } from '../../analytics/statistics/calibration.js';
import { once } from '../once.js';
import { LiftType } from './lift-type.js';
import { ProportionType } from './proportion-type.js';

export const ScoreMomentEnum: Record<ScoreMoment, ScoreMoment> = { PEAK: 'PEAK', START: 'START' };
registerEnumType(ScoreMomentEnum, {
  name: 'ScoreMoment',
  description: 'By which of its totals a lead is judged.',
  valuesConfig: {
    PEAK: {
      description:
        'The highest total before its outcome, or before the end of the range: what an alert at that total would have done. Leads are watched for different times, and those watched longer climb higher: to judge how well scores predict, take START.',
    },
    START: {
      description:
        'The last total before the range; leads that came later have none. What follows in the range is predicted by it.',
    },
  },
});

@ObjectType('AreaUnderCurve', {
  description: 'How well totals tell leads that convert from those that do not.',
})
export class AreaUnderCurveType implements AreaUnderCurve {
  @Field(() => Float, {
    simple: true,
    description:
      'How often a lead that converted has a higher total than one that did not, ties counting half: 0.5 is no better than chance, 1 is perfect, below 0.5 the score is upside down.',
  })
  area!: number;

  @Field(() => Float, {
    simple: true,
    description: 'The lower end of its 95 % interval (Hanley and McNeil).',
  })
  low!: number;

  @Field(() => Float, { simple: true, description: 'The upper end of its 95 % interval.' })
  high!: number;

  @Field(() => Int, { simple: true, description: 'Leads that converted.' })
  positives!: number;

  @Field(() => Int, { simple: true, description: 'Leads that did not.' })
  negatives!: number;

  @Field(() => Boolean, {
    simple: true,
    description: 'True when there are at least 30 leads, 10 of either outcome. With less, do not act on it.',
  })
  enough!: boolean;
}

@ObjectType('BandConversion', { description: 'Leads whose total lies within one band.' })
export class BandConversionType implements BandConversion {
  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'The band holds totals from this one on; null for all that are below the next one.',
  })
  fromTotal!: number | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'And below this one; null for the last band.',
  })
  toTotal!: number | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of the stage that the band is; null when bands were asked for.',
  })
  stage!: string | null;

  @Field(() => ProportionType, { simple: true, description: 'Of its leads, those that converted.' })
  converted!: ProportionType;

  @Field(() => LiftType, {
    simple: true,
    description:
      'Its rate over that of all other leads with a total. Rates that do not rise from band to band mean that the score does not order leads as it should.',
  })
  lift!: LiftType;

  @Field(() => Int, { simple: true, description: 'Of its leads, those that were lost.' })
  lost!: number;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'Average value of its conversions, in the tenant’s currency; null when none has a value.',
  })
  valueAverage!: number | null;
}

/** What rules and actions have in common. */
@ObjectType()
abstract class CauseConversionType implements CauseConversion {
  @Field(() => ProportionType, {
    simple: true,
    description: 'Of the leads for whom it held before their outcome, those that converted.',
  })
  converted!: ProportionType;

  @Field(() => ProportionType, {
    simple: true,
    description: 'Of all other leads, those that converted.',
  })
  without!: ProportionType;

  @Field(() => LiftType, {
    simple: true,
    description:
      'The former rate over the latter. An interval around 1: it says nothing about who converts, whatever points it gives.',
  })
  lift!: LiftType;
}

@ObjectType('RuleConversion', {
  description: 'Leads to whom a rule had given, or taken, something before their outcome, beside the others.',
})
export class RuleConversionType extends CauseConversionType {
  @Field(() => String, { simple: true, description: 'Key of the rule.' })
  ruleKey!: string;

  @Field(() => String, { simple: true, description: 'Name of the rule, or its key.' })
  title!: string;
}

@ObjectType('ActionConversion', {
  description: 'Leads that had done something before their outcome, beside the others.',
})
export class ActionConversionType extends CauseConversionType {
  @Field(() => String, {
    simple: true,
    description:
      'The action type; `(other)` for all types beyond the 10,000th. That of an outcome shows whoever did it before the outcome that counts.',
  })
  actionType!: string;
}

@ObjectType('CalibrationBin', { description: 'Leads with neighbouring totals.' })
export class CalibrationBinType implements CalibrationBin {
  @Field(() => Int, { simple: true, description: 'The lowest total in it.' })
  scoreMin!: number;

  @Field(() => Int, { simple: true, description: 'The highest total in it.' })
  scoreMax!: number;

  @Field(() => ProportionType, { simple: true, description: 'Of its leads, those that converted.' })
  observed!: ProportionType;

  @Field(() => Float, {
    simple: true,
    description: 'The rate that a logistic curve over totals expects of them.',
  })
  logisticRate!: number;

  @Field(() => Float, {
    simple: true,
    description: 'The rate that the best curve that never falls expects of them.',
  })
  isotonicRate!: number;
}

@ObjectType('ScoreCalibration', {
  description:
    'What totals mean as rates. A total is no probability; these bins say which one goes with it. The curves are fitted to the leads they are shown with, so new leads will fit them a little less well.',
})
export class ScoreCalibrationType {
  readonly #calibration: Calibration;

  constructor(calibration: Calibration) {
    this.#calibration = calibration;
  }

  @Field(() => [CalibrationBinType], {
    description: 'About as many leads in each, of neighbouring totals, ascending; one total is never split.',
  })
  bins(): CalibrationBinType[] {
    return this.#calibration.bins;
  }

  @Field(() => Float, {
    description: 'Mean squared error of the logistic curve (Brier score): 0 is perfect, less is better.',
  })
  brierScore(): number {
    return this.#calibration.logisticErrors.brierScore;
  }

  @Field(() => Float, { description: 'Its mean log loss in nats: 0 is perfect, less is better.' })
  logLoss(): number {
    return this.#calibration.logisticErrors.logLoss;
  }

  @Field(() => Float, {
    nullable: true,
    description:
      'Of neighbouring bins, the share in which the higher one converted better: 1 when the score orders leads throughout. Null with a single bin.',
  })
  risingShare(): number | null {
    return this.#calibration.risingShare;
  }

  @Field(() => Float, {
    nullable: true,
    description:
      'Kendall’s tau-b of total and conversion, -1 to 1: above 0, higher totals convert more. Null when all leads have one total or one outcome.',
  })
  tau(): number | null {
    return this.#calibration.tau;
  }
}

/** What of the report reads once more is in its resolver. */
@ObjectType('Conversion', {
  description:
    'What became of leads: contacts that were known by the end of the range and had no outcome before it. A lead has one outcome, the first that won it or else the first that lost it; what came after it is no cause of it.',
})
export class ConversionType {
  readonly scope: AnalyticsScope;
  /** Reads the report when a field first needs it: what is told by cause reads something else. */
  readonly report: () => Promise<ConversionReport>;

  constructor(scope: AnalyticsScope, report: () => Promise<ConversionReport>) {
    this.scope = scope;
    this.report = once(report);
  }

  @Field(() => ProportionType, { description: 'Of all leads, those that converted in the range.' })
  async converted(): Promise<ProportionType> {
    return (await this.report()).converted;
  }

  @Field(() => Int, { description: 'Leads that were lost in the range.' })
  async lost(): Promise<number> {
    return (await this.report()).sums.lost;
  }

  @Field(() => Int, { description: 'Leads without an outcome by its end.' })
  async open(): Promise<number> {
    const { leads, won, lost } = (await this.report()).sums;
    return leads - won - lost;
  }

  @Field(() => Int, {
    description:
      'Leads without a total to be judged by, which are in no band: judged by START, those that came later; judged by PEAK, those whose outcome is the first that is known of them (look who sends outcomes alone).',
  })
  async unscored(): Promise<number> {
    return (await this.report()).unscored;
  }

  @Field(() => Float, { description: 'What the conversions are worth together, in the tenant’s currency.' })
  async value(): Promise<number> {
    return (await this.report()).sums.value;
  }

  @Field(() => Float, {
    nullable: true,
    description: 'What a conversion is worth on average, of those that have a value; null when none has.',
  })
  async valueAverage(): Promise<number | null> {
    const { value, valued } = (await this.report()).sums;
    return valued === 0 ? null : value / valued;
  }

  @Field(() => AreaUnderCurveType, {
    nullable: true,
    description: 'How well totals tell who converts; null when all leads have one outcome.',
  })
  async areaUnderCurve(): Promise<AreaUnderCurveType | null> {
    return (await this.report()).areaUnderCurve;
  }
}
