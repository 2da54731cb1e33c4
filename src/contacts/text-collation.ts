import type { Database } from '../store/database.js';

/**
 * Collations whose `lower()` maps case as Unicode says and hence as the scoring core does: the built-in one (PostgreSQL 18 and
 * later), then ICU's root. A server with neither lowers case by its database's locale, which is the same for what that
 * locale knows.
 */
const UNICODE_COLLATIONS = ['pg_unicode_fast', 'und-x-icu'] as const;
const FALLBACK_COLLATION = 'default';

const collations = new WeakMap<Database, Promise<string>>();

/** The quoted name of the collation under which text is lowercased in filters; looked up once per database. */
export function textCollation(db: Database): Promise<string> {
  const known = collations.get(db);
  if (known) return known;
  const found = findCollation(db);
  collations.set(db, found);
  found.catch(() => collations.delete(db));
  return found;
}

async function findCollation(db: Database): Promise<string> {
  const { rows } = await db.reads.query<{ name: string }>(
    'SELECT collname AS name FROM pg_collation WHERE collname = ANY($1) ORDER BY array_position($1, collname::text) LIMIT 1',
    [[...UNICODE_COLLATIONS]],
  );
  return `"${rows[0]?.name ?? FALLBACK_COLLATION}"`;
}
