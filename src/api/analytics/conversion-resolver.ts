import { Arg, Ctx, Extensions, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';
import {
  bySurestLift,
  OTHER_ACTION_TYPES,
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
import { checkCount, FIRST_DEFAULT, FIRST_MAX } from './check-count.js';
import {
  ActionConversionType,
  BandConversionType,
  ConversionType,
  RuleConversionType,
  ScoreCalibrationType,
  ScoreMomentEnum,
} from './conversion-type.js';

const BINS_MAX = 50;

/** What became of leads. */
@Resolver(() => AnalyticsType)
export class ConversionReportResolver {
  @FieldResolver(() => ConversionType, {
    description: 'What became of leads, and whether their scores knew it.',
  })
  @Extensions({ flatCost: REPORT_COST })
  conversion(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
    @Arg('judgedBy', () => ScoreMomentEnum, {
      defaultValue: 'PEAK',
      description: 'By which of its totals a lead is judged.',
    })
    judgedBy: ScoreMoment,
  ): ConversionType {
    const { read } = services.analytics;
    return new ConversionType(scope, async () =>
      conversionReport(await readJudgedLeads(read, scope, judgedBy)),
    );
  }
}

/** The parts of the report that have arguments, or read once more. */
@Resolver(() => ConversionType)
export class ConversionFieldsResolver {
  @FieldResolver(() => [BandConversionType], {
    description: 'By bands of totals, ascending. Higher bands should convert better.',
  })
  async byBand(
    @Root() { scope, report }: ConversionType,
    @Arg('bands', () => [Float], {
      nullable: true,
      description: `Lower bounds, ascending, at most ${BANDS_MAX}; what lies below the first is a band as well. The stages of the model when absent.`,
    })
    bands?: number[] | null,
  ): Promise<BandConversionType[]> {
    const asked = bands ? bandsBetween(bands, 'bands') : bandsOfStages(scope.model.compiled.stages);
    return byBand((await report()).judged, asked);
  }

  @FieldResolver(() => ScoreCalibrationType, {
    nullable: true,
    description: 'What totals mean as rates; null without leads that have one.',
  })
  async calibration(
    @Root() { report }: ConversionType,
    @Arg('bins', () => Int, {
      defaultValue: 10,
      description: `How many bins at most, 1 to ${BINS_MAX}; no more than leave 30 leads to each.`,
    })
    bins: number,
  ): Promise<ScoreCalibrationType | null> {
    checkCount('bins', bins, BINS_MAX);
    const found = calibration(histogramOf((await report()).judged), bins);
    return found && new ScoreCalibrationType(found);
  }

  @FieldResolver(() => [RuleConversionType], {
    description:
      'By rule, the surest effect first (the lower end of the lift’s interval). Whatever judgedBy says, all that came before the outcome counts. Leads that were watched longer have met more rules. Rules that nobody has met are left out.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async byRule(
    @Root() { scope }: ConversionType,
    @Ctx() { services }: ApiContext,
    @Arg('first', () => Int, {
      defaultValue: FIRST_DEFAULT,
      description: `How many rules at most, 1 to ${FIRST_MAX}.`,
    })
    first: number,
  ): Promise<RuleConversionType[]> {
    checkCount('first', first, FIRST_MAX);
    const { causes } = await readConversionByRule(services.analytics.read, scope);
    const { rules } = scope.model.compiled;
    return [...causes]
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
    @Root() { scope }: ConversionType,
    @Ctx() { services }: ApiContext,
    @Arg('first', () => Int, {
      defaultValue: FIRST_DEFAULT,
      description: `How many action types at most, 1 to ${FIRST_MAX}.`,
    })
    first: number,
  ): Promise<ActionConversionType[]> {
    checkCount('first', first, FIRST_MAX);
    const { read } = services.analytics;
    const { causes } = await readConversionByAction(read, scope);
    const found = [...causes].sort(([, one], [, other]) => bySurestLift(one, other)).slice(0, first);
    const ids = found.map(([id]) => id);
    const names = await readActionTypeNames(read, scope, ids);
    return found.map(([id, conversion]) => ({
      actionType: names.get(id) ?? OTHER_ACTION_TYPES,
      ...conversion,
    }));
  }
}
