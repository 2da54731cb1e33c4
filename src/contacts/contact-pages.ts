import type pg from 'pg';
import { badInput } from '../errors.js';
import { type ContactFilter, partsOf, wordsOfText } from '../store/contact-filter.js';
import type { Database } from '../store/database.js';
import type { ActiveModels } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import {
  type ContactOrder,
  DEFAULT_CONTACT_ORDER,
  isScoreOrder,
  type OrderSegment,
  rankedBy,
  segmentsOf,
} from './contact-order.js';
import { CONTACT_COLUMNS, type ContactDbRow, type ContactRow, contactRowOf } from './contact-row.js';
import { isTimeout, tooSlow, within } from './count-contacts.js';
import { filterSql } from './filter-sql.js';
import { findModel } from './find-model.js';
import {
  cursorEncoder,
  decodePlace,
  type ListIdentity,
  type Place,
  sortParameter,
  sortValueSql,
} from './page-cursor.js';
import { type PreparedFilter, prepareFilter } from './prepare-filter.js';
import { SqlParameters } from './sql-parameters.js';

/** Which page of which list of contacts. */
export interface ContactQuery {
  filter?: ContactFilter | null;
  /** `DEFAULT_CONTACT_ORDER` when absent. */
  order?: ContactOrder | null;
  /** Which end of the list, or of what lies between the cursors, the page is taken from. */
  from: 'START' | 'END';
  count: number;
  after: string | null;
  before: string | null;
}

/** A page of contacts, in order whichever end it was read from. */
export interface ContactPage {
  entries: { cursor: string; row: ContactRow }[];
  /** Whether more lies in the direction of reading. */
  hasMore: boolean;
  /** Where the feed stood before the page was read: no change after it is missing from what follows it in the feed. */
  feedPosition: string;
}

interface PageDbRow extends ContactDbRow {
  sort_value: string | null;
}

interface Bound {
  place: Place;
  /** `<` or `>`, by the direction of the list. */
  operator: string;
}

/** Everything about one page request that is settled before SQL is made. */
interface PagePlan {
  tenantId: string;
  prepared: PreparedFilter;
  order: ContactOrder;
  modelId: string | null;
  segments: readonly OrderSegment[];
  list: ListIdentity;
  after: Place | null;
  before: Place | null;
  fromEnd: boolean;
}

/**
 * Reads one page. Cursors hold the sort value and the id of a contact, and a page begins right beside them: a contact whose
 * score stands still appears exactly once, however the others move between pages.
 * @throws LeadpulseError BAD_USER_INPUT for faults of the filter (paths below `filter`) and foreign cursors, NOT_FOUND for an
 * unknown model, TOO_COMPLEX when it takes too long.
 */
export async function readContactPage(
  db: Database,
  tenantId: string,
  active: ActiveModels,
  query: ContactQuery,
): Promise<ContactPage> {
  const prepared = await prepareFilter(db, tenantId, active, query.filter ?? {}, 'filter');
  const plan = planPage(tenantId, query, prepared);
  return tenantRead(db, tenantId, async (client) => {
    // Sent before the page, so that PostgreSQL looks at the feed first.
    const feedPosition = readFeedPosition(client, tenantId);
    const [position, rows] = await Promise.all([
      feedPosition,
      readRowsOrNarrow(client, plan, query.count + 1),
    ]).catch((error: unknown) => {
      throw isTimeout(error) ? tooSlow() : error;
    });
    const hasMore = rows.length > query.count;
    const page = rows.slice(0, query.count);
    if (plan.fromEnd) page.reverse();
    const encode = cursorEncoder(plan.list);
    return {
      entries: page.map(({ row, place }) => ({ cursor: encode(place), row })),
      hasMore,
      feedPosition: position,
    };
  });
}

function planPage(tenantId: string, query: ContactQuery, prepared: PreparedFilter): PagePlan {
  const { filter } = prepared;
  const { active } = prepared.scope;
  const order = query.order ?? DEFAULT_CONTACT_ORDER;
  if (order.field === 'RELEVANCE' && !filter.text?.trim()) {
    throw badInput([
      { path: 'orderBy.field', message: 'RELEVANCE orders by the `text` of the filter: give one.' },
    ]);
  }
  const modelId = isScoreOrder(order.field)
    ? (findModel(active, order.modelId ?? filter.modelId)?.modelId ?? null)
    : null;
  const segments = segmentsOf(order.field, modelId !== null);
  const list: ListIdentity = { tenantId, field: order.field, direction: order.direction, modelId };
  if (order.field === 'RELEVANCE' && filter.text) list.text = filter.text;
  const place = (cursor: string | null, path: string) =>
    cursor === null ? null : decodePlace(cursor, list, segments, path);
  return {
    tenantId,
    prepared,
    order,
    modelId,
    segments,
    list,
    after: place(query.after, 'after'),
    before: place(query.before, 'before'),
    fromEnd: query.from === 'END',
  };
}

async function readFeedPosition(client: pg.PoolClient, tenantId: string): Promise<string> {
  const { rows } = await client.query<{ position: string }>({
    name: 'contacts_feed_position',
    text: 'SELECT position FROM tenant_feeds WHERE tenant_id = $1',
    values: [tenantId],
  });
  return rows[0]?.position ?? '0';
}

/** How long a page of a filter that no index serves may be looked for in the order of the list. */
const WALK_MS_MAX = 500;
/** Contacts that such a filter may hold for to be found first and put into order then. */
const NARROWED_CONTACTS_MAX = 5_000;

