import { badInput } from '../errors.js';
import type { ContactFilter } from '../store/contact-filter.js';
import { findModel } from '../store/find-model.js';
import {
  type ContactOrder,
  DEFAULT_CONTACT_ORDER,
  isScoreOrder,
  type OrderSegment,
  segmentsOf,
} from './contact-order.js';
import { decodePlace, type ListIdentity, type Place } from './page-cursor.js';
import type { PreparedFilter } from './prepare-filter.js';

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

/** Everything about one page request that is settled before SQL is made. */
export interface PagePlan {
  tenantId: string;
  prepared: PreparedFilter;
  order: ContactOrder;
  /** The model of an order by score; null for other orders, and without any model. */
  modelId: string | null;
  segments: readonly OrderSegment[];
  list: ListIdentity;
  after: Place | null;
  before: Place | null;
  fromEnd: boolean;
}

/** A place that a page begins or ends right beside. */
export interface Bound {
  place: Place;
  /** `<` or `>`, by the direction of the list; `<=` or `>=` with the place itself. */
  operator: string;
}

/** @throws LeadpulseError BAD_USER_INPUT for foreign cursors and RELEVANCE without a text, NOT_FOUND for an unknown model. */
export function planPage(tenantId: string, query: ContactQuery, prepared: PreparedFilter): PagePlan {
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

/** The direction in which a segment is read, from either end of the list. */
export function readsDescending(plan: PagePlan): boolean {
  return (plan.order.direction === 'DESC') !== plan.fromEnd;
}

/** The segments that are left, in the direction of reading, each with its bounds. */
export function segmentsToRead(plan: PagePlan): { segment: OrderSegment; bounds: Bound[] }[] {
  const segments = plan.fromEnd ? [...plan.segments].reverse() : plan.segments;
  const left: { segment: OrderSegment; bounds: Bound[] }[] = [];
  for (const segment of segments) {
    const bounds = boundsWithin(segment, plan);
    if (bounds !== null) left.push({ segment, bounds });
  }
  return left;
}
