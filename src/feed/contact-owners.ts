import DataLoader from 'dataloader';
import type { Database } from '../store/database.js';
import { tenantRead } from '../store/tenant-scope.js';

const LOOKUPS_PER_STATEMENT_MAX = 1_000;

interface OwnerKey {
  tenantId: string;
  contactId: string;
}

/** The present owner of a contact that exists. */
export interface ContactOwner {
  /** Null when nobody owns the contact. */
  ownerId: string | null;
}

/**
 * Who owns a contact now. Never cached; the questions of all subscribers that are woken by the same change are asked in one
 * statement per tenant.
 */
export class ContactOwners {
  readonly #db: Database;
  readonly #loader: DataLoader<OwnerKey, ContactOwner | null>;

  constructor(db: Database) {
    this.#db = db;
    this.#loader = new DataLoader((keys) => this.#load(keys), {
      cache: false,
      maxBatchSize: LOOKUPS_PER_STATEMENT_MAX,
    });
  }

  /** The owner of a contact, or of the contact it was merged into; null when there is no such contact any more. */
  ownerOf(tenantId: string, contactId: string): Promise<ContactOwner | null> {
    return this.#loader.load({ tenantId, contactId });
  }

  async #load(keys: readonly OwnerKey[]): Promise<(ContactOwner | null)[]> {
    const tenantIds = [...new Set(keys.map((key) => key.tenantId))];
    const byTenant = new Map(
      await Promise.all(
        tenantIds.map(async (tenantId) => {
          const wanted = keys.filter((key) => key.tenantId === tenantId).map((key) => key.contactId);
          return [tenantId, await this.#loadTenant(tenantId, [...new Set(wanted)])] as const;
        }),
      ),
    );
    return keys.map((key) => byTenant.get(key.tenantId)?.get(key.contactId) ?? null);
  }

  async #loadTenant(tenantId: string, contactIds: string[]): Promise<Map<string, ContactOwner>> {
    const { rows } = await tenantRead(this.#db, tenantId, (client) =>
      client.query<{ id: string; owner_id: string | null }>({
        name: 'feed_contact_owners',
        text: `SELECT c.id, CASE WHEN c.merged_into IS NULL THEN c.owner_id ELSE s.owner_id END AS owner_id
          FROM contacts c LEFT JOIN contacts s ON s.tenant_id = c.tenant_id AND s.id = c.merged_into
          WHERE c.tenant_id = $1 AND c.id = ANY($2::uuid[])`,
        values: [tenantId, contactIds],
      }),
    );
    return new Map(rows.map((row) => [row.id, { ownerId: row.owner_id }]));
  }
}
