import { arrayLiteral, joinedTexts } from '../store/column-arrays.js';
import type { Rewrite } from '../store/rewriting/rewrite.js';
import { countUses } from './count-uses.js';
import type { KnownPerson } from './known-person.js';

/** Why a bulk action has failed that was about the person by name. */
const FILTER_FORGOTTEN =
  'The filter named a person who was erased before the action began. Nothing was done; start it again with another filter.';

/** Answers under idempotency keys that one statement looks through. */
const ANSWERS_PAGE_ROWS = 20_000;

/**
 * Takes the person's actions out of the counts of action types, and samples that may be theirs out of the catalogue: those
 * of all types that they have used, which fill up again from others, and those of attributes, which are counted anew.
 */
export async function forgetSamples(
  rewrite: Rewrite,
  { contactIds, actionTypes }: KnownPerson,
): Promise<void> {
  const { client, tenantId } = rewrite;
  await client.query(
    `UPDATE contact_attribute_counts SET attributes = NULL, counted_at = NULL WHERE tenant_id = $1`,
    [tenantId],
  );
  if (actionTypes.length === 0) return;
  // Whoever folds new samples into the catalogue at this moment ends first (src/catalogue/fold-action-types.ts).
  await client.query(`SELECT pg_advisory_xact_lock(hashtext('leadpulse.action-types'), hashtext($1))`, [
    tenantId,
  ]);
  const { rows } = await client.query<{ type: string; count: number; first_at: number; last_at: number }>(
    `SELECT type, count(*)::int AS count, min(occurred_at) AS first_at, max(occurred_at) AS last_at FROM timeline
     WHERE tenant_id = $1 AND contact_id = ANY ($2::uuid[]) AND kind = 1 GROUP BY type`,
    [tenantId, arrayLiteral(contactIds)],
  );
  const uses = rows.map(({ type, count, first_at, last_at }) => ({
    type,
    count: -count,
    firstAtMs: first_at,
    lastAtMs: last_at,
  }));
  if (uses.length > 0) await countUses(rewrite, uses);
  const types = joinedTexts(actionTypes);
  await client.query(
    `UPDATE action_type_uses SET properties = NULL WHERE tenant_id = $1 AND type = ANY (string_to_array($2, U&'\\001E'))
       AND properties IS NOT NULL`,
    [tenantId, types],
  );
  await client.query(
    `UPDATE action_types SET properties = coalesce((SELECT jsonb_agg(jsonb_set(p, '{samples}', '[]'))
       FROM jsonb_array_elements(properties) AS p), '[]')
     WHERE tenant_id = $1 AND type = ANY (string_to_array($2, U&'\\001E'))`,
    [tenantId, types],
  );
}

/**
 * Deletes rows of imported files that were refused and name the person, and filters of bulk actions that do: once it is settled
 * whom an action is about, its filter is not asked again. One that has not begun has failed, since without the filter it would be
 * about others. Ids of the person go from selections that are still to be settled.
 */
export async function forgetMentions(
  { client, tenantId }: Rewrite,
  { contactIds, traces }: KnownPerson,
): Promise<void> {
  await client.query(
    `UPDATE bulk_actions SET contact_ids = ARRAY(SELECT id FROM unnest(contact_ids) AS id WHERE id <> ALL ($2::uuid[]))
     WHERE tenant_id = $1 AND contact_ids && $2::uuid[]`,
    [tenantId, contactIds],
  );
  if (traces.length === 0) return;
  const patterns = traces.map(anywhere);
  await client.query(
    `DELETE FROM import_faults WHERE tenant_id = $1
       AND (lower(content) LIKE ANY ($2::text[]) OR lower(message) LIKE ANY ($2::text[]))`,
    [tenantId, patterns],
  );
  await client.query(
    `WITH forgotten AS (
       UPDATE bulk_actions SET filter = NULL WHERE tenant_id = $1 AND lower(filter::text) LIKE ANY ($2::text[])
       RETURNING job_id, fixed_at)
     UPDATE jobs SET state = 'FAILED', error = $3, finished_at = clock_timestamp(), leased_until = NULL, leased_by = NULL
     WHERE tenant_id = $1 AND finished_at IS NULL AND id IN (SELECT job_id FROM forgotten WHERE fixed_at IS NULL)`,
    [tenantId, patterns, FILTER_FORGOTTEN],
  );
}

/**
 * Deletes the answers that are kept under idempotency keys for the person: the key itself may name them. They are looked
 * for page by page, since nothing else ever asks for them by contact.
 */
export async function forgetAnswers(
  { client, tenantId }: Rewrite,
  { contactIds, traces }: KnownPerson,
): Promise<void> {
  let after = '';
  for (;;) {
    const { rows } = await client.query<{ last: string | null; seen: number }>(
      `WITH page AS (SELECT key, result FROM idempotency_keys WHERE tenant_id = $1 AND key > $2
          ORDER BY key LIMIT ${ANSWERS_PAGE_ROWS}),
        gone AS (DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key IN (
          SELECT key FROM page WHERE result LIKE ANY ($3::text[]) OR lower(key) LIKE ANY ($4::text[])))
       SELECT max(key) AS last, count(*)::int AS seen FROM page`,
      [tenantId, after, contactIds.map(anywhere), traces.map(anywhere)],
    );
    const page = rows[0];
    if (!page || page.last === null || page.seen < ANSWERS_PAGE_ROWS) return;
    after = page.last;
  }
}

/** A pattern for LIKE that finds a text anywhere. */
function anywhere(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
