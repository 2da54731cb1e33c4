import type pg from 'pg';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { HttpConnection } from '../ingest/http-connection.js';
import { idsOf, type PagePlace, POSTGRAPHILE_SCORES, SCORE_ORDER, SCORED } from './score-pages.js';
import { type GraphqlServer, postQuery } from './sides.js';

const PAGE_MAX = 200;
const WALK =
  'query Walk($first: Int, $after: String) { contacts(first: $first, after: $after) { pageInfo { endCursor } } }';
const JUMP = `query Jump($tenantId: UUID!, $modelId: UUID!, $offset: Int!) { ${POSTGRAPHILE_SCORES}, first: 1, offset: $offset) { pageInfo { endCursor } } }`;
const END_CURSOR = /"endCursor":"([^"]+)"/;

/** Where the list by score goes on after so many contacts, as each side says it. @throws Error when it is shorter. */
export async function findPlace(
  servers: { product: GraphqlServer; postgraphile: GraphqlServer },
  pool: pg.Pool,
  tenant: BenchTenant,
  contacts: number,
): Promise<PagePlace> {
  const { rows } = await pool.query<{ total: number; id: string }>({
    text: `SELECT s.total, c.id ${SCORED} ${SCORE_ORDER} LIMIT 1 OFFSET $3::bigint`,
    values: [tenant.tenantId, tenant.modelId, contacts - 1],
  });
  const [last] = rows;
  if (!last) throw new Error(`there are no ${contacts} contacts with a score`);
  return {
    product: await walk(servers.product, contacts),
    postgraphile: await jump(servers.postgraphile, tenant, contacts),
    total: last.total,
    contactId: last.id,
  };
}

/** The product knows no offset: page after page. */
async function walk(server: GraphqlServer, contacts: number): Promise<string> {
  const connection = await HttpConnection.open(server.port, server.header);
  let after: string | null = null;
  for (let left = contacts; left > 0; left -= PAGE_MAX) {
    const first = Math.min(left, PAGE_MAX);
    after = endCursorIn(await postQuery(connection, WALK, { first, after }));
  }
  connection.close();
  return after ?? '';
}

async function jump(server: GraphqlServer, tenant: BenchTenant, contacts: number): Promise<string> {
  const connection = await HttpConnection.open(server.port, server.header);
  const answer = await postQuery(connection, JUMP, { ...idsOf(tenant), offset: contacts - 1 });
  connection.close();
  return endCursorIn(answer);
}

function endCursorIn(answer: string): string {
  const cursor = END_CURSOR.exec(answer)?.[1];
  if (cursor === undefined) throw new Error(`there is no cursor in ${answer}`);
  return cursor;
}