/**
 * A filter that no index serves is asked of contact after contact in the order of the list: quick when many meet it, and
 * far slower than reading the whole table when hardly anybody does, which PostgreSQL cannot know. So that is tried for a
 * while, and then those who meet it are looked for without any order.
 */
async function readRowsOrNarrow(client: pg.PoolClient, plan: PagePlan, limit: number) {
  const { filter, scope } = plan.prepared;
  if (!isUnindexed(filter, plan.prepared)) return readRows(client, plan, limit);
  const rows = await within(client, WALK_MS_MAX, () => readRows(client, plan, limit));
  if (rows !== null) return rows;
  const parameters = new SqlParameters();
  parameters.add(plan.tenantId, 'uuid');
  const condition = filterSql(filter, scope, parameters);
  const found = await client.query<{ id: string }>(
    `SELECT c.id FROM contacts c WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND ${condition}
     LIMIT ${NARROWED_CONTACTS_MAX + 1}`,
    parameters.values,
  );
  if (found.rows.length > NARROWED_CONTACTS_MAX) return readRows(client, plan, limit);
  const among = found.rows.map((row) => row.id);
  const narrowed = { ...plan, prepared: { filter, scope: { ...scope, among } } };
  return readRows(client, narrowed, limit);
}

function isUnindexed(filter: ContactFilter, { scope }: PreparedFilter): boolean {
  for (const part of partsOf(filter)) {
    if (part.attribute || part.activity) return true;
    if (part.text && !scope.texts?.get(part.text)) return true;
    const saved = part.segmentId == null ? undefined : scope.segments?.get(part.segmentId.toLowerCase());
    if (saved && isUnindexed(saved.filter, { filter, scope })) return true;
  }
  return false;
}

/** Segment after segment until there are enough: the second one is rarely needed. */
async function readRows(client: pg.PoolClient, plan: PagePlan, limit: number) {
  const found: { row: ContactRow; place: Place }[] = [];
  const segments = plan.fromEnd ? [...plan.segments].reverse() : plan.segments;
  for (const segment of segments) {
    const bounds = boundsWithin(segment, plan);
    if (bounds === null || found.length >= limit) continue;
    const parameters = new SqlParameters();
    const text = segmentSql(segment, plan, bounds, limit - found.length, parameters);
    const { rows } = await client.query<PageDbRow>(text, parameters.values);
    for (const row of rows) {
      const place: Place = { segment: segment.code, value: row.sort_value, id: row.id };
      found.push({ row: contactRowOf(row), place });
    }
  }
  return found;
}

/** What the cursors leave of a segment; null when nothing. */
function boundsWithin(segment: OrderSegment, plan: PagePlan): Bound[] | null {
  const at = (code: OrderSegment['code']) => plan.segments.findIndex((candidate) => candidate.code === code);
  const ascending = plan.order.direction === 'ASC';
  const bounds: Bound[] = [];
  if (plan.after) {
    if (at(plan.after.segment) > at(segment.code)) return null;
    if (plan.after.segment === segment.code)
      bounds.push({ place: plan.after, operator: ascending ? '>' : '<' });
  }
  if (plan.before) {
    if (at(plan.before.segment) < at(segment.code)) return null;
    if (plan.before.segment === segment.code)
      bounds.push({ place: plan.before, operator: ascending ? '<' : '>' });
  }
  return bounds;
}

function segmentSql(
  unranked: OrderSegment,
  plan: PagePlan,
  bounds: Bound[],
  limit: number,
  parameters: SqlParameters,
): string {
  parameters.add(plan.tenantId, 'uuid');
  const { modelId } = plan;
  const model = modelId === null ? 'NULL' : parameters.shared(`model ${modelId}`, 'uuid', () => modelId);
  const { filter } = plan.prepared;
  const words = plan.order.field === 'RELEVANCE' ? wordsOfText(filter.text ?? '') : null;
  const segment = words ? rankedBy(unranked, parameters.add(words, 'text[]')) : unranked;
  const scope = {
    ...plan.prepared.scope,
    ...(modelId === null ? {} : { scores: { modelId, joined: segment.code === 's' } }),
  };
  const conditions = [
    segment.where(model),
    filterSql(filter, scope, parameters),
    ...bounds.map((bound) => boundSql(segment, bound, parameters)),
  ];
  const descending = (plan.order.direction === 'DESC') !== plan.fromEnd;
  const columns = segment.sort === null ? [segment.id] : [segment.sort, segment.id];
  return `SELECT ${CONTACT_COLUMNS}, ${sortValueSql(segment)} AS sort_value FROM ${segment.from}
    WHERE ${conditions.join(' AND ')}
    ORDER BY ${columns.map((column) => `${column} ${descending ? 'DESC' : 'ASC'}`).join(', ')}
    LIMIT ${parameters.add(limit, 'bigint')}`;
}

/** One row comparison, which an index answers even in the middle of a tie. */
function boundSql(segment: OrderSegment, { place, operator }: Bound, parameters: SqlParameters): string {
  const id = parameters.add(place.id, 'uuid');
  if (segment.sort === null || place.value === null) return `${segment.id} ${operator} ${id}`;
  const sort = sortParameter(segment.sortType, place.value);
  return `(${segment.sort}, ${segment.id}) ${operator} (${parameters.add(sort.value, sort.type)}, ${id})`;
}
