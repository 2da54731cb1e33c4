import type pg from 'pg';
import type { FlightStatement } from '../store/flight.js';
import { SqlParameters } from '../store/sql-parameters.js';
import type { OrderSegment } from './contact-order.js';
import { type Place, sortValueSql } from './page-cursor.js';
import { type Bound, type PagePlan, readsDescending, segmentsToRead } from './page-plan.js';
import { boundSql, CLOSEST, keptStatement, orderSql, type PlacedContact, segmentRead } from './page-sql.js';
import { IN_ORDER, readWithin } from './read-within.js';

/** Contacts that a filter is tried on before anything is looked up for it. */
const PROBED_CONTACTS = 200;

/** Some filters ask much of each contact. */
const PROBE_MS_MAX = 100;

/** The first contacts of a list, from where a page begins, by the place of the last of them. */
export interface Probe {
  /** Reads that place, by the index of the order alone. */
  statement: FlightStatement;
  end: (rows: readonly EndDbRow[]) => Place | null;
}

/** What `Probe.statement` reads. */
export interface EndDbRow {
  value: string | null;
  id: string;
}

/** Where `probeRows` ends; null for a list without an order that an index gives. */
export function planProbe(plan: PagePlan): Probe | null {
  const [next] = segmentsToRead(plan);
  if (!next || next.segment.code === 'u') return null;
  const ranked = plan.order.field === 'RELEVANCE';
  if (ranked && !beginsWithClosest(plan)) return null;
  const segment = ranked ? { ...next.segment, sort: null } : next.segment;
  return {
    statement: endStatement(plan, segment, next.bounds),
    end: ([row]) => (row ? { segment: segment.code, ...row } : null),
  };
}

/**
 * Asks the first `PROBED_CONTACTS` of a list whether a filter holds for them.
 * @param end of `planProbe`.
 * @returns those for whom it does, which are the page itself when there are as many as `limit`.
 */
export async function probeRows(
  client: pg.PoolClient,
  plan: PagePlan,
  end: Place,
  limit: number,
): Promise<PlacedContact[]> {
  const [next] = segmentsToRead(plan);
  if (!next) return [];
  const bound: Bound = { place: end, operator: readsDescending(plan) ? '>=' : '<=' };
  const how = { closest: plan.order.field === 'RELEVANCE', inOrder: true };
  const { statement, read } = segmentRead(next.segment, plan, [...next.bounds, bound], limit, how);
  return read((await readWithin<object>(client, statement, PROBE_MS_MAX, IN_ORDER)) ?? []);
}

/** Whether the closest come first on the page; they have an order of their own, by id. */
function beginsWithClosest(plan: PagePlan): boolean {
  const { after, before } = plan;
  return readsDescending(plan) && before === null && (after === null || after.value === CLOSEST);
}

function endStatement(plan: PagePlan, segment: OrderSegment, bounds: readonly Bound[]): FlightStatement {
  const parameters = new SqlParameters();
  const scored = segment.code === 's';
  const conditions = [`${scored ? 's' : 'c'}.tenant_id = ${parameters.add(plan.tenantId, 'uuid')}`];
  if (scored) conditions.push(`s.model_id = ${parameters.add(plan.modelId, 'uuid')}`);
  conditions.push(...bounds.map((bound) => boundSql(segment, bound, parameters)));
  const text = `SELECT ${sortValueSql(segment)} AS value, ${segment.id} AS id
    FROM ${scored ? 'contact_scores s' : 'contacts c'} WHERE ${conditions.join(' AND ')}
    ORDER BY ${orderSql(segment, plan)} OFFSET ${PROBED_CONTACTS} LIMIT 1`;
  return keptStatement(text, parameters);
}
