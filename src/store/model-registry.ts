import { type CompiledModel, compileModel } from '../scoring/compile-model.js';
import type { JsonObject } from '../scoring/json-value.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import type { Database } from './database.js';
import type { FlightStatement } from './flight.js';
import { SegmentBoundaries } from './segment-boundaries.js';
import { tenantRead } from './tenant-scope.js';

/** Compiled versions kept in memory, over all tenants; the least recently used goes first. */
const VERSIONS_CACHED_MAX = 1_000;
const TENANTS_CACHED_MAX = 10_000;

/** A published version of a model, ready to score. */
export interface ModelVersion {
  modelId: string;
  version: number;
  definition: ModelDefinition;
  compiled: CompiledModel;
}

export interface ActiveModel extends ModelVersion {
  key: string;
  primary: boolean;
  /** See `scoring_models.revision`. */
  revision: number;
}

/** What a tenant scores with, and who has to hear of it. */
export interface ActiveModels {
  /** See `tenant_feeds.epoch`. */
  epoch: number;
  /** The primary first, then by key. */
  models: ActiveModel[];
  /** Whether there are identities of erased people that are refused. Erasing raises the epoch. */
  refusesErased: boolean;
  /** What written scores have to cross to move contacts between segments. Another filter raises the epoch. */
  boundaries: SegmentBoundaries;
}

interface ModelDbRow {
  epoch: number;
  segment_filters: JsonObject[];
  refuses_erased: boolean;
  model_id: string | null;
  key: string;
  primary: boolean;
  version: number;
  revision: number;
  definition: ModelDefinition;
}

/** The statement that tells a tenant's epoch: whether the models that were last seen still stand. */
export function epochStatement(tenantId: string): FlightStatement {
  return {
    name: 'registry_epoch',
    text: 'SELECT epoch FROM tenant_feeds WHERE tenant_id = $1',
    values: [tenantId],
  };
}

/** Compiled models per tenant, kept in memory. Versions are immutable; which are active is told by the tenant's epoch. */
export class ModelRegistry {
  readonly #db: Pick<Database, 'reads'>;
  readonly #active = new Map<string, ActiveModels>();
  readonly #versions = new Map<string, ModelVersion>();

  constructor(db: Pick<Database, 'reads'>) {
    this.#db = db;
  }

  /** The active models as they are committed now: one small query, and a load when the epoch has moved on. */
  async current(tenantId: string): Promise<ActiveModels> {
    const known = this.#active.get(tenantId);
    if (known) {
      const { rows } = await this.#db.reads.query<{ epoch: number }>(epochStatement(tenantId));
      if (rows[0]?.epoch === known.epoch) return known;
    }
    return this.reload(tenantId);
  }

  /** The active models as last seen: for writers, whose transaction checks the epoch. */
  async cached(tenantId: string): Promise<ActiveModels> {
    return this.#active.get(tenantId) ?? this.reload(tenantId);
  }

  /** How many models the tenant scored with when last seen; 1 before that. */
  activeCount(tenantId: string): number {
    return Math.max(1, this.#active.get(tenantId)?.models.length ?? 1);
  }

  /** Reads the active models anew: after a batch met another epoch. */
  async reload(tenantId: string): Promise<ActiveModels> {
    const rows = await tenantRead(this.#db, tenantId, async (client) => {
      const result = await client.query<ModelDbRow>({
        name: 'registry_active',
        text: `SELECT f.epoch, EXISTS (SELECT 1 FROM erased_identities e WHERE e.tenant_id = f.tenant_id) AS refuses_erased,
            (SELECT coalesce(json_agg(s.filter), '[]') FROM segments s WHERE s.tenant_id = f.tenant_id) AS segment_filters,
            m.id AS model_id, m.key, m.primary, m.version, m.revision, v.definition
          FROM tenant_feeds f
          LEFT JOIN scoring_models m ON m.tenant_id = f.tenant_id AND m.active
          LEFT JOIN scoring_model_versions v ON v.tenant_id = m.tenant_id AND v.model_id = m.id AND v.version = m.version
          WHERE f.tenant_id = $1 ORDER BY m.primary DESC, m.key`,
        values: [tenantId],
      });
      return result.rows;
    });
    const active: ActiveModels = {
      epoch: rows[0]?.epoch ?? 0,
      models: [],
      refusesErased: rows[0]?.refuses_erased ?? false,
      boundaries: new SegmentBoundaries(
        rows[0]?.segment_filters ?? [],
        rows.find((row) => row.primary)?.model_id ?? null,
      ),
    };
    for (const row of rows) {
      if (row.model_id === null) continue;
      const version = this.#remember(tenantId, row.model_id, row.version, row.definition);
      active.models.push({ ...version, key: row.key, primary: row.primary, revision: row.revision });
    }
    if (this.#active.size >= TENANTS_CACHED_MAX) this.#active.clear();
    this.#active.set(tenantId, active);
    return active;
  }

  /**
   * One published version of one model.
   * @throws Error when there is no such version: callers ask only for versions they read from a row.
   */
  async version(tenantId: string, modelId: string, version: number): Promise<ModelVersion> {
    const found = await this.findVersion(tenantId, modelId, version);
    if (!found) throw new Error(`model ${modelId} has no version ${version}`);
    return found;
  }

  /** One published version of one model when it is in memory, as those are that were just scored with. */
  knownVersion(tenantId: string, modelId: string, version: number): ModelVersion | undefined {
    const models = this.#active.get(tenantId)?.models;
    const active = models?.find((model) => model.modelId === modelId && model.version === version);
    return active ?? this.#versions.get(`${tenantId}/${modelId}/${version}`);
  }

  /** One published version of one model, or null. */
  async findVersion(tenantId: string, modelId: string, version: number): Promise<ModelVersion | null> {
    const cacheKey = `${tenantId}/${modelId}/${version}`;
    const known = this.#versions.get(cacheKey);
    if (known) return known;
    const definition = await tenantRead(this.#db, tenantId, async (client) => {
      const { rows } = await client.query<{ definition: ModelDefinition }>({
        name: 'registry_version',
        text: 'SELECT definition FROM scoring_model_versions WHERE tenant_id = $1 AND model_id = $2 AND version = $3',
        values: [tenantId, modelId, version],
      });
      return rows[0]?.definition;
    });
    return definition ? this.#remember(tenantId, modelId, version, definition) : null;
  }

  #remember(tenantId: string, modelId: string, version: number, definition: ModelDefinition): ModelVersion {
    const cacheKey = `${tenantId}/${modelId}/${version}`;
    const known = this.#versions.get(cacheKey);
    if (known) return known;
    const compiled: ModelVersion = { modelId, version, definition, compiled: compileModel(definition) };
    if (this.#versions.size >= VERSIONS_CACHED_MAX) {
      const oldest = this.#versions.keys().next().value;
      if (oldest !== undefined) this.#versions.delete(oldest);
    }
    this.#versions.set(cacheKey, compiled);
    return compiled;
  }
}
