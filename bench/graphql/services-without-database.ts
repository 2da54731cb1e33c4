import type pg from 'pg';
import { AccessService } from '../../src/access/access-service.js';
import type { Services } from '../../src/api/services.js';
import { loadConfig } from '../../src/config.js';
import { checkItem } from '../../src/ingest/check-item.js';
import type { IngestItem, IngestOutcome } from '../../src/ingest/ingest-item.js';
import type { Recorder } from '../../src/ingest/recorder.js';
import { createLog } from '../../src/log.js';
import type { Database } from '../../src/store/database.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import type { ScoreRow } from '../../src/store/score-row.js';
import { starterModel } from '../ingest/bench-models.js';
import { makeHistory } from '../ingest/make-history.js';

const TENANT_ID = '0190a000-0000-7000-8000-000000000001';
const MODEL_ID = '0190a000-0000-7000-8000-000000000002';
const CONTACT_ID = '0190a000-0000-7000-8000-000000000003';
const ENTRY_ID = '0190a000-0000-7000-8000-000000000004';
const HISTORY = 10;

/** What PostgreSQL would answer, by the name of the statement; no rows for all others. */
const ROWS: Record<string, Record<string, unknown>> = {
  api_key_by_hash: {
    tenant_id: TENANT_ID,
    tenant_name: 'Bench',
    id: MODEL_ID,
    name: 'bench',
    role: 'ADMIN',
    expires_at: null,
  },
  registry_active: {
    epoch: 1,
    segment_filters: [],
    refuses_erased: false,
    model_id: MODEL_ID,
    key: 'bench',
    primary: true,
    version: 1,
    revision: 1,
    definition: starterModel(),
  },
};

/**
 * What the API needs for recordAction, without a database, since what is measured is what stands before it: authentication, the
 * models and the check of each item are the product's own; the recorder answers at once with a score of the STARTER model.
 */
export async function servicesWithoutDatabase(): Promise<Services> {
  const query = async ({ name }: { name: string }) => ({ rows: ROWS[name] ? [ROWS[name]] : [] });
  const client = { query, release: () => undefined };
  const reads = { query, connect: async () => client } as unknown as pg.Pool;
  const db = { installationId: TENANT_ID, reads } as Partial<Database> as Database;
  const registry = new ModelRegistry(db);
  const [model] = (await registry.current(TENANT_ID)).models;
  if (!model) throw new Error('the tenant has no model');
  const [row] = makeHistory(model, HISTORY, Date.now()).rows;
  if (!row) throw new Error('the model makes no score');
  const parts: Partial<Services> = {
    db,
    registry,
    recorder: recorderOf(row),
    access: new AccessService(db, null),
    config: loadConfig({ HOST: '127.0.0.1', PORT: '0' }),
    log: createLog('warn'),
  };
  return parts as Services;
}

function recorderOf(row: ScoreRow): Recorder {
  let position = 0;
  const outcomeOf = (item: IngestItem): IngestOutcome => {
    checkItem(item);
    position++;
    const nowMs = Date.now();
    return {
      status: 'RECORDED',
      contactId: CONTACT_ID,
      created: false,
      entryId: ENTRY_ID,
      occurredAtMs: nowMs,
      recordedAtMs: nowMs,
      changed: true,
      position: String(position),
      scores: [{ ...row, asOfMs: nowMs }],
    };
  };
  const record = async (_tenantId: string, items: readonly IngestItem[]) => items.map(outcomeOf);
  return { record } as Partial<Recorder> as Recorder;
}
