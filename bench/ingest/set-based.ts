import pg from 'pg';
import type { BenchTenant } from './bench-tenants.js';
import { contactIdSql } from './preload-statements.js';
import type { RowTexts } from './row-widths.js';

const BATCHES_MIN = 2;

/**
 * The other yardstick: the same rows in four statements a transaction, one action for every contact of the tenant, made
 * up by the server itself, so that nothing but writing them counts.
 * @returns actions a second over at least `durationMs` and `BATCHES_MIN` transactions.
 */
export async function runSetBased(
  databaseUrl: string,
  tenant: BenchTenant,
  texts: RowTexts,
  durationMs: number,
): Promise<number> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'leadpulse-bench',
    options: `-c app.tenant=${tenant.tenantId} -c jit=off`,
  });
  await client.connect();
  try {
    const startedAtMs = performance.now();
    let batches = 0;
    while (batches < BATCHES_MIN || performance.now() - startedAtMs < durationMs) {
      await writeBatch(client, tenant, texts);
      batches++;
    }
    return (batches * tenant.contacts * 1_000) / (performance.now() - startedAtMs);
  } finally {
    await client.end();
  }
}

async function writeBatch(client: pg.Client, tenant: BenchTenant, texts: RowTexts): Promise<void> {
  const { tenantId, modelId, contacts } = tenant;
  const numbers = 'generate_series(0, $2::int - 1) AS i';
  await client.query('BEGIN');
  const { rows } = await client.query<{ seq: string }>(`SELECT nextval('recording_batches') AS seq`);
  await client.query(
    `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, body, recorded_at)
     SELECT $1, ${contactIdSql('i')}, now(), $3::bigint, gen_random_uuid(), 1, 'email_opened', $4, now() FROM ${numbers}`,
    [tenantId, contacts, rows[0]?.seq, texts.body],
  );
  await client.query(
    `UPDATE contact_scores s SET total = (total + 5) % 80, previous_total = total, stage = 'cold', dimensions = '{5,0}',
       as_of = now(), folded_at = now(), last_activity_at = now(), due_at = now() + interval '30 days', state = $4
     FROM ${numbers} WHERE s.tenant_id = $1 AND s.contact_id = ${contactIdSql('i')} AND s.model_id = $3`,
    [tenantId, contacts, modelId, texts.state],
  );
  const feed = await client.query<{ base: string }>(
    'UPDATE tenant_feeds SET position = position + $2::int WHERE tenant_id = $1 RETURNING position - $2::int AS base',
    [tenantId, contacts],
  );
  await client.query(
    `INSERT INTO score_events (tenant_id, position, contact_id, model_id, version, at, recorded_at, cause, action_at,
       action_seq, points, total_before, total_after, stage_before, stage_after, reasons)
     SELECT $1, $5::bigint + i + 1, ${contactIdSql('i')}, $3, 1, now(), now(), 'ACTION', now(), $6::bigint, 5, 5, 10, 'cold',
       'cold', $4 FROM ${numbers}`,
    [tenantId, contacts, modelId, texts.reasons, feed.rows[0]?.base, rows[0]?.seq],
  );
  await client.query('COMMIT');
}
