import type pg from 'pg';
import type { EntityManager } from 'typeorm';
import type { ModelDefinition } from '../scoring/model-definition.js';
import type { ModelRow, ModelVersionRow, VersionKey } from './model-row.js';

const MODEL_COLUMNS = 'm.id, m.key, m.active, m."primary", m.version, v.definition';
const WITH_VERSION =
  'scoring_models m JOIN scoring_model_versions v ON v.tenant_id = m.tenant_id AND v.model_id = m.id AND v.version = m.version';

/** All models of the tenant: the primary first, then the active ones, then by key. */
export function selectModels(manager: EntityManager, tenantId: string): Promise<ModelRow[]> {
  return manager.query<ModelRow[]>(
    `SELECT ${MODEL_COLUMNS} FROM ${WITH_VERSION} WHERE m.tenant_id = $1 ORDER BY m."primary" DESC, m.active DESC, m.key`,
    [tenantId],
  );
}

const MODELS_BY_ID = `SELECT ${MODEL_COLUMNS} FROM ${WITH_VERSION} WHERE m.tenant_id = $1 AND m.id = ANY ($2::uuid[])`;

/** The models of these ids, in no particular order; ids that are not there are left out. */
export async function selectModelsById(
  client: pg.ClientBase,
  tenantId: string,
  ids: readonly string[],
): Promise<ModelRow[]> {
  const { rows } = await client.query<ModelRow>({
    name: 'models_by_id',
    text: MODELS_BY_ID,
    values: [tenantId, ids],
  });
  return rows;
}

/** The model of this id as the transaction sees it, or null. */
export async function selectModel(
  manager: EntityManager,
  tenantId: string,
  id: string,
): Promise<ModelRow | null> {
  const [row] = await manager.query<ModelRow[]>(MODELS_BY_ID, [tenantId, [id]]);
  return row ?? null;
}

/** The model of this key, or null. */
export async function selectModelByKey(
  manager: EntityManager,
  tenantId: string,
  key: string,
): Promise<ModelRow | null> {
  const [row] = await manager.query<ModelRow[]>(
    `SELECT ${MODEL_COLUMNS} FROM ${WITH_VERSION} WHERE m.tenant_id = $1 AND m.key = $2`,
    [tenantId, key],
  );
  return row ?? null;
}

const VERSION_COLUMNS =
  'model_id AS "modelId", version, definition, message, published_by AS "publishedBy", published_at AS "publishedAt"';

/** Versions of a model below `beforeVersion` (all, when null), newest first. */
export function selectVersions(
  manager: EntityManager,
  tenantId: string,
  modelId: string,
  beforeVersion: number | null,
  limit: number,
): Promise<ModelVersionRow[]> {
  return manager.query<ModelVersionRow[]>(
    `SELECT ${VERSION_COLUMNS} FROM scoring_model_versions
     WHERE tenant_id = $1 AND model_id = $2 AND ($3::int IS NULL OR version < $3) ORDER BY version DESC LIMIT $4`,
    [tenantId, modelId, beforeVersion, limit],
  );
}

/** One version of a model, or null. */
export async function selectVersion(
  manager: EntityManager,
  tenantId: string,
  modelId: string,
  version: number,
): Promise<ModelVersionRow | null> {
  const [row] = await manager.query<ModelVersionRow[]>(
    `SELECT ${VERSION_COLUMNS} FROM scoring_model_versions WHERE tenant_id = $1 AND model_id = $2 AND version = $3`,
    [tenantId, modelId, version],
  );
  return row ?? null;
}

/** What these versions say, in no particular order; versions that are not there are left out. */
export async function selectDefinitions(
  client: pg.ClientBase,
  tenantId: string,
  keys: readonly VersionKey[],
): Promise<(VersionKey & { definition: ModelDefinition })[]> {
  const { rows } = await client.query<VersionKey & { definition: ModelDefinition }>({
    name: 'definitions_by_version',
    text: `SELECT v.model_id AS "modelId", v.version, v.definition
      FROM unnest($2::uuid[], $3::int[]) AS wanted(model_id, version)
      JOIN scoring_model_versions v
        ON v.tenant_id = $1 AND v.model_id = wanted.model_id AND v.version = wanted.version`,
    values: [tenantId, keys.map(({ modelId }) => modelId), keys.map(({ version }) => version)],
  });
  return rows;
}
