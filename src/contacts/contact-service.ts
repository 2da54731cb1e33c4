import { LeadpulseError } from '../errors.js';
import type { ContactFilter } from '../store/contact-filter.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import { type ContactPage, readContactPage } from './contact-pages.js';
import { type ContactCount, countContacts } from './count-contacts.js';
import { matchContacts } from './match-contacts.js';
import { readMatchingIds } from './matching-ids.js';
import type { ContactQuery } from './page-plan.js';
import { type PreparedFilter, prepareFilter, textsOf, withTexts } from './prepare-filter.js';

/** Lists of contacts: pages, counts, and the ids that a filter holds for. */
export class ContactService {
  readonly #db: Database;
  readonly #registry: ModelRegistry;

  constructor(db: Database, registry: ModelRegistry) {
    this.#db = db;
    this.#registry = registry;
  }

  /**
   * See `readContactPage`. The page is read under the models as last seen, and the flight that reads it tells whether they
   * still stand; if not, it is read again.
   */
  async page(tenantId: string, query: ContactQuery): Promise<ContactPage> {
    const seen = await this.#registry.cached(tenantId);
    const [outcome] = await Promise.allSettled([readContactPage(this.#db, tenantId, seen, query)]);
    if (outcome.status === 'fulfilled' && outcome.value.isCurrent) return outcome.value;
    if (outcome.status === 'rejected' && !(outcome.reason instanceof LeadpulseError)) throw outcome.reason;
    const active = await this.#registry.current(tenantId);
    if (outcome.status === 'rejected' && active === seen) throw outcome.reason;
    return readContactPage(this.#db, tenantId, active, query);
  }

  /**
   * How many contacts a filter holds for; an estimate when counting would take longer than `COUNT_MS_MAX`.
   * @param path of the filter in the caller's input, for the paths of faults.
   * @throws LeadpulseError BAD_USER_INPUT for faults of the filter, NOT_FOUND for an unknown model.
   */
  async count(tenantId: string, filter: ContactFilter, path = 'filter'): Promise<ContactCount> {
    return countContacts(this.#db, tenantId, await this.prepare(tenantId, filter, path));
  }

  /** See `prepareFilter`; whom texts lead to is looked up as well. */
  async prepare(tenantId: string, filter: ContactFilter, path: string): Promise<PreparedFilter> {
    const active = await this.#registry.current(tenantId);
    const prepared = await prepareFilter(this.#db, tenantId, active, filter, path);
    if (textsOf(filter, prepared.scope.segments).size === 0) return prepared;
    return tenantRead(this.#db, tenantId, (client) => withTexts(client, prepared));
  }

  /** Those of some contacts that a filter holds for now. One statement beside those that make the filter ready. */
  async matchingAmong(
    tenantId: string,
    filter: ContactFilter,
    contactIds: readonly string[],
    path: string,
  ): Promise<Set<string>> {
    const { scope } = await this.prepare(tenantId, filter, path);
    const matches = await tenantRead(this.#db, tenantId, (client) =>
      matchContacts(client, tenantId, [filter], { ...scope, texts: undefined }, contactIds),
    );
    return new Set([...matches].filter(([, flags]) => flags[0]).map(([id]) => id));
  }

  /**
   * The ids that a filter holds for, in ascending order, a stretch at a time.
   * @param afterId the last id of the stretch before; null for the first one.
   * @param idsMax how many at most; fewer mean that there are no more.
   * @param path of the filter in the caller's input, for the paths of faults.
   * @throws LeadpulseError BAD_USER_INPUT for faults of the filter, NOT_FOUND for an unknown model, TOO_COMPLEX when it
   * takes too long.
   */
  async matchingIds(
    tenantId: string,
    filter: ContactFilter,
    afterId: string | null,
    idsMax: number,
    path: string,
  ): Promise<string[]> {
    const prepared = await this.prepare(tenantId, filter, path);
    return tenantRead(this.#db, tenantId, (client) =>
      readMatchingIds(client, tenantId, prepared, afterId, idsMax),
    );
  }
}
