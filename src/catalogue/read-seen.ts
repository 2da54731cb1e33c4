import type pg from 'pg';
import type { SeenUse } from '../scoring/warnings/model-warning.js';
import type { Database } from '../store/database.js';
import { STANDARD_NAMES } from '../store/standard-attributes.js';
import { tenantRead } from '../store/tenant-scope.js';
import { ACTION_TYPES_MAX } from '../store/uses/action-type-counts.js';
import type { AttributeCounts } from './attribute-count.js';
import { readStoredCounts } from './attribute-count-store.js';
import { CUSTOM_ATTRIBUTES_MAX } from './attribute-tally.js';
import { CONTACTS_READ_MAX, countContacts } from './count-attributes.js';

/** For how long an answer is given again. */
const REMEMBERED_MS = 2_000;
const TENANTS_REMEMBERED_MAX = 1_000;

interface Remembered {
  untilMs: number;
  seen: Promise<SeenUse | null>;
}

const remembered = new WeakMap<Database, Map<string, Remembered>>();

/**
 * The action types and attributes that a tenant's data has, at most `REMEMBERED_MS` old: no types as long as there is no
 * action, no attributes as long as there is no contact. With more than `CONTACTS_READ_MAX` contacts the attributes are those
 * that were counted last.
 * @param readCounts what was counted last; what is stored, unless given.
 * @returns null when it cannot be told: there are more types or attributes than are listed, or many contacts that were not
 *   counted yet.
 */
export function readSeenUse(
  db: Database,
  tenantId: string,
  readCounts: () => Promise<AttributeCounts | null> = () => readStoredCounts(db, tenantId),
): Promise<SeenUse | null> {
  const tenants = remembered.get(db) ?? new Map<string, Remembered>();
  remembered.set(db, tenants);
  const nowMs = performance.now();
  const known = tenants.get(tenantId);
  if (known && known.untilMs > nowMs) return known.seen;
  if (tenants.size >= TENANTS_REMEMBERED_MAX) tenants.clear();
  const seen = readNow(db, tenantId, readCounts);
  tenants.set(tenantId, { untilMs: nowMs + REMEMBERED_MS, seen });
  seen.catch(() => tenants.delete(tenantId));
  return seen;
}

async function readNow(
  db: Database,
  tenantId: string,
  readCounts: () => Promise<AttributeCounts | null>,
): Promise<SeenUse | null> {
  const [types, attributes] = await Promise.all([
    tenantRead(db, tenantId, (client) => readTypes(client, tenantId)),
    readAttributes(db, tenantId, readCounts),
  ]);
  return types && attributes && { actionTypes: new Set(types), attributes: new Set(attributes) };
}

async function readTypes(client: pg.ClientBase, tenantId: string): Promise<string[] | null> {
  const { rows } = await client.query<{ type: string }>({
    name: 'seen_action_types',
    text: `SELECT type FROM (SELECT type, count FROM action_types WHERE tenant_id = $1
        UNION ALL SELECT type, count FROM action_type_uses WHERE tenant_id = $1) AS uses
      GROUP BY type HAVING sum(count) > 0 LIMIT ${ACTION_TYPES_MAX + 1}`,
    values: [tenantId],
  });
  return rows.length > ACTION_TYPES_MAX ? null : rows.map((row) => row.type);
}

async function readAttributes(
  db: Database,
  tenantId: string,
  readCounts: () => Promise<AttributeCounts | null>,
): Promise<string[] | null> {
  const contacts = await countContacts(db, tenantId, CONTACTS_READ_MAX + 1);
  if (contacts === 0) return [];
  if (contacts <= CONTACTS_READ_MAX) {
    return tenantRead(db, tenantId, (client) => readNames(client, tenantId));
  }
  const counts = await readCounts();
  return counts?.complete ? counts.attributes.map(({ attribute }) => attribute) : null;
}

async function readNames(client: pg.ClientBase, tenantId: string): Promise<string[] | null> {
  const { rows } = await client.query<{ name: string }>({
    name: 'seen_attributes',
    text: `SELECT DISTINCT k.name FROM contacts c CROSS JOIN LATERAL jsonb_object_keys(c.attributes) AS k(name)
      WHERE c.tenant_id = $1 AND c.merged_into IS NULL LIMIT ${CUSTOM_ATTRIBUTES_MAX + 1}`,
    values: [tenantId],
  });
  return rows.length > CUSTOM_ATTRIBUTES_MAX ? null : [...STANDARD_NAMES, ...rows.map((row) => row.name)];
}
