import type { AccessService } from '../access/access-service.js';
import type { Config } from '../config.js';
import type { Recorder } from '../ingest/recorder.js';
import type { Log } from '../log.js';
import type { ModelService } from '../models/model-service.js';
import { loadSampleData } from '../sample/load-sample-data.js';
import type { Database } from '../store/database.js';

/** What a fresh database is furnished with. */
export interface BootstrapScope {
  db: Database;
  access: AccessService;
  models: ModelService;
  recorder: Recorder;
  config: Config;
  log: Log;
}

/** What was made; the key's text cannot be had again. */
export interface Bootstrapped {
  apiKey: string;
  /** True when the key was drawn here and not given by BOOTSTRAP_API_KEY. */
  keyIsNew: boolean;
  contacts: number;
}

const PUBLISHER = 'leadpulse';
const TENANT_NAME = 'My company';

/**
 * Furnishes an empty database: a tenant, its first ADMIN key, the starter model, and sample data when configured. One
 * process at a time; the others find it done.
 * @returns null when there is a tenant already.
 */
export async function bootstrap(scope: BootstrapScope): Promise<Bootstrapped | null> {
  const { dataSource } = scope.db;
  const guard = dataSource.createQueryRunner();
  try {
    await guard.query(`SELECT pg_advisory_lock(hashtext('leadpulse.bootstrap'))`);
    const known: unknown[] = await guard.query('SELECT 1 FROM tenants LIMIT 1');
    return known.length > 0 ? null : await furnish(scope);
  } finally {
    await guard.query(`SELECT pg_advisory_unlock(hashtext('leadpulse.bootstrap'))`).catch(() => undefined);
    await guard.release();
  }
}

async function furnish({ db, access, models, recorder, config, log }: BootstrapScope): Promise<Bootstrapped> {
  const tenantId = await access.createTenant(TENANT_NAME);
  const given = config.bootstrapApiKey ?? undefined;
  const { text } = await access.createApiKey(
    tenantId,
    { name: 'first key', role: 'ADMIN', expiresAt: null },
    given,
  );
  await models.createFromPreset({ tenantId, name: PUBLISHER }, 'STARTER', 'starter', null);
  const contacts = config.sampleData
    ? await loadSampleData({ db, recorder, tenantId, nowMs: Date.now(), log })
    : 0;
  return { apiKey: text, keyIsNew: given === undefined, contacts };
}
