import type { ActiveModel } from '../../store/model-registry.js';
import {
  ACTION_TYPE_COUNTS,
  type ActionTypeCount,
  type ActionTypeCountDbRow,
  actionTypeCountOf,
} from '../../store/uses/action-type-counts.js';
import type { AnalyticsRead } from '../analytics-service.js';
import {
  CONVERSION_SETTINGS,
  conversionSettingsOf,
  type SettingsDbRow,
} from '../facts/conversion-settings.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { type DuplicateCount, readDuplicateCounts } from './duplicate-counts.js';
import { type AttributeFill, readCustomFills, readStandardFills, type StandardFills } from './fill-rates.js';
import { type WaitingRule, waitingRules } from './rule-action-types.js';
import { readStaleContacts, type StaleContacts } from './stale-contacts.js';
import { typesWithoutUse, type UnknownActionType, withContacts } from './unknown-action-types.js';

/** What data quality is asked about. */
export interface DataQualityRequest {
  scope: AnalyticsScope;
  /** All active models of the tenant. */
  models: readonly ActiveModel[];
  /** Days of 24 h without activity before the end of the range. */
  staleAfterDays: number;
  /** Entries of a list at most. */
  entriesMax: number;
}

/** The first entries of a list, and how many there are. */
export interface FirstEntries<T> {
  totalCount: number;
  entries: T[];
}

/**
 * Where the data keeps scores from being right. Each part is read when it is asked for, once. Profiles, duplicates and the
 * latest activity are those of now; the range ends what counts as stale, and bounds who did actions that nothing asks for.
 */
export class DataQuality {
  readonly #read: AnalyticsRead;
  readonly #request: DataQualityRequest;
  readonly #parts = new Map<string, Promise<unknown>>();

  constructor(read: AnalyticsRead, request: DataQualityRequest) {
    this.#read = read;
    this.#request = request;
  }

  /** How many contacts the scope has. */
  async contacts(): Promise<number> {
    return (await this.#standard()).contacts;
  }

  /** Standard attributes in their order, then the custom ones, the most filled first. */
  attributes(): Promise<FirstEntries<AttributeFill>> {
    return this.#once('attributes', async () => {
      const { contacts, fills } = await this.#standard();
      const custom = await readCustomFills(this.#read, this.#request.scope, contacts);
      return this.#first([...fills, ...custom]);
    });
  }

  stale(): Promise<StaleContacts> {
    const { scope, staleAfterDays } = this.#request;
    return this.#once('stale', async () =>
      readStaleContacts(this.#read, scope, await this.contacts(), staleAfterDays),
    );
  }

  duplicates(): Promise<DuplicateCount[]> {
    return this.#once('duplicates', async () =>
      readDuplicateCounts(this.#read, this.#request.scope, await this.contacts()),
    );
  }

  /** The most frequent first. */
  unknownActionTypes(): Promise<FirstEntries<UnknownActionType>> {
    const { scope, models } = this.#request;
    return this.#once('unknown types', async () => {
      const [counts, settings] = await Promise.all([
        this.#actionTypes(),
        this.#read<SettingsDbRow>(scope, { text: CONVERSION_SETTINGS, parameters: scopeParameters(scope) }),
      ]);
      const { totalCount, entries } = this.#first(
        typesWithoutUse(counts, models, conversionSettingsOf(settings)),
      );
      return { totalCount, entries: await withContacts(this.#read, scope, entries) };
    });
  }

  waitingRules(): Promise<FirstEntries<WaitingRule>> {
    return this.#once('waiting rules', async () => {
      const recorded = new Set((await this.#actionTypes()).map(({ type }) => type));
      return this.#first(waitingRules(this.#request.models, recorded));
    });
  }

  #standard(): Promise<StandardFills> {
    return this.#once('standard', () => readStandardFills(this.#read, this.#request.scope));
  }

  #actionTypes(): Promise<ActionTypeCount[]> {
    const { scope } = this.#request;
    return this.#once('action types', async () => {
      const statement = { text: ACTION_TYPE_COUNTS, parameters: scopeParameters(scope) };
      return (await this.#read<ActionTypeCountDbRow>(scope, statement)).map(actionTypeCountOf);
    });
  }

  #first<T>(entries: T[]): FirstEntries<T> {
    return { totalCount: entries.length, entries: entries.slice(0, this.#request.entriesMax) };
  }

  #once<T>(name: string, read: () => Promise<T>): Promise<T> {
    const known = this.#parts.get(name) as Promise<T> | undefined;
    if (known) return known;
    const part = read();
    this.#parts.set(name, part);
    return part;
  }
}
