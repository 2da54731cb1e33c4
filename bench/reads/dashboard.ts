import type { ReadCase, ReadScope } from './read-case.js';
import { idsOf, POSTGRAPHILE_SCORES, SCORE_ORDER, SCORED } from './score-pages.js';

/** Changes shown of each contact. */
const CHANGES = 3;

interface Change {
  totalBefore: number;
  totalAfter: number;
}

interface ProductDashboard {
  contacts: { nodes: { id: string; score: { total: number; history: { nodes: Change[] } } }[] };
}

interface PostgraphileDashboard {
  allContactScores: { nodes: { total: number; contact: { rowId: string }; changes: { nodes: Change[] } }[] };
}

interface SqlDashboardRow {
  id: string;
  total: number;
  total_before: number;
  total_after: number;
}

/** The hottest contacts, each with its score, its stage and its last changes. */
export function dashboard({ tenant, rows }: ReadScope): ReadCase {
  return {
    name: `dashboard of ${rows} contacts`,
    product: {
      query: `query Dashboard($first: Int) { contacts(first: $first) {
        nodes { id email firstName lastName company score { total label stage { key }
          history(first: ${CHANGES}) { nodes { at cause points totalBefore totalAfter stageAfter { key } } } } }
        pageInfo { hasNextPage endCursor } } }`,
      variables: () => ({ first: rows }),
      digest: (data) =>
        (data as ProductDashboard).contacts.nodes.flatMap(({ id, score }) =>
          score.history.nodes.map((change) => digest(id, score.total, change)),
        ),
    },
    postgraphile: {
      query: `query Dashboard($tenantId: UUID!, $modelId: UUID!, $first: Int!) {
        ${POSTGRAPHILE_SCORES}, first: $first) {
        nodes { total label stage contact { rowId email firstName lastName company }
          changes(first: ${CHANGES}, orderBy: [POSITION_DESC]) {
            nodes { at cause points totalBefore totalAfter stageAfter } } }
        pageInfo { hasNextPage endCursor } } }`,
      variables: () => ({ ...idsOf(tenant), first: rows }),
      digest: (data) =>
        (data as PostgraphileDashboard).allContactScores.nodes.flatMap(({ total, contact, changes }) =>
          changes.nodes.map((change) => digest(contact.rowId, total, change)),
        ),
    },
    sql: {
      name: 'dashboard',
      text: `SELECT p.*, e.at, e.cause, e.points, e.total_before, e.total_after, e.stage_after
        FROM (SELECT c.id, c.email, c.first_name, c.last_name, c.company, s.total, s.label, s.stage ${SCORED}
          ${SCORE_ORDER} LIMIT $3::bigint) p
        LEFT JOIN LATERAL (SELECT * FROM score_events WHERE tenant_id = $1 AND contact_id = p.id AND model_id = $2
          ORDER BY position DESC LIMIT ${CHANGES}) e ON true
        ORDER BY p.total DESC, p.id DESC, e.position DESC`,
      values: () => [tenant.tenantId, tenant.modelId, rows],
      digest: (found) =>
        (found as SqlDashboardRow[]).map(({ id, total, total_before, total_after }) =>
          digest(id, total, { totalBefore: total_before, totalAfter: total_after }),
        ),
    },
  };
}

function digest(id: string, total: number, { totalBefore, totalAfter }: Change): string {
  return `${id} ${total} ${totalBefore} ${totalAfter}`;
}
