/** A page of contacts, and the bare statement that reads the same one. */
export interface PageCase {
  name: string;
  filter?: object;
  /** Key of a segment to take the filter from. */
  segment?: string;
  orderBy?: object;
  /** Pages of fifty ahead of the one that is read. */
  pagesAhead?: number;
  /** `$1` is the tenant, `$2` the model, `$3` and `$4` total and id of the contact ahead of the page; fifty rows. */
  sql: string;
}

const COLUMNS = 'c.id, c.email, c.first_name, c.last_name, c.company, s.total, s.stage, s.label';
const SCORED = `FROM contact_scores s JOIN contacts c ON c.tenant_id = s.tenant_id AND c.id = s.contact_id
  WHERE s.tenant_id = $1 AND s.model_id = $2 AND c.merged_into IS NULL`;
const BY_SCORE = 'ORDER BY s.total DESC, s.contact_id DESC LIMIT 51';
const NAMED = `FROM contacts c LEFT JOIN contact_scores s ON s.tenant_id = c.tenant_id AND s.contact_id = c.id AND s.model_id = $2
  WHERE c.tenant_id = $1 AND c.merged_into IS NULL`;
const BY_NAME = 'ORDER BY c.sort_name, c.id LIMIT 51';
const NAME_ORDER = { field: 'NAME', direction: 'ASC' };
/** The text index, which bare SQL of the tables' owner may use. */
const LOOKED_UP = 'AND c.id IN (SELECT t.contact_id FROM contact_search t WHERE t.tenant_id = $1 AND';

/** A segment that is made for the run: parts within parts, an attribute among them. */
export const NESTED_SEGMENT = {
  key: 'nested',
  name: 'Nested',
  filter: {
    any: [
      {
        all: [
          { minTotal: 10 },
          { attribute: { attribute: 'country', operator: 'IN', value: ['de', 'at'] } },
          { not: { stages: ['sql'] } },
        ],
      },
      { not: { maxTotal: 50 } },
    ],
  },
};

/** The pages that are measured; those by score, text and segment have goals. */
export const PAGE_CASES: readonly PageCase[] = [
  { name: 'by score', sql: `SELECT ${COLUMNS} ${SCORED} ${BY_SCORE}` },
  {
    name: 'by score, page 1,000',
    pagesAhead: 999,
    sql: `SELECT ${COLUMNS} ${SCORED} AND (s.total, s.contact_id) < ($3, $4) ${BY_SCORE}`,
  },
  {
    name: 'by score, from 10 to 30',
    filter: { minTotal: 10, maxTotal: 30 },
    sql: `SELECT ${COLUMNS} ${SCORED} AND s.total BETWEEN 10 AND 30 ${BY_SCORE}`,
  },
  {
    name: 'segment, total up to 50',
    segment: 'cold',
    sql: `SELECT ${COLUMNS} ${SCORED} AND s.total BETWEEN 0 AND 50 ${BY_SCORE}`,
  },
  {
    name: 'segment of parts within parts',
    segment: NESTED_SEGMENT.key,
    sql: `SELECT ${COLUMNS} ${SCORED} AND ((s.total >= 10 AND lower(c.country) IN ('de', 'at') AND NOT s.stage = 'sql')
      OR NOT s.total <= 50) ${BY_SCORE}`,
  },
  {
    name: 'text, one hit',
    filter: { text: 'lead-77777' },
    orderBy: NAME_ORDER,
    sql: `SELECT ${COLUMNS} ${NAMED} ${LOOKED_UP} t.search_text LIKE '%lead-77777%') ${BY_NAME}`,
  },
  {
    name: 'text, everybody',
    filter: { text: 'lead' },
    orderBy: NAME_ORDER,
    sql: `SELECT ${COLUMNS} ${NAMED} AND c.search_text LIKE '%lead%' ${BY_NAME}`,
  },
  {
    name: 'text, misspelt, everybody',
    filter: { text: 'companny' },
    sql: `SELECT ${COLUMNS} ${SCORED} AND c.search_text %> 'companny' ${BY_SCORE}`,
  },
  {
    name: 'text, everybody, the closest first',
    filter: { text: 'company' },
    orderBy: { field: 'RELEVANCE', direction: 'DESC' },
    sql: `SELECT ${COLUMNS} ${NAMED} AND c.search_text LIKE '%company%' ORDER BY c.id DESC LIMIT 51`,
  },
  {
    name: 'an attribute that nobody has',
    filter: { attribute: { attribute: 'plan', operator: 'EQUALS', value: 'gold' } },
    sql: `SELECT ${COLUMNS} ${SCORED} AND c.attributes ->> 'plan' = 'gold' ${BY_SCORE}`,
  },
];
