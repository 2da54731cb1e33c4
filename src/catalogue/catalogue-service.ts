import type { Log } from '../log.js';
import type { SeenUse } from '../scoring/warnings/model-warning.js';
import type { Database } from '../store/database.js';
import { tenantRead } from '../store/tenant-scope.js';
import { readActionTypeCounts } from '../store/uses/action-type-counts.js';
import type { PropertyUse } from '../store/uses/property-use.js';
import { RuleUses } from '../store/uses/rule-uses.js';
import { readProperties, readRulePatterns } from './action-type-queries.js';
import { AttributeCatalogue } from './attribute-catalogue.js';
import type { AttributeCounts } from './attribute-count.js';
import {
  type ActionTypeFilter,
  type ActionTypePlace,
  type ActionTypeRow,
  listActionTypes,
} from './list-action-types.js';
import { readSeenUse } from './read-seen.js';

/** What the data of a tenant has to offer to whoever builds a rule: action types and attributes. */
export class CatalogueService {
  readonly #db: Database;
  readonly #attributes: AttributeCatalogue;

  constructor(options: { db: Database; log: Log }) {
    this.#db = options.db;
    this.#attributes = new AttributeCatalogue(options);
  }

  /** Ends what runs in the background. */
  close(): Promise<void> {
    return this.#attributes.close();
  }

  /** See `listActionTypes`. Counts are exact and include what was committed a moment ago. */
  async actionTypes(
    tenantId: string,
    filter: ActionTypeFilter,
    after: ActionTypePlace | null,
    rowsMax: number,
  ): Promise<ActionTypeRow[]> {
    const [counts, patterns] = await tenantRead(this.#db, tenantId, (client) =>
      Promise.all([readActionTypeCounts(client, tenantId), readRulePatterns(client, tenantId)]),
    );
    return listActionTypes(counts, new RuleUses(patterns), filter, after, rowsMax);
  }

  /** The properties of each type, in the order of `types`. */
  async properties(tenantId: string, types: readonly string[]): Promise<PropertyUse[][]> {
    const known = await tenantRead(this.#db, tenantId, (client) => readProperties(client, tenantId, types));
    return types.map((type) => known.get(type) ?? []);
  }

  /** See `AttributeCatalogue.counts`. */
  attributes(tenantId: string): Promise<AttributeCounts> {
    return this.#attributes.counts(tenantId);
  }

  /** See `readSeenUse`; the attributes of many contacts are counted in the background when that was long ago. */
  seenUse(tenantId: string): Promise<SeenUse | null> {
    return readSeenUse(this.#db, tenantId, () => this.#attributes.latest(tenantId));
  }
}
