import type { Rewrite } from '../store/rewriting/rewrite.js';

/** Shorter ids would be found in what is about others. */
const TRACE_CHARS_MIN = 6;

/** A person, as erasing needs to know them. */
export interface KnownPerson {
  /** The contact, and those that were merged into it. */
  contactIds: string[];
  /** `kind/value` of every identity. */
  identities: string[];
  /** Every word and identity that names them, in lower case. */
  names: string[];
  /** What no text about anybody else holds, in lower case: identities, and the name in full. */
  traces: string[];
  /** Types of the actions that they did, those taken back or amended included. */
  actionTypes: string[];
}

/** Reads what a locked contact is known by. */
export async function readPerson({ client, tenantId }: Rewrite, contactId: string): Promise<KnownPerson> {
  const family = await client.query<{ id: string; first_name: string | null; last_name: string | null }>(
    'SELECT id, first_name, last_name FROM contacts WHERE tenant_id = $1 AND (id = $2 OR merged_into = $2)',
    [tenantId, contactId],
  );
  const identities = await client.query<{ kind: number; value: string }>(
    'SELECT kind, value FROM contact_identities WHERE tenant_id = $1 AND contact_id = $2',
    [tenantId, contactId],
  );
  const types = await client.query<{ type: string }>(
    `SELECT DISTINCT type FROM timeline WHERE tenant_id = $1 AND contact_id = $2 AND kind = 1
     UNION SELECT entry ->> 'type' FROM timeline_corrections
       CROSS JOIN LATERAL (VALUES (before::json), (after::json)) AS v(entry)
       WHERE tenant_id = $1 AND contact_id = $2 AND entry ->> 'type' IS NOT NULL`,
    [tenantId, contactId],
  );
  const values = identities.rows.map((row) => row.value.toLowerCase());
  const names = family.rows.flatMap((row) => [row.first_name, row.last_name]).flatMap(lowerCase);
  const inFull = family.rows.flatMap((row) => lowerCase(fullName(row.first_name, row.last_name)));
  return {
    contactIds: family.rows.map((row) => row.id),
    identities: identities.rows.map((row) => `${row.kind}/${row.value}`),
    names: [...new Set([...values, ...names])],
    traces: [...new Set([...values, ...inFull])].filter((trace) => trace.length >= TRACE_CHARS_MIN),
    actionTypes: types.rows.map((row) => row.type),
  };
}

function lowerCase(text: string | null): string[] {
  const lower = text?.trim().toLowerCase();
  return lower ? [lower] : [];
}

function fullName(first: string | null, last: string | null): string | null {
  return first && last ? `${first.trim()} ${last.trim()}` : null;
}
