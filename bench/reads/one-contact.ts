import { actionOfTurn } from '../ingest/bench-actions.js';
import type { ReadCase, ReadScope } from './read-case.js';

/** Changes that PostGraphile reads in place of the explanation, which it has not: one for each action of the history. */
const CHANGES = 10;

interface ProductContact {
  contact: {
    id: string;
    scores: { total: number; stage: { key: string }; explanation: { points: number }[] }[];
  };
}

interface PostgraphileContact {
  contactByTenantIdAndRowId: { rowId: string; scores: { nodes: { total: number; stage: string }[] } };
}

interface SqlContactRow {
  id: string;
  total: number;
  stage: string;
}

/** One contact after another with its scores and what they are made of. */
export function oneContact({ tenant }: Pick<ReadScope, 'tenant'>): ReadCase {
  const idOf = (turn: number) => contactIdAt(actionOfTurn(turn, tenant.contacts, 0).contact);
  return {
    name: 'one contact, explained',
    product: {
      query: `query Contact($id: ID!) { contact(key: { id: $id }) { id email firstName lastName company country
        scores { total label previousTotal lastActivityAt stage { key } dimensions { key points label }
          explanation { kind ruleKey title dimension points awards lastAwardAt expiresAt } } } }`,
      variables: (turn) => ({ id: idOf(turn) }),
      digest: (data) => {
        const { id, scores } = (data as ProductContact).contact;
        return scores.map(({ total, stage, explanation }) => {
          const sum = explanation.reduce((points, line) => points + line.points, 0);
          return `${id} ${Math.round(sum)} ${total} ${stage.key}`;
        });
      },
    },
    postgraphile: {
      query: `query Contact($tenantId: UUID!, $id: UUID!) { contactByTenantIdAndRowId(tenantId: $tenantId, rowId: $id) {
        rowId email firstName lastName company country
        scores(first: 10) { nodes { total label previousTotal lastActivityAt stage dimensions
          changes(first: ${CHANGES}, orderBy: [POSITION_DESC]) {
            nodes { at cause points totalBefore totalAfter stageAfter reasons } } } } } }`,
      variables: (turn) => ({ tenantId: tenant.tenantId, id: idOf(turn) }),
      digest: (data) => {
        const { rowId, scores } = (data as PostgraphileContact).contactByTenantIdAndRowId;
        return scores.nodes.map(({ total, stage }) => `${rowId} ${total} ${total} ${stage}`);
      },
    },
    sql: {
      name: 'one_contact',
      // The state is what the explanation is made of.
      text: `SELECT c.id, c.email, c.first_name, c.last_name, c.company, c.country, s.total, s.label, s.previous_total,
          s.last_activity_at, s.stage, s.dimensions, s.state
        FROM contacts c JOIN contact_scores s ON s.tenant_id = c.tenant_id AND s.contact_id = c.id
        WHERE c.tenant_id = $1 AND c.id = $2`,
      values: (turn) => [tenant.tenantId, idOf(turn)],
      digest: (found) =>
        (found as SqlContactRow[]).map(({ id, total, stage }) => `${id} ${total} ${total} ${stage}`),
    },
  };
}

/** The id that the contact of a number was given: see `contactIdSql`. */
function contactIdAt(number: number): string {
  return `01930000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}
