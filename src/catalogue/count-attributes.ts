import type pg from 'pg';
import type { JsonObject } from '../scoring/json-value.js';
import type { Database } from '../store/database.js';
import { STANDARD_ATTRIBUTES, STANDARD_NAMES } from '../store/standard-attributes.js';
import { tenantRead } from '../store/tenant-scope.js';
import type { ValueKind } from '../store/uses/value-kind.js';
import type { AttributeCount, AttributeCounts } from './attribute-count.js';
import { AttributeTally, CUSTOM_ATTRIBUTES_MAX, sortCounts } from './attribute-tally.js';

/**
 * Contacts that are read. Up to so many all of them are counted; of more a sample of about this size, spread by the hash of
 * the id: a share is then known to within 1 % (95 of 100 times).
 */
export const CONTACTS_READ_MAX = 10_000;
/** Small enough that counting a page keeps the event loop for a few milliseconds only. */
const PAGE_CONTACTS = 250;
/** Attributes that no contact of the sample has: one more than are kept, which tells that some are not. */
const RARE_ATTRIBUTES_MAX = CUSTOM_ATTRIBUTES_MAX + 1;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

const PROFILE = STANDARD_NAMES.map((name) => `${STANDARD_ATTRIBUTES[name].column} AS "${name}"`).join(', ');

interface ProfileRow extends JsonObject {
  id: string;
  attributes: JsonObject;
}

/** How many contacts the tenant has, up to `atMost`: counting those takes a millisecond for every thousand. */
export function countContacts(db: Database, tenantId: string, atMost: number): Promise<number> {
  return tenantRead(db, tenantId, async (client) => {
    const { rows } = await client.query<{ contacts: number }>({
      name: 'contacts_at_most',
      text: `SELECT count(*)::int AS contacts
        FROM (SELECT 1 FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL LIMIT $2) AS found`,
      values: [tenantId, atMost],
    });
    return rows[0]?.contacts ?? 0;
  });
}

/**
 * Counts the attributes of all contacts, or of a sample when there are more than `CONTACTS_READ_MAX`. The sample misses no
 * attribute: what it does not have is looked for among all contacts.
 * @throws Error when `signal` ends it.
 */
export async function countAttributes(
  db: Database,
  tenantId: string,
  signal: AbortSignal,
): Promise<AttributeCounts> {
  const countedAtMs = Date.now();
  const contacts = await countContacts(db, tenantId, Number.MAX_SAFE_INTEGER);
  const every = Math.ceil(contacts / CONTACTS_READ_MAX);
  const tally = new AttributeTally();
  let after: string | null = FIRST_ID;
  while (after !== null) {
    signal.throwIfAborted();
    const from: string = after;
    const page = await tenantRead(db, tenantId, (client) => readPage(client, tenantId, from, every));
    for (const row of page) tally.add(profileOf(row));
    after = page.length < PAGE_CONTACTS ? null : (page.at(-1)?.id ?? null);
  }
  if (every <= 1) {
    const attributes = tally.counts(tally.contacts);
    return { countedAtMs, contacts: tally.contacts, complete: tally.complete, attributes };
  }
  signal.throwIfAborted();
  const rare = tally.complete
    ? await tenantRead(db, tenantId, (client) => readRare(client, tenantId, tally.names))
    : [];
  const all = [...tally.counts(contacts), ...rare];
  const attributes = sortCounts(all);
  return { countedAtMs, contacts, complete: tally.complete && attributes.length === all.length, attributes };
}

async function readPage(
  client: pg.ClientBase,
  tenantId: string,
  after: string,
  every: number,
): Promise<ProfileRow[]> {
  const { rows } = await client.query<ProfileRow>({
    name: 'attribute_page',
    text: `SELECT id, ${PROFILE}, attributes FROM contacts
      WHERE tenant_id = $1 AND merged_into IS NULL AND id > $2 AND mod(uuid_hash(id), $3::int) = 0
      ORDER BY id LIMIT ${PAGE_CONTACTS}`,
    values: [tenantId, after, Math.max(1, every)],
  });
  return rows;
}

/** Columns that are null are filled by a value of another type among the custom attributes, or by none. */
function profileOf({ id: _, attributes, ...columns }: ProfileRow): JsonObject {
  const profile: JsonObject = { ...attributes };
  for (const [name, value] of Object.entries(columns)) if (value !== null) profile[name] = value;
  return profile;
}

/** Attributes beside the known ones, with exact counts: one pass that reads little of most contacts. */
async function readRare(
  client: pg.ClientBase,
  tenantId: string,
  known: readonly string[],
): Promise<AttributeCount[]> {
  const { rows } = await client.query<{ attribute: string; kind: ValueKind; filled: number }>({
    name: 'rare_attributes',
    text: `SELECT e.key AS attribute, mode() WITHIN GROUP (ORDER BY CASE jsonb_typeof(e.value) WHEN 'string' THEN 'TEXT'
        WHEN 'number' THEN 'NUMBER' WHEN 'boolean' THEN 'BOOLEAN' WHEN 'array' THEN 'LIST' ELSE 'OTHER' END) AS kind,
        count(*)::int AS filled
      FROM contacts c CROSS JOIN LATERAL jsonb_each(c.attributes - $2::text[]) AS e
      WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND c.attributes - $2::text[] <> '{}'
      GROUP BY e.key ORDER BY filled DESC, e.key LIMIT ${RARE_ATTRIBUTES_MAX}`,
    values: [tenantId, known],
  });
  return rows.map((row) => ({ ...row, sampled: false, samples: [] }));
}
