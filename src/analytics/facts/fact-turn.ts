import type pg from 'pg';
import type { Database } from '../../store/database.js';
import type { ActiveModels } from '../../store/model-registry.js';
import { tenantRead } from '../../store/tenant-scope.js';
import { readFactPlan, TRACE_AHEAD_MS, TRACE_AHEAD_MS_MIN } from './fact-plan.js';
import { type FactsScope, readFacts } from './read-facts.js';
import { putBack, takeTouches } from './take-touches.js';
import { writeFacts } from './write-facts.js';

/** Touched contacts, and contacts of a pass over all, that one transaction derives at most. */
const TURN_CONTACTS_MAX = 500;
/** How long facts serve before they are traced further ahead. */
const REBUILD_AFTER_MS = TRACE_AHEAD_MS - TRACE_AHEAD_MS_MIN;
/** Whether the facts of a row of `fact_feeds` end too soon. */
export const FACTS_ARE_OLD = `coalesce(built_at < clock_timestamp() - interval '${REBUILD_AFTER_MS} milliseconds', FALSE)`;

interface FeedRow {
  built: string | null;
  building: string | null;
  cursor: string | null;
  again: boolean;
  old: boolean;
  /** Of the tenant, when it was last served. */
  epoch: number | null;
  now: number;
}

/**
 * One transaction's worth of keeping a tenant's facts: derives those of contacts whose timelines were touched, and goes a
 * step on with a pass over all contacts when models or settings changed. Does nothing while another process is at it.
 * @returns whether there may be more to do at once.
 */
export function runFactTurn(db: Database, tenantId: string, active: ActiveModels): Promise<boolean> {
  return tenantRead(db, tenantId, async (client) => {
    await client.query('BEGIN');
    try {
      const more = await turnWithin(client, tenantId, active);
      await client.query('COMMIT');
      return more;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  });
}

async function turnWithin(client: pg.ClientBase, tenantId: string, active: ActiveModels): Promise<boolean> {
  const feed = await lockFeed(client, tenantId);
  if (!feed) return false;
  if (feed.epoch !== active.epoch) await noteEpoch(client, tenantId, active.epoch);
  const plan = await readFactPlan(client, tenantId, active);
  const scope: FactsScope = { client, tenantId, plan, nowMs: feed.now };
  const touches = await takeTouches(client, tenantId);
  const done = await derive(scope, touches.contactIds.slice(0, TURN_CONTACTS_MAX));
  await putBack(client, tenantId, touches, done);
  const again = feed.again || touches.overflowed;
  const isStale = feed.built !== plan.key || feed.old || again;
  const goesOn = feed.building === plan.key;
  if (!goesOn && isStale) await beginPass(scope);
  else if (goesOn && touches.overflowed) await askAgain(scope);
  if (!goesOn && !isStale) return touches.more || done < touches.contactIds.length;
  await passOn(scope, goesOn ? feed.cursor : null);
  return true;
}

async function lockFeed(client: pg.ClientBase, tenantId: string): Promise<FeedRow | undefined> {
  await client.query({
    name: 'make_fact_feed',
    text: 'INSERT INTO fact_feeds (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING',
    values: [tenantId],
  });
  const { rows } = await client.query<FeedRow>({
    name: 'lock_fact_feed',
    text: `SELECT built, building, cursor, again, clock_timestamp() AS now,
        ${FACTS_ARE_OLD} AS old, epoch
      FROM fact_feeds WHERE tenant_id = $1 FOR UPDATE SKIP LOCKED`,
    values: [tenantId],
  });
  return rows[0];
}

async function noteEpoch(client: pg.ClientBase, tenantId: string, epoch: number): Promise<void> {
  await client.query('UPDATE fact_feeds SET epoch = $2 WHERE tenant_id = $1', [tenantId, epoch]);
}

/** @returns of how many of them, the first ones, facts were derived. */
async function derive(scope: FactsScope, contactIds: readonly string[]): Promise<number> {
  if (contactIds.length === 0) return 0;
  const facts = await readFacts(scope, contactIds);
  await writeFacts(scope, facts);
  return facts.size;
}

async function beginPass({ client, tenantId, plan }: FactsScope): Promise<void> {
  await client.query({
    name: 'begin_fact_pass',
    text: `UPDATE fact_feeds SET building = $2, cursor = NULL, done = 0, again = FALSE,
        total = (SELECT count(*) FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL)
      WHERE tenant_id = $1`,
    values: [tenantId, plan.key],
  });
}

async function askAgain({ client, tenantId }: FactsScope): Promise<void> {
  await client.query('UPDATE fact_feeds SET again = TRUE WHERE tenant_id = $1', [tenantId]);
}

/** One step of the pass over all contacts, in the order of their ids. */
async function passOn(scope: FactsScope, cursor: string | null): Promise<void> {
  const { client, tenantId, plan } = scope;
  const { rows } = await client.query<{ id: string }>({
    name: 'fact_pass_ids',
    text: `SELECT id FROM contacts WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) AND merged_into IS NULL
      ORDER BY id LIMIT ${TURN_CONTACTS_MAX}`,
    values: [tenantId, cursor],
  });
  const contactIds = rows.map(({ id }) => id);
  const done = await derive(scope, contactIds);
  const isOver = contactIds.length < TURN_CONTACTS_MAX && done === contactIds.length;
  await client.query({
    name: 'note_fact_pass',
    text: `UPDATE fact_feeds SET cursor = coalesce($2, cursor), done = done + $3,
        built = CASE WHEN $4 THEN $5 ELSE built END, built_at = CASE WHEN $4 THEN clock_timestamp() ELSE built_at END,
        building = CASE WHEN $4 THEN NULL ELSE building END
      WHERE tenant_id = $1`,
    values: [tenantId, contactIds[done - 1] ?? null, done, isOver, plan.key],
  });
}
