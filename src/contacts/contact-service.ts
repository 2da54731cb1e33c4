import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import { checkFilter } from './check-filter.js';
import type { ContactFilter } from './contact-filter.js';
import { type ContactPage, type ContactQuery, countContacts, readContactPage } from './contact-pages.js';
import { filterSql } from './filter-sql.js';
import { SqlParameters } from './sql-parameters.js';
import { textCollation } from './text-collation.js';

/** Lists of contacts: pages, counts, and the ids that a filter holds for. */
export class ContactService {
  readonly #db: Database;
  readonly #registry: ModelRegistry;

  constructor(db: Database, registry: ModelRegistry) {
    this.#db = db;
    this.#registry = registry;
  }

  /** See `readContactPage`. */
  async page(tenantId: string, query: ContactQuery): Promise<ContactPage> {
    return readContactPage(this.#db, tenantId, await this.#registry.current(tenantId), query);
  }

  /** See `countContacts`. */
  async count(tenantId: string, filter: ContactFilter): Promise<number> {
    return countContacts(this.#db, tenantId, await this.#registry.current(tenantId), filter);
  }

  /**
   * The ids that a filter holds for, in ascending order, a stretch at a time.
   * @param afterId the last id of the stretch before; null for the first one.
   * @param idsMax how many at most; fewer mean that there are no more.
   * @param path of the filter in the caller's input, for the paths of faults.
   * @throws LeadpulseError BAD_USER_INPUT for faults of the filter, NOT_FOUND for an unknown model.
   */
  async matchingIds(
    tenantId: string,
    filter: ContactFilter,
    afterId: string | null,
    idsMax: number,
    path: string,
  ): Promise<string[]> {
    const active = await this.#registry.current(tenantId);
    checkFilter(filter, active, path);
    const parameters = new SqlParameters();
    parameters.add(tenantId, 'uuid');
    const condition = filterSql(filter, { active, collation: await textCollation(this.#db) }, parameters);
    const after = afterId === null ? 'TRUE' : `c.id > ${parameters.add(afterId, 'uuid')}`;
    const limit = parameters.add(idsMax, 'bigint');
    return tenantRead(this.#db, tenantId, async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `SELECT c.id FROM contacts c WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND ${after} AND ${condition}
          ORDER BY c.id LIMIT ${limit}`,
        parameters.values,
      );
      return rows.map((row) => row.id);
    });
  }
}
