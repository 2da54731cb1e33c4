import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { readFactCoverage } from '../../analytics/facts/fact-coverage.js';
import { RANGE_DAYS_DEFAULT } from '../../analytics/scope/analytics-range.js';
import type { AnalyticsScope } from '../../analytics/scope/analytics-scope.js';
import { badInput, type FieldFault, LeadpulseError } from '../../errors.js';
import { asksFor } from '../asks-for.js';
import type { ApiContext } from '../context.js';
import { ScoringModelType, scoringModelOf } from '../models/scoring-model-type.js';
import { RawArg } from '../raw-arg.js';
import { AnalyticsFilterInput, AnalyticsRangeInput, AnalyticsType } from './analytics-type.js';
import { AnalyticsCoverageType } from './coverage-type.js';

/** The root of all reports. */
@Resolver(() => AnalyticsType)
export class AnalyticsResolver {
  @Query(() => AnalyticsType, {
    description:
      'Reports: how leads score, what they do and what becomes of them. They look at all contacts of the filter on connections of their own, a few at a time: RATE_LIMITED or UNAVAILABLE when too many are asked for at once, UNAVAILABLE when one takes longer than 20 s. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async analytics(
    @Ctx() context: ApiContext,
    @Info() info: GraphQLResolveInfo,
    @RawArg(
      'range',
      () => AnalyticsRangeInput,
      `The days; the last ${RANGE_DAYS_DEFAULT} up to today when absent.`,
      { nullable: true },
    )
    range?: AnalyticsRangeInput | null,
    @Arg('timeZone', () => String, {
      nullable: true,
      defaultValue: 'UTC',
      description:
        'Whose days are meant: an IANA name such as `Europe/Berlin`. A day begins with the first instant that bears its date there. BAD_USER_INPUT for anything else.',
    })
    timeZone?: string | null,
    @RawArg(
      'filter',
      () => AnalyticsFilterInput,
      'Whose figures are meant; those of all contacts when absent.',
      {
        nullable: true,
      },
    )
    filter?: AnalyticsFilterInput | null,
  ): Promise<AnalyticsType> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    const request = { range: range ?? null, timeZone: timeZone ?? null, filter: filter ?? null };
    const scope = await services.analytics.scope(viewer.tenantId, request);
    await checkSegments(context, scope.segmentIds ?? []);
    // Before the reports are read, so that they contain at least what it says.
    const coverage = asksFor(info, 'coverage') ? await readCoverage(context, scope) : null;
    return new AnalyticsType(scope, coverage);
  }

  @FieldResolver(() => ScoringModelType, { description: 'The model whose scores the reports are about.' })
  async model(@Root() { scope }: AnalyticsType, @Ctx() { loaders }: ApiContext): Promise<ScoringModelType> {
    const row = await loaders.modelById.load(scope.model.modelId);
    if (row) return scoringModelOf(row);
    throw new LeadpulseError('NOT_FOUND', 'The scoring model is no longer there.');
  }
}

async function readCoverage({ services }: ApiContext, scope: AnalyticsScope): Promise<AnalyticsCoverageType> {
  const active = await services.registry.current(scope.tenantId);
  return new AnalyticsCoverageType(await readFactCoverage(services.analytics.read, scope, active));
}

/** A typing error must not look like a segment without members. */
async function checkSegments({ loaders }: ApiContext, ids: readonly string[]): Promise<void> {
  const segments = await Promise.all(ids.map((id) => loaders.segmentById.load(id)));
  const faults = segments.flatMap((segment, index): FieldFault[] =>
    segment ? [] : [{ path: `filter.segmentIds.${index}`, message: 'There is no segment with this id.' }],
  );
  if (faults.length > 0) throw badInput(faults);
}
