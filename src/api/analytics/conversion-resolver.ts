import { Arg, Ctx, Extensions, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';
import {
  bySurestLift,
  readActionTypeNames,
  readConversionByAction,
  readConversionByRule,
} from '../../analytics/conversion/conversion-by-cause.js';
import {
  BANDS_MAX,
  bandsBetween,
  bandsOfStages,
  byBand,
  conversionReport,
} from '../../analytics/conversion/conversion-report.js';
import { histogramOf, readJudgedLeads, type ScoreMoment } from '../../analytics/conversion/judged-leads.js';
import { calibration } from '../../analytics/statistics/calibration.js';
import type { ApiContext } from '../context.js';
import { REPORT_COST } from '../query-cost.js';
import { AnalyticsType } from './analytics-type.js';
import { checkCount } from './check-count.js';
import {
  ActionConversionType,
  BandConversionType,
  ConversionType,
  RuleConversionType,
  ScoreCalibrationType,
  ScoreMomentEnum,
} from './conversion-type.js';

const FIRST_DEFAULT = 20;
const FIRST_MAX = 200;
const BINS_MAX = 50;
const OTHER_TYPES = '(other)';

/** What became of leads. */
@Resolver(() => AnalyticsType)
export class ConversionReportResolver {
  @FieldResolver(() => ConversionType, {
    description: 'What became of leads, and whether their scores knew it.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async conversion(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
    @Arg('judgedBy', () => ScoreMomentEnum, {
      defaultValue: 'PEAK',
      description: 'By which of its totals a lead is judged.',
    })
    judgedBy: ScoreMoment,
  ): Promise<ConversionType> {
    const judged = await readJudgedLeads(services.analytics.read, scope, judgedBy);
    return new ConversionType(scope, conversionReport(judged));
  }
}

/** The parts of the report that have arguments, or read once more. */
@Resolver(() => ConversionType)
export class ConversionFieldsResolver {
  @FieldResolver(() => [BandConversionType], {
    description: 'By bands of totals, ascending. Higher bands should convert better.',
  })
  byBand(
    @Root() { scope, judged }: ConversionType,
    @Arg('bands', () => [Float], {
      nullable: true,
      description: `Lower bounds, ascending, at most ${BANDS_MAX}; what lies below the first is a band as well. The stages of the model when absent.`,
    })
    bands?: number[] | null,
  ): BandConversionType[] {
    const asked = bands ? bandsBetween(bands, 'bands') : bandsOfStages(scope.model.compiled.stages);
    return byBand(judged, asked);
  }

  @FieldResolver(() => ScoreCalibrationType, {
    nullable: true,
    description: 'What totals mean as rates; null without leads that have one.',
  })
  calibration(
    @Root() { judged }: ConversionType,
    @Arg('bins', () => Int, {
      defaultValue: 10,
      description: `How many bins at most, 1 to ${BINS_MAX}; no more than leave 30 leads to each.`,
    })
    bins: number,
  ): ScoreCalibrationType | null {
    checkCount('bins', bins, BINS_MAX);
    const found = calibration(histogramOf(judged), bins);
    return found && new ScoreCalibrationType(found);
  }

  @FieldResolver(() => [RuleConversionType], {
    description:
      'By rule, the surest effect first (the lower end of the lift’s interval). Whatever judgedBy says, all that came before the outcome counts. Leads that were watched longer have met more rules. Rules that nobody has met are left out.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async byRule(
    @Root() { scope, report }: ConversionType,
    @Ctx() { services }: ApiContext,
    @Arg('first', () => Int, {
      defaultValue: FIRST_DEFAULT,
      description: `How many rules at most, 1 to ${FIRST_MAX}.`,
    })
    first: number,
  ): Promise<RuleConversionType[]> {
    checkCount('first', first, FIRST_MAX);
    const found = await readConversionByRule(services.analytics.read, scope, report.sums);
    const { rules } = scope.model.compiled;
    return [...found]
      .flatMap(([index, conversion]) => {
        const rule = rules[index];
        return rule ? [{ ruleKey: rule.key, title: rule.title, ...conversion }] : [];
      })
      .sort(bySurestLift)
      .slice(0, first);
  }

  @FieldResolver(() => [ActionConversionType], {
    description:
      'By action type, the surest effect first; whether or not a rule scores it. Whatever judgedBy says, all that came before the outcome counts.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async byAction(
    @Root() { scope, report }: ConversionType,
    @Ctx() { services }: ApiContext,
    @Arg('first', () => Int, {
      defaultValue: FIRST_DEFAULT,
      description: `How many action types at most, 1 to ${FIRST_MAX}.`,
    })
    first: number,
  ): Promise<ActionConversionType[]> {
    checkCount('first', first, FIRST_MAX);
    const { read } = services.analytics;
    const found = [...(await readConversionByAction(read, scope, report.sums))]
      .sort(([, one], [, other]) => bySurestLift(one, other))
      .slice(0, first);
    const ids = found.map(([id]) => id);
    const names = await readActionTypeNames(read, scope, ids);
    return found.map(([id, conversion]) => ({ actionType: names.get(id) ?? OTHER_TYPES, ...conversion }));
  }
}
