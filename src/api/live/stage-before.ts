import type { StageDefinition } from '../../scoring/model-definition.js';
import type { ModelRegistry, ModelVersion } from '../../store/model-registry.js';

/** Versions that are looked through for a stage which the change's own version does not have. */
const VERSIONS_BACK_MAX = 10;

/**
 * The stage that a change began in. A change from one version to the next may begin in a stage that only the earlier one
 * has: the latest version up to the change's that knows the key tells its name.
 * @returns null when none of them does.
 */
export async function findStageBefore(
  registry: ModelRegistry,
  tenantId: string,
  model: ModelVersion,
  key: string,
): Promise<StageDefinition | null> {
  const oldest = Math.max(1, model.version - VERSIONS_BACK_MAX);
  for (let version = model.version; version >= oldest; version -= 1) {
    const candidate =
      version === model.version ? model : await registry.findVersion(tenantId, model.modelId, version);
    const stage = candidate?.compiled.stages.find((found) => found.key === key);
    if (stage) return stage;
  }
  return null;
}
