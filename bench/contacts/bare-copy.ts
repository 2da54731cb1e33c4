import { run } from '../ingest/bench-database.js';
import { FILE_COLUMNS } from './contact-file.js';

/** COPY of the file into a table with a key, and nothing else. @returns seconds. */
export async function copyIn(adminUrl: string, path: string): Promise<number> {
  const columns = FILE_COLUMNS.map((name) => `"${name}" text${name === 'Email' ? ' PRIMARY KEY' : ''}`);
  await run(adminUrl, `CREATE TABLE bench_copy (${columns.join(', ')})`);
  try {
    return await seconds(() => run(adminUrl, `COPY bench_copy FROM '${path}' (FORMAT csv, HEADER)`));
  } finally {
    await run(adminUrl, 'DROP TABLE bench_copy');
  }
}

/** COPY of a tenant's contacts with their scores into a file. @returns seconds. */
export function copyOut(adminUrl: string, tenantId: string, path: string): Promise<number> {
  return seconds(() =>
    run(
      adminUrl,
      `COPY (SELECT c.id, c.email, c.external_id, c.first_name, c.last_name, c.job_title, c.company, c.company_size,
          c.industry, c.annual_revenue, c.country, s.total, s.stage, s.label, s.dimensions, s.last_activity_at, s.as_of,
          c.created_at, c.attributes
        FROM contacts c LEFT JOIN contact_scores s ON s.tenant_id = c.tenant_id AND s.contact_id = c.id
        WHERE c.tenant_id = '${tenantId}' AND c.merged_into IS NULL ORDER BY c.id) TO '${path}' (FORMAT csv, HEADER)`,
    ),
  );
}

/** How long something takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (performance.now() - startedAtMs) / 1_000;
}
