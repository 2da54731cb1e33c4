import pg from 'pg';
import { HttpConnection } from '../ingest/http-connection.js';
import type { GraphqlRead, ReadCase, SqlRead } from './read-case.js';

/** Database connections of each side; the product's default. */
export const CONNECTIONS = 10;
const SHOWN_CHARS_MAX = 500;

/** Sends the requests of one case, one at a time. */
export interface Caller {
  /** @param turn counts the requests. */
  send(turn: number): Promise<void>;
  /** Sends one request. @returns what its answer says. */
  digest(turn: number): Promise<string[]>;
  close(): void;
}

/** One of those who are measured. */
export interface Side {
  name: string;
  /** The process that answers; null when that is this one, which asks as well. */
  pid: number | null;
  /** Null when it has no answer to the case. */
  open(one: ReadCase): Promise<Caller> | null;
}

/** A GraphQL server to ask, and the header that every request carries. */
export interface GraphqlServer {
  pid: number;
  port: number;
  header: string;
}

/** The side of a GraphQL server. @param readOf what it is asked for. */
export function graphqlSide(
  name: string,
  server: GraphqlServer,
  readOf: (one: ReadCase) => GraphqlRead,
): Side {
  return { name, pid: server.pid, open: (one) => openGraphql(server, readOf(one)) };
}

async function openGraphql({ port, header }: GraphqlServer, read: GraphqlRead): Promise<Caller> {
  const connection = await HttpConnection.open(port, header);
  const query = read.query.replaceAll(/\s+/g, ' ');
  const post = (turn: number) => postQuery(connection, query, read.variables(turn));
  return {
    send: async (turn) => void (await post(turn)),
    digest: async (turn) => read.digest((JSON.parse(await post(turn)) as { data: unknown }).data),
    close: () => connection.close(),
  };
}

/** @returns the answer as text. @throws Error when it holds errors. */
export async function postQuery(
  connection: HttpConnection,
  query: string,
  variables: Record<string, unknown>,
): Promise<string> {
  const answer = await connection.post(JSON.stringify({ query, variables }));
  if (answer.includes('"errors"')) throw new Error(`a read was refused: ${answer.slice(0, SHOWN_CHARS_MAX)}`);
  return answer;
}

/** Prepared statements from this process. @param pool scoped to the tenant. */
export function sqlSide(pool: pg.Pool): Side {
  return {
    name: 'bare SQL',
    pid: null,
    open: ({ sql }) => (sql ? Promise.resolve(openSql(pool, sql)) : null),
  };
}

function openSql(pool: pg.Pool, { name, text, values, digest }: SqlRead): Caller {
  const ask = async (turn: number) => (await pool.query({ name, text, values: values(turn) })).rows;
  return {
    send: async (turn) => void (await ask(turn)),
    digest: async (turn) => digest(await ask(turn)),
    close: () => undefined,
  };
}

/** Connections whose row-level security lets one tenant's rows through, planned as the product's are. */
export function openSqlPool(url: string, tenantId: string): pg.Pool {
  return new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    application_name: 'leadpulse-bench',
    options: `-c jit=off -c app.tenant=${tenantId}`,
  });
}
