import { LeadpulseError } from '../errors.js';
import type { Database } from '../store/database.js';
import { isUuid } from '../uuid.js';

/** Tenants that a message names. */
const SHOWN_MAX = 10;

/** Whom something belongs to. */
export interface TenantRow {
  id: string;
  name: string;
}

/**
 * The tenant that is meant.
 * @param wanted its name or id; undefined for the only one there is.
 * @throws LeadpulseError NOT_FOUND when there is none; BAD_USER_INPUT when there are several to choose from.
 */
export async function findTenant(db: Database, wanted: string | undefined): Promise<TenantRow> {
  const { rows } = await db.reads.query<TenantRow>(
    `SELECT id, name FROM tenants WHERE $1::text IS NULL OR name = $1 OR id::text = lower($1) ORDER BY created_at, id LIMIT $2`,
    [wanted ?? null, SHOWN_MAX + 1],
  );
  const [first, second] = rows;
  if (first && !second) return first;
  if (!first) throw new LeadpulseError('NOT_FOUND', noTenant(wanted));
  const names = rows.slice(0, SHOWN_MAX).map(({ id, name }) => `  ${id}  ${name}`);
  const more = rows.length > SHOWN_MAX ? '\n  ...' : '';
  throw new LeadpulseError(
    'BAD_USER_INPUT',
    `There are several such tenants; choose one with --tenant ID:\n${names.join('\n')}${more}`,
  );
}

/**
 * The id of the tenant that a key belongs to.
 * @throws LeadpulseError BAD_USER_INPUT when `keyId` is no id; NOT_FOUND when no key has it.
 */
export async function findTenantOfKey(db: Database, keyId: string): Promise<string> {
  if (!isUuid(keyId)) {
    const message = `'${keyId}' is no id of a key; \`leadpulse keys list\` shows the ids.`;
    throw new LeadpulseError('BAD_USER_INPUT', message);
  }
  const { rows } = await db.reads.query<{ tenant_id: string }>(
    'SELECT tenant_id FROM api_keys WHERE id = $1',
    [keyId],
  );
  const row = rows[0];
  if (row) return row.tenant_id;
  throw new LeadpulseError('NOT_FOUND', 'There is no API key of this id; `leadpulse keys list` shows them.');
}

function noTenant(wanted: string | undefined): string {
  return wanted === undefined
    ? 'There is no tenant yet: start the server once (npm start), which creates one.'
    : `There is no tenant '${wanted}'.`;
}
