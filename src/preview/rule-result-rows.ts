import type pg from 'pg';
import type { RuleTally } from './rule-tally.js';

/** A count that is older than this is made anew when somebody asks. */
export const RULE_RESULTS_AGE_MS_MAX = 60_000;
/** How long whoever counts is believed to do so without a word. */
const LEASE_MS = 30_000;

/** What the rules of a model gave as last counted. */
export interface StoredRuleTally {
  /** The version that was counted. */
  version: number;
  asOfMs: number;
  /** How long ago that was, by the database's clock, in ms. */
  ageMs: number;
  tally: RuleTally;
}

interface RuleResultsDbRow {
  version: number | null;
  as_of: number | null;
  now: number;
  tally: string | null;
}

/** The last count of a model; null before the first one is over. @param client scoped to the tenant, as below. */
export async function selectRuleTally(
  client: pg.ClientBase,
  tenantId: string,
  modelId: string,
): Promise<StoredRuleTally | null> {
  const { rows } = await client.query<RuleResultsDbRow>({
    name: 'select_rule_tally',
    text: `SELECT version, as_of, clock_timestamp() AS now, tally FROM rule_results
      WHERE tenant_id = $1 AND model_id = $2`,
    values: [tenantId, modelId],
  });
  const { version = null, as_of: asOfMs = null, now = 0, tally = null } = rows[0] ?? {};
  if (version === null || asOfMs === null || tally === null) return null;
  // Nobody but this program writes it.
  return { version, asOfMs, ageMs: now - asOfMs, tally: JSON.parse(tally) as RuleTally };
}

/** Takes the counting of a version upon itself. @returns false when somebody is at it, or has just done it. */
export async function claimRuleCount(
  client: pg.ClientBase,
  tenantId: string,
  modelId: string,
  version: number,
  claim: string,
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'claim_rule_count',
    text: `INSERT INTO rule_results AS r (tenant_id, model_id, counting_by, counting_until)
      VALUES ($1, $2, $3, clock_timestamp() + interval '${LEASE_MS} ms')
      ON CONFLICT (tenant_id, model_id) DO UPDATE SET counting_by = $3,
        counting_until = clock_timestamp() + interval '${LEASE_MS} ms'
      WHERE (r.counting_until IS NULL OR r.counting_until < clock_timestamp())
        AND (r.version IS DISTINCT FROM $4
          OR r.as_of < clock_timestamp() - interval '${RULE_RESULTS_AGE_MS_MAX} ms')`,
    values: [tenantId, modelId, claim, version],
  });
  return rowCount === 1;
}

/** Says that the counting goes on. */
export async function keepRuleClaim(
  client: pg.ClientBase,
  tenantId: string,
  modelId: string,
  claim: string,
): Promise<void> {
  await client.query({
    name: 'keep_rule_claim',
    text: `UPDATE rule_results SET counting_until = clock_timestamp() + interval '${LEASE_MS} ms'
      WHERE tenant_id = $1 AND model_id = $2 AND counting_by = $3`,
    values: [tenantId, modelId, claim],
  });
}

/** Stores a count and lets go of it; nothing when somebody else has taken it over. */
export async function storeRuleTally(
  client: pg.ClientBase,
  tenantId: string,
  modelId: string,
  claim: string,
  { version, asOfMs, tally }: Omit<StoredRuleTally, 'ageMs'>,
): Promise<void> {
  await client.query({
    name: 'store_rule_tally',
    text: `UPDATE rule_results SET version = $4, as_of = $5, tally = $6, counting_by = NULL, counting_until = NULL
      WHERE tenant_id = $1 AND model_id = $2 AND counting_by = $3`,
    values: [tenantId, modelId, claim, version, new Date(asOfMs), JSON.stringify(tally)],
  });
}

/** Lets go of a count that did not come to its end. @param restMs so long nobody tries again. */
export async function dropRuleClaim(
  client: pg.ClientBase,
  tenantId: string,
  modelId: string,
  claim: string,
  restMs: number,
): Promise<void> {
  await client.query({
    name: 'drop_rule_claim',
    text: `UPDATE rule_results SET counting_by = NULL, counting_until = clock_timestamp() + $4 * interval '1 ms'
      WHERE tenant_id = $1 AND model_id = $2 AND counting_by = $3`,
    values: [tenantId, modelId, claim, restMs],
  });
}
