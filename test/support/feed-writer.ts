import { randomUUID } from 'node:crypto';
import type { ChangeCause } from '../../src/store/change-causes.js';
import type { Database } from '../../src/store/database.js';

/** What a test says about a change; the rest has defaults. */
export interface WrittenChange {
  contactId?: string;
  modelId?: string;
  version?: number;
  totalBefore?: number;
  totalAfter?: number;
  stageBefore?: string | null;
  stageAfter?: string;
  cause?: ChangeCause;
  reasons?: string;
}

export const WRITER_CONTACT_ID = randomUUID();
export const WRITER_MODEL_ID = randomUUID();

/** A tenant with an empty feed. @returns its id. */
export async function createTenant(db: Database, name = 'Acme'): Promise<string> {
  const id = randomUUID();
  await db.writes.query('INSERT INTO tenants (id, name) VALUES ($1, $2)', [id, name]);
  await db.writes.query('INSERT INTO tenant_feeds (tenant_id) VALUES ($1)', [id]);
  return id;
}

/**
 * Commits changes as the service does: the counter is raised last, and the changes take the positions it gave.
 * @returns the position of the last one.
 */
export async function writeChanges(
  db: Database,
  tenantId: string,
  changes: WrittenChange[],
): Promise<bigint> {
  const client = await db.writes.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.tenant', $1, true)`, [tenantId]);
    const { rows } = await client.query<{ position: string }>(
      'UPDATE tenant_feeds SET position = position + $2 WHERE tenant_id = $1 RETURNING position',
      [tenantId, changes.length],
    );
    const last = BigInt(rows[0]!.position);
    await client.query(
      `INSERT INTO score_events (tenant_id, position, contact_id, model_id, version, at, recorded_at, cause, points,
         total_before, total_after, stage_before, stage_after, reasons)
       SELECT $1, $2::bigint + c.nth, c."contactId", c."modelId", c.version, now(), now(), c.cause,
         c."totalAfter" - c."totalBefore", c."totalBefore", c."totalAfter", c."stageBefore", c."stageAfter", c.reasons
       FROM ROWS FROM (jsonb_to_recordset($3::jsonb) AS ("contactId" uuid, "modelId" uuid, version integer, cause text,
         "totalBefore" integer, "totalAfter" integer, "stageBefore" text, "stageAfter" text, reasons text))
         WITH ORDINALITY AS c ("contactId", "modelId", version, cause, "totalBefore", "totalAfter", "stageBefore",
         "stageAfter", reasons, nth)`,
      [tenantId, String(last - BigInt(changes.length)), JSON.stringify(changes.map(complete))],
    );
    await client.query('COMMIT');
    return last;
  } finally {
    client.release();
  }
}

/** `count` changes of the same contact. */
export function someChanges(count: number, change: WrittenChange = {}): WrittenChange[] {
  return Array.from({ length: count }, () => change);
}

/** Removes the changes up to a position, as retention does. */
export async function removeChangesUpTo(db: Database, tenantId: string, floor: bigint): Promise<void> {
  const client = await db.writes.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.tenant', $1, true)`, [tenantId]);
    await client.query('UPDATE tenant_feeds SET floor = $2 WHERE tenant_id = $1', [tenantId, String(floor)]);
    await client.query('DELETE FROM score_events WHERE tenant_id = $1 AND position <= $2', [
      tenantId,
      String(floor),
    ]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

function complete(change: WrittenChange): Required<WrittenChange> {
  return {
    contactId: WRITER_CONTACT_ID,
    modelId: WRITER_MODEL_ID,
    version: 1,
    totalBefore: 10,
    totalAfter: 20,
    stageBefore: 'cold',
    stageAfter: 'cold',
    cause: 'ACTION',
    reasons: '[]',
    ...change,
  };
}
