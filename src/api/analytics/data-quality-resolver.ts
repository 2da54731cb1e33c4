import { Arg, Ctx, Extensions, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { DataQuality, type FirstEntries } from '../../analytics/data-quality/data-quality.js';
import { badInput } from '../../errors.js';
import { FILTER_DAYS_MAX } from '../../store/contact-filter.js';
import { ACTION_TYPES_MAX } from '../../store/uses/action-type-counts.js';
import type { ApiContext } from '../context.js';
import { checkPage, PAGE_NODES_DEFAULT, PAGE_NODES_MAX } from '../pagination.js';
import { REPORT_COST } from '../query-cost.js';
import { AnalyticsType } from './analytics-type.js';
import {
  AttributeFillsType,
  DataQualityType,
  DuplicateCountType,
  StaleContactsType,
  UnknownActionTypesType,
  WaitingRulesType,
} from './data-quality-type.js';

const STALE_AFTER_DAYS_DEFAULT = 90;

/** The report on data quality. */
@Resolver(() => AnalyticsType)
export class DataQualityResolver {
  @Extensions({ flatCost: REPORT_COST })
  @FieldResolver(() => DataQualityType, {
    description: 'What is missing, old, double or not asked for in the data of the contacts in the filter.',
  })
  async dataQuality(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
    @Arg('staleAfterDays', () => Int, {
      nullable: true,
      defaultValue: STALE_AFTER_DAYS_DEFAULT,
      description: `Days of 24 h without activity before the end of the range that make a contact stale: 1 to ${FILTER_DAYS_MAX}.`,
    })
    staleAfterDays?: number | null,
    @Arg('first', () => Int, {
      nullable: true,
      description: `Entries of each list at most: 0 to ${PAGE_NODES_MAX}, ${PAGE_NODES_DEFAULT} when absent.`,
    })
    first?: number | null,
  ): Promise<DataQualityType> {
    const days = staleAfterDays ?? STALE_AFTER_DAYS_DEFAULT;
    if (days < 1 || days > FILTER_DAYS_MAX) {
      throw badInput([{ path: 'staleAfterDays', message: `Give a number from 1 to ${FILTER_DAYS_MAX}.` }]);
    }
    const { count } = checkPage({ first: first ?? null });
    const { models } = await services.registry.current(scope.tenantId);
    const request = { scope, models, staleAfterDays: days, entriesMax: count };
    return new DataQualityType(new DataQuality(services.analytics.read, request));
  }
}

/** The parts of the report. */
@Resolver(() => DataQualityType)
export class DataQualityFieldsResolver {
  @FieldResolver(() => Int, { description: 'Contacts in the filter.' })
  contacts(@Root() { report }: DataQualityType): Promise<number> {
    return report.contacts();
  }

  @FieldResolver(() => AttributeFillsType, { description: 'How many contacts have which attribute.' })
  async attributes(@Root() { report }: DataQualityType): Promise<AttributeFillsType> {
    return listOf(await report.attributes());
  }

  @FieldResolver(() => StaleContactsType, { description: 'Contacts that have not been active for long.' })
  async stale(@Root() { report }: DataQualityType): Promise<StaleContactsType> {
    const { beforeMs, stale, neverActive } = await report.stale();
    return { before: beforeMs, stale, neverActive };
  }

  @FieldResolver(() => [DuplicateCountType], {
    description:
      'Contacts that are likely the same person, by reason; only those within the filter are held against each other. A contact can be in a group of either reason.',
  })
  duplicates(@Root() { report }: DataQualityType): Promise<DuplicateCountType[]> {
    return report.duplicates();
  }

  @FieldResolver(() => UnknownActionTypesType, {
    description: `Action types that were recorded (the ${ACTION_TYPES_MAX} most frequent are looked at), and that no active rule of an active model names, no model calls passive, and that are no outcome and no feedback of sales. A rule for any activity (\`*\`) names none. Write a rule for them, or stop sending them.`,
  })
  async unknownActionTypes(@Root() { report }: DataQualityType): Promise<UnknownActionTypesType> {
    const types = listOf(await report.unknownActionTypes());
    return {
      ...types,
      nodes: types.nodes.map(({ lastAtMs, ...type }) => ({ ...type, lastSeenAt: lastAtMs })),
    };
  }

  @FieldResolver(() => WaitingRulesType, {
    description: `Active rules of active models that name action types of which none is among those recorded, by anybody at any time (the ${ACTION_TYPES_MAX} most frequent). Check how the types are written, or send them.`,
  })
  async waitingRules(@Root() { report }: DataQualityType): Promise<WaitingRulesType> {
    return listOf(await report.waitingRules());
  }
}

function listOf<T>({ totalCount, entries }: FirstEntries<T>): { totalCount: number; nodes: T[] } {
  return { totalCount, nodes: entries };
}
