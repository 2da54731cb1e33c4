/** What a list of contacts is ordered by. */
export const CONTACT_ORDER_FIELDS = ['SCORE', 'LAST_ACTIVITY', 'NAME', 'CREATED', 'RELEVANCE'] as const;
export type ContactOrderField = (typeof CONTACT_ORDER_FIELDS)[number];

/** An order of contacts; ties are broken by id in the same direction. */
export interface ContactOrder {
  field: ContactOrderField;
  direction: 'ASC' | 'DESC';
  /** The model of SCORE and LAST_ACTIVITY; the filter's, else the primary, when absent. */
  modelId?: string | null;
}

/** The best leads first. */
export const DEFAULT_CONTACT_ORDER: ContactOrder = { field: 'SCORE', direction: 'DESC' };

/** How a sort value travels in a cursor. */
export type SortType = 'integer' | 'instant' | 'text' | 'none';

/**
 * A stretch of the ordered list that one index serves. Orders by score have two: the contacts scored on the model, then the
 * others by id, last in either direction. One statement for both would have to look for unscored contacts in all of them
 * for every page.
 */
export interface OrderSegment {
  /** Names the segment in cursors. */
  code: 's' | 'u' | 'c';
  /** Tables and joins; the contacts are `c`, and a joined score row is `s`. */
  from: string;
  /** The conditions that make the segment. */
  where: (modelId: string) => string;
  /** The column sorted by; null when the id alone orders. */
  sort: string | null;
  sortType: SortType;
  id: string;
}

const CONTACTS = 'contacts c';
const TENANTS_CONTACTS = 'c.tenant_id = $1 AND c.merged_into IS NULL';

function scored(sort: string, sortType: SortType): OrderSegment {
  return {
    code: 's',
    from: 'contact_scores s JOIN contacts c ON c.tenant_id = s.tenant_id AND c.id = s.contact_id',
    where: (modelId) => `s.tenant_id = $1 AND s.model_id = ${modelId} AND ${TENANTS_CONTACTS}`,
    sort,
    sortType,
    id: 's.contact_id',
  };
}

const UNSCORED: OrderSegment = {
  code: 'u',
  from: CONTACTS,
  where: (modelId) =>
    `${TENANTS_CONTACTS} AND NOT EXISTS (SELECT FROM contact_scores u
      WHERE u.tenant_id = $1 AND u.contact_id = c.id AND u.model_id = ${modelId})`,
  sort: null,
  sortType: 'none',
  id: 'c.id',
};

function plain(sort: string, sortType: SortType): OrderSegment {
  return { code: 'c', from: CONTACTS, where: () => TENANTS_CONTACTS, sort, sortType, id: 'c.id' };
}

const SEGMENTS: Record<ContactOrderField, readonly OrderSegment[]> = {
  SCORE: [scored('s.total', 'integer'), UNSCORED],
  LAST_ACTIVITY: [scored('s.last_activity_at', 'instant'), UNSCORED],
  NAME: [plain('c.sort_name', 'text')],
  CREATED: [plain('c.created_at', 'instant')],
  // What is sorted by depends on the text: see `rankedBy`.
  RELEVANCE: [plain('0', 'integer')],
};

/** A stretch that is sorted by closeness to words. @param words placeholder of a `text[]`. */
export function rankedBy(segment: OrderSegment, words: string): OrderSegment {
  return { ...segment, sort: `text_closeness(c.search_text, ${words})` };
}

/** Without any model nobody is scored. */
const ALL_UNSCORED: OrderSegment = { ...UNSCORED, where: () => TENANTS_CONTACTS };

/**
 * The stretches of an order, first to last.
 * @param hasModel whether there is a model to order by.
 */
export function segmentsOf(field: ContactOrderField, hasModel: boolean): readonly OrderSegment[] {
  return isScoreOrder(field) && !hasModel ? [ALL_UNSCORED] : SEGMENTS[field];
}

/** True for orders that depend on a model. */
export function isScoreOrder(field: ContactOrderField): boolean {
  return field === 'SCORE' || field === 'LAST_ACTIVITY';
}
