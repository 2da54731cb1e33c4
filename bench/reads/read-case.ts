import type { BenchTenant } from '../ingest/bench-tenants.js';

/** A GraphQL operation, and how its answer is compared with that of the others. */
export interface GraphqlRead {
  query: string;
  /** @param turn counts the requests. */
  variables(turn: number): Record<string, unknown>;
  /** What an answer says, one text for each row. */
  digest(data: unknown): string[];
}

/** A prepared statement that reads the same rows. */
export interface SqlRead {
  name: string;
  text: string;
  values(turn: number): unknown[];
  digest(rows: readonly unknown[]): string[];
}

/** Something to read, as each side is asked for it. */
export interface ReadCase {
  name: string;
  product: GraphqlRead;
  postgraphile: GraphqlRead;
  /** Null for what touches no table. */
  sql: SqlRead | null;
}

/** A tenant, and how many of its contacts a page or the dashboard has. */
export interface ReadScope {
  tenant: BenchTenant;
  rows: number;
}

const hello = {
  query: '{ __typename }',
  variables: () => ({}),
  digest: (data: unknown) => [JSON.stringify(data)],
};

/** What a request costs that reads nothing. */
export const HELLO: ReadCase = { name: 'hello', product: hello, postgraphile: hello, sql: null };
