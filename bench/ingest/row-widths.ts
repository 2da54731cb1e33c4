import pg from 'pg';
import type { BenchTenant } from './bench-tenants.js';

/** Texts as long as those that the product writes, so that the yardsticks write rows of the same width. */
export interface RowTexts {
  state: string;
  reasons: string;
  body: string;
}

/** Sampled rows of each table. */
const SAMPLE_ROWS = 2_000;

/** Picks, of what a tenant's rows hold, texts of the average length. */
export async function readRowTexts(databaseUrl: string, { tenantId }: BenchTenant): Promise<RowTexts> {
  const client = new pg.Client({ connectionString: databaseUrl, options: `-c app.tenant=${tenantId}` });
  await client.connect();
  const pick = async (column: string, from: string): Promise<string> => {
    const { rows } = await client.query<{ text: string }>(
      `WITH sample AS (SELECT ${column} AS text FROM ${from} LIMIT ${SAMPLE_ROWS})
       SELECT text FROM sample ORDER BY abs(length(text) - (SELECT avg(length(text)) FROM sample)) LIMIT 1`,
      [tenantId],
    );
    return rows[0]?.text ?? '';
  };
  try {
    return {
      state: await pick('state', 'contact_scores WHERE tenant_id = $1 ORDER BY as_of DESC'),
      reasons: await pick('reasons', 'score_events WHERE tenant_id = $1 ORDER BY position DESC'),
      body: await pick('body', 'timeline WHERE tenant_id = $1'),
    };
  } finally {
    await client.end();
  }
}
