import type pg from 'pg';
import { arrayLiteral } from '../store/column-arrays.js';
import type { FlightStatement } from '../store/flight.js';
import { type ContactKey, IDENTITY_KIND_CODES, normalizeIdentity } from '../store/identity.js';
import { isUuid } from '../uuid.js';
import { CONTACT_COLUMNS, type ContactDbRow, type ContactRow, contactRowOf } from './contact-row.js';

/** Merges in a row that are followed from a contact to the one it has become part of. */
const MERGES_FOLLOWED_MAX = 16;

interface IdentityDbRow {
  place: string;
  contact_id: string;
}

/**
 * The ids that keys lead to, in the order of the keys; null where a key is unknown. An `id` is taken at its word when it has
 * the form of one. One statement, none when all are ids.
 */
export async function readContactIds(
  client: pg.ClientBase,
  tenantId: string,
  keys: readonly ContactKey[],
): Promise<(string | null)[]> {
  const ids = keys.map((key) => knownId(key));
  const open = keys.flatMap((key, index) => (isIdentity(key) ? [{ key, index }] : []));
  if (open.length === 0) return ids;
  const { rows } = await client.query<IdentityDbRow>({
    name: 'contacts_by_identity',
    text: `SELECT k.place, i.contact_id FROM unnest($2::smallint[], $3::text[]) WITH ORDINALITY AS k(kind, value, place)
      JOIN contact_identities i ON i.tenant_id = $1 AND i.kind = k.kind AND i.value = k.value`,
    values: [
      tenantId,
      open.map(({ key }) => IDENTITY_KIND_CODES[key.kind]),
      open.map(({ key }) => normalizeIdentity(key.kind, key.value)),
    ],
  });
  for (const row of rows) {
    const found = open[Number(row.place) - 1];
    if (found) ids[found.index] = row.contact_id;
  }
  return ids;
}

/** The id of a key that is one and has the form of one, else null. */
export function knownId(key: ContactKey): string | null {
  if (key.kind !== 'id') return null;
  const id = normalizeIdentity('id', key.value);
  return isUuid(id) ? id : null;
}

/** No identity holds what PostgreSQL does not take as text. */
function isIdentity(key: ContactKey): boolean {
  return key.kind !== 'id' && key.value.isWellFormed() && !key.value.includes('\0');
}

/** Reads `ContactDbRow`s by id. */
export function contactRowsStatement(tenantId: string, ids: readonly string[]): FlightStatement {
  return {
    name: 'contacts_by_id',
    text: `SELECT ${CONTACT_COLUMNS} FROM contacts c WHERE c.tenant_id = $1 AND c.id = ANY($2::uuid[])`,
    values: [tenantId, arrayLiteral(ids)],
  };
}

/** The rows of contacts in the order of their ids; null where there is none. Merged ones are among them. */
export async function readContactRows(
  client: pg.ClientBase,
  tenantId: string,
  ids: readonly string[],
): Promise<(ContactRow | null)[]> {
  const { rows } = await client.query<ContactDbRow>(contactRowsStatement(tenantId, ids));
  return contactRowsInOrder(rows, ids);
}

/** What `contactRowsStatement` found, in the order of the ids; null where there is none. */
export function contactRowsInOrder(
  rows: readonly ContactDbRow[],
  ids: readonly string[],
): (ContactRow | null)[] {
  const byId = new Map(rows.map((row) => [row.id, contactRowOf(row)]));
  return ids.map((id) => byId.get(id) ?? null);
}

/**
 * The contact that an id stands for now: itself, or the one it was merged into.
 * @param load reads a row by id; batched by the caller.
 */
export async function followMerges(
  id: string,
  load: (id: string) => Promise<ContactRow | null>,
): Promise<ContactRow | null> {
  let row = await load(id);
  for (let merges = 0; row?.mergedInto && merges < MERGES_FOLLOWED_MAX; merges += 1) {
    row = await load(row.mergedInto);
  }
  return row?.mergedInto ? null : row;
}
