import { Arg, Ctx, Extensions, FieldResolver, Float, Resolver, Root } from 'type-graphql';
import {
  histogramOf,
  readJudgedLeads,
  type ScoreMoment,
  sumUp,
} from '../../analytics/conversion/judged-leads.js';
import { thresholdReport } from '../../analytics/statistics/threshold-report.js';
import { badInput } from '../../errors.js';
import { DAY_MS } from '../../scoring/duration.js';
import type { ApiContext } from '../context.js';
import { REPORT_COST } from '../query-cost.js';
import { AnalyticsType } from './analytics-type.js';
import { ScoreMomentEnum } from './conversion-type.js';
import { ThresholdReportType } from './threshold-type.js';

/** An average month of the Gregorian calendar. */
const MONTH_MS = 30.436875 * DAY_MS;

/** Where to hand leads to sales. */
@Resolver(() => AnalyticsType)
export class ThresholdResolver {
  @FieldResolver(() => ThresholdReportType, {
    description:
      'What each total would have meant as the one from which on leads are handed to sales: where to put the boundary of a hot stage.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async thresholds(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
    @Arg('judgedBy', () => ScoreMomentEnum, {
      defaultValue: 'PEAK',
      description: 'By which of its totals a lead is judged; PEAK is what an alert sees.',
    })
    judgedBy: ScoreMoment,
    @Arg('valuePerConversion', () => Float, {
      nullable: true,
      description:
        'What a conversion is worth, in the tenant’s currency; the average of the conversions in the range when absent.',
    })
    valuePerConversion?: number | null,
    @Arg('costPerLead', () => Float, {
      defaultValue: 0,
      description: 'What working one lead costs, in the same currency.',
    })
    costPerLead = 0,
  ): Promise<ThresholdReportType> {
    for (const [path, value] of Object.entries({ costPerLead, valuePerConversion }))
      if (value != null && value < 0) throw badInput([{ path, message: 'Give 0 or more.' }]);
    const judged = await readJudgedLeads(services.analytics.read, scope, judgedBy);
    const { value, valued } = sumUp(judged);
    const worth = valuePerConversion ?? (valued === 0 ? 0 : value / valued);
    const months = (scope.range.toMs - scope.range.fromMs) / MONTH_MS;
    const options = { months, valuePerConversion: worth, costPerLead };
    return new ThresholdReportType(thresholdReport(histogramOf(judged), options), worth);
  }
}
