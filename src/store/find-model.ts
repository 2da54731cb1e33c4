import { LeadpulseError } from '../errors.js';
import type { ActiveModel, ActiveModels } from './model-registry.js';

/**
 * The active model of an id; the primary when none is asked for.
 * @returns null when the tenant has no active model and none is asked for.
 * @throws LeadpulseError NOT_FOUND when no active model has the id.
 */
export function findModel(active: ActiveModels, modelId: string | null | undefined): ActiveModel | null {
  if (modelId == null) return active.models.find((model) => model.primary) ?? null;
  const wanted = modelId.toLowerCase();
  const model = active.models.find((candidate) => candidate.modelId === wanted);
  if (model) return model;
  throw new LeadpulseError(
    'NOT_FOUND',
    `No active scoring model has the id ${JSON.stringify(modelId.slice(0, 64))}; scoringModels lists them.`,
  );
}
