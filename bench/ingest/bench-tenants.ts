import { AccessService } from '../../src/access/access-service.js';
import { readFactPlan } from '../../src/analytics/facts/fact-plan.js';
import { readSeenUse } from '../../src/catalogue/read-seen.js';
import { ModelService } from '../../src/models/model-service.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import type { Database } from '../../src/store/database.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { tenantRead, tenantTransaction } from '../../src/store/tenant-scope.js';
import { makeHistory } from './make-history.js';
import { insertContacts, insertHistory } from './preload-statements.js';

/** A tenant that a measurement writes to; each has its own, so that no measurement changes what another meets. */
export interface BenchTenant {
  tenantId: string;
  modelId: string;
  /** An ADMIN key. */
  apiKey: string;
  contacts: number;
  /** Actions that every contact has before the first one that is measured. */
  history: number;
  /** Actions sent so far, which decides about the next ones. */
  turns: number;
}

/** What a tenant starts with. */
export interface TenantContent {
  name: string;
  model: ModelDefinition;
  contacts: number;
  history: number;
  /** Whether the history is in the feed as well; true when absent. */
  events?: boolean;
}

/**
 * Makes a tenant with a published model, contacts, and for each contact the timeline, the score and the events that so
 * many actions lead to. Written by a few set-based statements; the scores are what folding those actions gives.
 */
export async function makeTenant(db: Database, content: TenantContent): Promise<BenchTenant> {
  const access = new AccessService(db, null);
  const tenantId = await access.createTenant(content.name);
  const key = { name: 'bench', role: 'ADMIN', expiresAt: null } as const;
  const { text: apiKey } = await access.createApiKey(tenantId, key);
  const { id: modelId } = await new ModelService(db, (id) => readSeenUse(db, id)).create(
    { tenantId, name: 'bench' },
    content.model,
  );
  const active = await new ModelRegistry(db).current(tenantId);
  const [model] = active.models;
  if (!model) throw new Error('the model was published and is not active');
  const { contacts, history, events = true } = content;
  const made = makeHistory(model, history, Date.now());
  await tenantTransaction(db, tenantId, async (manager) => {
    // The rows that are written here are up to date: there is nothing to rescore.
    await manager.query('DELETE FROM jobs WHERE tenant_id = $1', [tenantId]);
    await manager.query('SET LOCAL statement_timeout = 0');
    for (const { text, values } of insertContacts(tenantId, contacts)) await manager.query(text, values);
    for (const { text, values } of insertHistory({ tenantId, modelId, contacts, history, made, events })) {
      await manager.query(text, values);
    }
    // The first pass over all contacts finds them as they are by then.
    await manager.query('DELETE FROM segment_touches WHERE tenant_id = $1', [tenantId]);
  });
  // Nor is there a first pass over the facts of reports beside what is measured; those of contacts written to are derived.
  await tenantRead(db, tenantId, async (client) => {
    const { key: built } = await readFactPlan(client, tenantId, active);
    await client.query(
      `INSERT INTO fact_feeds (tenant_id, built, built_at, epoch) VALUES ($1, $2, now(), $3)
       ON CONFLICT (tenant_id) DO UPDATE SET built = excluded.built, built_at = excluded.built_at, epoch = excluded.epoch`,
      [tenantId, built, active.epoch],
    );
  });
  return { tenantId, modelId, apiKey, contacts, history, turns: 0 };
}
