import type pg from 'pg';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import type { ServerProcess } from '../ingest/server-process.js';

/** A contact that a page begins behind. */
export interface PlaceAhead {
  cursor: string;
  id: string;
  total: number;
}

/** As many as a page may have. */
const STEP = 200;
const AHEAD = `query Ahead($first: Int!, $after: String) {
  contacts(first: $first, after: $after) { nodes { id } pageInfo { endCursor } }
}`;

/** Asks the server. @returns the answer's data. @throws Error when it has errors. */
export async function askServer<T>(
  server: ServerProcess,
  tenant: BenchTenant,
  query: string,
  variables: object,
): Promise<T> {
  return (JSON.parse(await receiveText(server, tenant, query, variables)) as { data: T }).data;
}

/** The same as the text of the answer, since reading it is none of the server's work. */
export async function receiveText(
  { port }: ServerProcess,
  { apiKey }: BenchTenant,
  query: string,
  variables: object,
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  if (text.includes('"errors"')) throw new Error(`a request was refused: ${text.slice(0, 500)}`);
  return text;
}

/** Goes by cursor to the contact that has so many ahead of it by score, itself counted. */
export async function findPlaceAhead(
  server: ServerProcess,
  tenant: BenchTenant,
  client: pg.Client,
  contacts: number,
): Promise<PlaceAhead> {
  let cursor: string | null = null;
  let id = '';
  for (let passed = 0; passed < contacts; passed += STEP) {
    const variables = { first: Math.min(STEP, contacts - passed), after: cursor };
    const page: Ahead = await askServer<Ahead>(server, tenant, AHEAD, variables);
    cursor = page.contacts.pageInfo.endCursor;
    id = page.contacts.nodes.at(-1)?.id ?? '';
  }
  const { rows } = await client.query<{ total: number }>(
    'SELECT total FROM contact_scores WHERE tenant_id = $1 AND model_id = $2 AND contact_id = $3',
    [tenant.tenantId, tenant.modelId, id],
  );
  const [row] = rows;
  if (!row || cursor === null) throw new Error(`there are no ${contacts} contacts by score`);
  return { cursor, id, total: row.total };
}

interface Ahead {
  contacts: { nodes: { id: string }[]; pageInfo: { endCursor: string | null } };
}
