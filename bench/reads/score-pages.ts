import type { BenchTenant } from '../ingest/bench-tenants.js';
import type { ReadCase, ReadScope } from './read-case.js';

/** Where a page begins, for each side; null for the first page. */
export interface PagePlace {
  /** Cursors of the contact before it. */
  product: string;
  postgraphile: string;
  /** The score and the id of that contact. */
  total: number;
  contactId: string;
}

/** The order of the list, as PostGraphile is asked for it. */
export const POSTGRAPHILE_SCORES =
  'allContactScores(condition: { tenantId: $tenantId, modelId: $modelId }, orderBy: [TOTAL_DESC, CONTACT_ID_DESC]';
export const SCORE_ORDER = 'ORDER BY s.total DESC, s.contact_id DESC';
export const SCORED = `FROM contact_scores s JOIN contacts c ON c.tenant_id = s.tenant_id AND c.id = s.contact_id
  WHERE s.tenant_id = $1 AND s.model_id = $2 AND c.merged_into IS NULL`;

interface ProductPage {
  contacts: { nodes: { id: string; score: { total: number; stage: { key: string } } }[] };
}

interface PostgraphilePage {
  allContactScores: { nodes: { total: number; stage: string; contact: { rowId: string } }[] };
}

interface SqlPageRow {
  id: string;
  total: number;
  stage: string;
}

/** A page of contacts by score. @param number of the page, from 1. */
export function scorePage({ tenant, rows }: ReadScope, number: number, place: PagePlace | null): ReadCase {
  return {
    name: `contacts by score, page ${number.toLocaleString('en')}`,
    product: {
      query: `query Page($first: Int, $after: String) { contacts(first: $first, after: $after) {
        nodes { id email firstName lastName company score { total label stage { key } } }
        pageInfo { hasNextPage endCursor } } }`,
      variables: () => ({ first: rows, after: place?.product ?? null }),
      digest: (data) =>
        (data as ProductPage).contacts.nodes.map(({ id, score }) => digest(id, score.total, score.stage.key)),
    },
    postgraphile: {
      query: `query Page($tenantId: UUID!, $modelId: UUID!, $first: Int!, $after: Cursor) {
        ${POSTGRAPHILE_SCORES}, first: $first, after: $after) {
        nodes { total label stage contact { rowId email firstName lastName company } }
        pageInfo { hasNextPage endCursor } } }`,
      variables: () => ({ ...idsOf(tenant), first: rows, after: place?.postgraphile ?? null }),
      digest: (data) =>
        (data as PostgraphilePage).allContactScores.nodes.map(({ total, stage, contact }) =>
          digest(contact.rowId, total, stage),
        ),
    },
    sql: {
      name: place ? 'page_after' : 'page_first',
      text: `SELECT c.id, c.email, c.first_name, c.last_name, c.company, s.total, s.label, s.stage ${SCORED}
        ${place ? 'AND (s.total, s.contact_id) < ($4::int, $5::uuid)' : ''} ${SCORE_ORDER} LIMIT $3::bigint`,
      // One more tells whether there is a next page, as it does for the others.
      values: () => [
        tenant.tenantId,
        tenant.modelId,
        rows + 1,
        ...(place ? [place.total, place.contactId] : []),
      ],
      digest: (found) =>
        (found as SqlPageRow[]).slice(0, rows).map(({ id, total, stage }) => digest(id, total, stage)),
    },
  };
}

/** What PostGraphile is told of the tenant, beside the header. */
export function idsOf({ tenantId, modelId }: BenchTenant): { tenantId: string; modelId: string } {
  return { tenantId, modelId };
}

function digest(id: string, total: number, stage: string): string {
  return `${id} ${total} ${stage}`;
}
