import type pg from 'pg';
import { partsOf } from '../store/contact-filter.js';
import { parameterText } from '../store/flight.js';
import { SqlParameters } from '../store/sql-parameters.js';
import { tooSlow } from './count-contacts.js';
import { filterSql } from './filter-sql.js';
import type { Place } from './page-cursor.js';
import { type PagePlan, segmentsToRead } from './page-plan.js';
import { type PlacedContact, segmentRead } from './page-sql.js';
import { type PreparedFilter, textsOf, withTexts } from './prepare-filter.js';
import { probeRows } from './probe-rows.js';
import { IN_ORDER, readWithin } from './read-within.js';

/** How long a page of a filter that no index serves may be looked for in the order of the list, at first. */
const WALK_MS_MAX = 200;
/** How long those who meet such a filter may be looked for without any order, and then a page among them. */
const SEARCH_MS_MAX = 10_000;
/** Contacts that such a filter may hold for to be found first and put into order then. */
const NARROWED_CONTACTS_MAX = 5_000;
/** Of the contacts probed so many meet a filter that a page is soon full when the walk goes on. */
const COMMON_MATCHES_MIN = 3;

/** Whether a filter has to be asked of contact after contact, or has texts that were not looked up yet. */
export function isUnindexed({ filter, scope }: PreparedFilter): boolean {
  for (const part of partsOf(filter)) {
    if (part.attribute || part.activity) return true;
    if (part.text?.trim() && !scope.texts?.get(part.text)) return true;
    const saved = part.segmentId == null ? undefined : scope.segments?.get(part.segmentId.toLowerCase());
    if (saved && isUnindexed({ filter: saved.filter, scope })) return true;
  }
  return false;
}

/**
 * A page of a filter that is `isUnindexed`. Asked along the order of the list it is quick when many meet it, and far
 * slower than any other way when hardly anybody does, which PostgreSQL cannot know. So texts are asked of the first few
 * contacts: when some have them the walk goes on, else the index says who is meant. Where there is no index the walk has
 * `WALK_MS_MAX`, and then those who meet the filter are looked for without any order.
 * @param probeEnd where the first few contacts end; null when they are not to be asked, or are all there are.
 * @throws LeadpulseError TOO_COMPLEX when none of it leads to a page in time.
 */
export async function searchRows(
  client: pg.PoolClient,
  plan: PagePlan,
  probeEnd: Place | null,
  limit: number,
): Promise<PlacedContact[]> {
  const walk = (walked: PagePlan) => readRowsWithin(client, walked, limit, WALK_MS_MAX, IN_ORDER);
  let sought = plan;
  if (hasTexts(plan)) {
    const probed = probeEnd ? await probeRows(client, plan, probeEnd, limit) : [];
    if (probed.length >= limit) return probed;
    const isCommon = probed.length >= COMMON_MATCHES_MIN && plan.order.field !== 'RELEVANCE';
    const soon = isCommon ? await walk(plan) : null;
    if (soon) return soon;
    sought = { ...plan, prepared: await withTexts(client, plan.prepared) };
    if (!isUnindexed(sought.prepared)) {
      const led = await readRowsWithin(client, sought, limit, SEARCH_MS_MAX, []);
      if (led === null) throw tooSlow();
      return led;
    }
  }
  // By closeness there is no index to walk along: all who meet the filter are put into order.
  const ranked = plan.order.field === 'RELEVANCE';
  const walked = ranked ? null : await walk(sought);
  if (walked !== null) return walked;
  const narrowed = ranked ? sought : await narrow(client, sought);
  const found = await readRowsWithin(client, narrowed, limit, SEARCH_MS_MAX, []);
  if (found === null) throw tooSlow();
  return found;
}

/** Whether a text has to be looked up for a page, unless many have it. */
export function hasTexts({ prepared: { filter, scope } }: PagePlan): boolean {
  return textsOf(filter, scope.segments).size > 0;
}

/** The plan with those who meet the filter looked up without any order, when they are few. */
async function narrow(client: pg.PoolClient, plan: PagePlan): Promise<PagePlan> {
  const among = await findAnyOrder(client, plan);
  if (among === null) throw tooSlow();
  if (among.length > NARROWED_CONTACTS_MAX) return plan;
  const { filter, scope } = plan.prepared;
  return { ...plan, prepared: { filter, scope: { ...scope, among } } };
}

/** Ids that the filter holds for, one more than `NARROWED_CONTACTS_MAX` at most; null when that took too long. */
async function findAnyOrder(
  client: pg.PoolClient,
  { tenantId, prepared }: PagePlan,
): Promise<string[] | null> {
  const parameters = new SqlParameters();
  parameters.add(tenantId, 'uuid');
  const condition = filterSql(prepared.filter, prepared.scope, parameters);
  const text = `SELECT c.id FROM contacts c WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND ${condition}
    LIMIT ${NARROWED_CONTACTS_MAX + 1}`;
  const statement = { name: '', text, values: parameters.values.map(parameterText) };
  const rows = await readWithin<{ id: string }>(client, statement, SEARCH_MS_MAX, []);
  return rows?.map((row) => row.id) ?? null;
}

/**
 * Segment after segment until there are enough, each within `msMax`.
 * @param off ways of reading that PostgreSQL must not choose.
 * @returns null when a segment was not read in time.
 */
async function readRowsWithin(
  client: pg.PoolClient,
  plan: PagePlan,
  limit: number,
  msMax: number,
  off: readonly string[],
): Promise<PlacedContact[] | null> {
  const found: PlacedContact[] = [];
  for (const { segment, bounds } of segmentsToRead(plan)) {
    if (found.length >= limit) break;
    const { statement, read } = segmentRead(segment, plan, bounds, limit - found.length);
    const rows = await readWithin<object>(client, statement, msMax, off);
    if (rows === null) return null;
    found.push(...read(rows));
  }
  return found;
}
