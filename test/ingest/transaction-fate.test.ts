import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TimelineInsert } from '../../src/ingest/batch-statements.js';
import type { PreparedBatch } from '../../src/ingest/run-batch.js';
import { findCommitted } from '../../src/ingest/transaction-fate.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit } from '../support/ingest-kit.js';

let database: TestDatabase;
let kit: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

function batch(xid: string, firstEntry: TimelineInsert | null): PreparedBatch {
  return { xid, firstEntry, firstChange: null, recordedAtMs: 0, finish: () => ({ results: [], changes: 0 }) };
}

async function committedXid(): Promise<string> {
  const [row] = await kit.db.dataSource.query<{ xid: string }[]>('SELECT pg_current_xact_id()::text AS xid');
  return row?.xid ?? '';
}

/** An entry that was written, and one that was not. */
async function entries(): Promise<{ stored: TimelineInsert; lost: TimelineInsert }> {
  const { contactId, entryId, occurredAtMs } = await kit.accept(act('fate@example.com', 'email_opened'));
  const [row] = await kit.query<{ seq: string }>(
    'SELECT seq FROM timeline WHERE tenant_id = $1 AND id = $2',
    entryId,
  );
  const stored = {
    contactId,
    id: entryId,
    occurredAtMs,
    seq: Number(row?.seq),
    kind: 1,
    type: 'email_opened',
    body: null,
  };
  return { stored, lost: { ...stored, id: '0190aaaa-0000-7000-8000-000000000000' } };
}

describe('a transaction whose COMMIT was not answered', () => {
  it('was committed when what it wrote is there', async () => {
    const { stored } = await entries();
    expect(await findCommitted(kit.db, kit.tenantId, batch(await committedXid(), stored))).not.toBeNull();
  });

  it('was not when it is not there, whatever became of another transaction that got the same id after a crash', async () => {
    const { lost } = await entries();
    expect(await findCommitted(kit.db, kit.tenantId, batch(await committedXid(), lost))).toBeNull();
  });

  it('was not when a restarted server has not given out its id again yet', async () => {
    const { lost } = await entries();
    expect(await findCommitted(kit.db, kit.tenantId, batch('4000000000', lost))).toBeNull();
  });
});
