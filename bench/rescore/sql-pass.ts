import pg from 'pg';

/**
 * The yardstick: one statement that reads every row of a tenant's timeline, all columns that scores are made of, and groups
 * it by contact. Plans as PostgreSQL likes, as the service's role, with its policies.
 * @returns seconds.
 */
export async function runSqlPass(databaseUrl: string, tenantId: string): Promise<number> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'leadpulse-bench',
    options: `-c app.tenant=${tenantId} -c jit=off`,
  });
  await client.connect();
  try {
    const startedAtMs = performance.now();
    await client.query(
      `SELECT count(*), sum(actions), max(last_at), max(type), sum(body_chars) FROM (
         SELECT contact_id, count(*) AS actions, max(occurred_at) AS last_at, max(type) AS type,
           sum(length(body)) AS body_chars
         FROM timeline WHERE tenant_id = $1 GROUP BY contact_id) AS contacts`,
      [tenantId],
    );
    return (performance.now() - startedAtMs) / 1_000;
  } finally {
    await client.end();
  }
}
