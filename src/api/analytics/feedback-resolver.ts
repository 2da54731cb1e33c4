import { Arg, Ctx, Extensions, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';
import { BANDS_MAX, bandsBetween, bandsOfStages } from '../../analytics/conversion/conversion-report.js';
import {
  type Acceptance,
  acceptanceByBand,
  acceptanceByOwner,
  acceptanceOf,
  readAcceptanceByRule,
  readJudgedBySales,
  readSettledBySales,
} from '../../analytics/feedback/feedback-report.js';
import type { ApiContext } from '../context.js';
import { REPORT_COST } from '../query-cost.js';
import { AnalyticsType } from './analytics-type.js';
import { checkCount, FIRST_DEFAULT, FIRST_MAX } from './check-count.js';
import {
  BandAcceptanceType,
  LeadFeedbackType,
  OwnerAcceptanceType,
  RuleAcceptanceType,
} from './feedback-type.js';

const REASONS_MAX = 20;

/** What sales made of leads. */
@Resolver(() => AnalyticsType)
export class LeadFeedbackReportResolver {
  @FieldResolver(() => LeadFeedbackType, {
    description: 'Whether sales wants the leads that it is handed, and why not.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async leadFeedback(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
  ): Promise<LeadFeedbackType> {
    const { read } = services.analytics;
    const [judged, settled] = await Promise.all([
      readJudgedBySales(read, scope),
      readSettledBySales(read, scope),
    ]);
    return new LeadFeedbackType(scope, judged, { ...shown(acceptanceOf(judged)), ...settled });
  }
}

/** The report by what leads are. */
@Resolver(() => LeadFeedbackType)
export class LeadFeedbackFieldsResolver {
  @FieldResolver(() => [BandAcceptanceType], {
    description:
      'By bands of the total just before the verdict, ascending: from which one on sales wants leads. Leads without a total are in none.',
  })
  byBand(
    @Root() { scope, judged }: LeadFeedbackType,
    @Arg('bands', () => [Float], {
      nullable: true,
      description: `Lower bounds, ascending, at most ${BANDS_MAX}; what lies below the first is a band as well. The stages of the model when absent.`,
    })
    bands?: number[] | null,
  ): BandAcceptanceType[] {
    const asked = bands ? bandsBetween(bands, 'bands') : bandsOfStages(scope.model.compiled.stages);
    return acceptanceByBand(judged, asked).map(shown);
  }

  @FieldResolver(() => [OwnerAcceptanceType], {
    description: 'By owner, as they own now; the one with most leads first.',
  })
  byOwner(
    @Root() { judged }: LeadFeedbackType,
    @Arg('first', () => Int, {
      defaultValue: FIRST_DEFAULT,
      description: `How many owners at most, 1 to ${FIRST_MAX}.`,
    })
    first: number,
  ): OwnerAcceptanceType[] {
    checkCount('first', first, FIRST_MAX);
    return acceptanceByOwner(judged)
      .slice(0, first)
      .map((one) => Object.assign(new OwnerAcceptanceType(), shown(one)));
  }

  @FieldResolver(() => [RuleAcceptanceType], {
    description:
      'By rules that had given, or taken, something before the verdict; the one with most leads first.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async byRule(
    @Root() { scope }: LeadFeedbackType,
    @Ctx() { services }: ApiContext,
    @Arg('first', () => Int, {
      defaultValue: FIRST_DEFAULT,
      description: `How many rules at most, 1 to ${FIRST_MAX}.`,
    })
    first: number,
  ): Promise<RuleAcceptanceType[]> {
    checkCount('first', first, FIRST_MAX);
    const rates = await readAcceptanceByRule(services.analytics.read, scope);
    return scope.model.compiled.rules
      .flatMap(({ ordinal, key, title }) => {
        const rate = rates.get(ordinal);
        return rate ? [{ ruleKey: key, title, rate }] : [];
      })
      .sort((one, other) => other.rate.denominator - one.rate.denominator)
      .slice(0, first);
  }
}

function shown<Part extends Acceptance>(part: Part): Part {
  return { ...part, reasons: part.reasons.slice(0, REASONS_MAX) };
}
