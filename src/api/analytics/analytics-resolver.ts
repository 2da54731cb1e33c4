import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { RANGE_DAYS_DEFAULT } from '../../analytics/scope/analytics-range.js';
import { badInput, type FieldFault, LeadpulseError } from '../../errors.js';
import type { ApiContext } from '../context.js';
import { ScoringModelType, scoringModelOf } from '../models/scoring-model-type.js';
import { RawArg } from '../raw-arg.js';
import { AnalyticsFilterInput, AnalyticsRangeInput, AnalyticsType } from './analytics-type.js';

/** The root of all reports. */
@Resolver(() => AnalyticsType)
export class AnalyticsResolver {
  @Query(() => AnalyticsType, {
    description:
      'Reports: how leads score, what they do and what becomes of them. They look at all contacts of the filter on connections of their own, a few at a time: RATE_LIMITED or UNAVAILABLE when too many are asked for at once, UNAVAILABLE when one takes longer than 20 s. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async analytics(
    @Ctx() context: ApiContext,
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
    return new AnalyticsType(scope);
  }

  @FieldResolver(() => ScoringModelType, { description: 'The model whose scores the reports are about.' })
  async model(@Root() { scope }: AnalyticsType, @Ctx() { loaders }: ApiContext): Promise<ScoringModelType> {
    const row = await loaders.modelById.load(scope.model.modelId);
    if (row) return scoringModelOf(row);
    throw new LeadpulseError('NOT_FOUND', 'The scoring model is no longer there.');
  }
}

/** A typing error must not look like a segment without members. */
async function checkSegments({ loaders }: ApiContext, ids: readonly string[]): Promise<void> {
  const segments = await Promise.all(ids.map((id) => loaders.segmentById.load(id)));
  const faults = segments.flatMap((segment, index): FieldFault[] =>
    segment ? [] : [{ path: `filter.segmentIds.${index}`, message: 'There is no segment with this id.' }],
  );
  if (faults.length > 0) throw badInput(faults);
}
