/** A page of contacts, and the bare statement that reads the same one. */
export interface PageCase {
  name: string;
  filter: object | null;
  orderBy: object | null;
  /** `$1` is the tenant, `$2` the model; fifty rows. */
  sql: string;
}

const COLUMNS = 'c.id, c.email, c.first_name, c.last_name, c.company, s.total, s.stage, s.label';
const SCORED = `FROM contact_scores s JOIN contacts c ON c.tenant_id = s.tenant_id AND c.id = s.contact_id
  WHERE s.tenant_id = $1 AND s.model_id = $2 AND c.merged_into IS NULL`;
const BY_SCORE = 'ORDER BY s.total DESC, s.contact_id DESC LIMIT 51';

/** The pages that there are goals for. */
export const PAGE_CASES: readonly PageCase[] = [
  { name: 'by score', filter: null, orderBy: null, sql: `SELECT ${COLUMNS} ${SCORED} ${BY_SCORE}` },
  {
    name: 'by score, from 10 to 30',
    filter: { minTotal: 10, maxTotal: 30 },
    orderBy: null,
    sql: `SELECT ${COLUMNS} ${SCORED} AND s.total BETWEEN 10 AND 30 ${BY_SCORE}`,
  },
  {
    name: 'text, one hit',
    filter: { text: 'lead-77777' },
    orderBy: { field: 'NAME', direction: 'ASC' },
    sql: `SELECT ${COLUMNS} FROM contacts c LEFT JOIN contact_scores s ON s.tenant_id = c.tenant_id
        AND s.contact_id = c.id AND s.model_id = $2
      WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND c.search_text LIKE '%lead-77777%'
      ORDER BY c.sort_name, c.id LIMIT 51`,
  },
];
