import DataLoader from 'dataloader';
import type { Viewer } from '../../access/viewer.js';
import type { JobRow } from '../../models/job-row.js';
import type { ModelRow } from '../../models/model-row.js';
import type { Services } from '../services.js';

/** Batched reads of models. */
export interface ModelLoaders {
  /** A model by id (a UUID); null when the tenant has none of that id. */
  modelById: DataLoader<string, ModelRow | null>;
  /** The latest rescoring of a model; null when it never had one. */
  latestJobByModel: DataLoader<string, JobRow | null>;
}

/** Fresh loaders of the viewer's tenant. */
export function createModelLoaders(services: Services, viewer: Viewer): ModelLoaders {
  return {
    modelById: new DataLoader((ids) => services.models.byIds(viewer.tenantId, ids)),
    latestJobByModel: new DataLoader((ids) => services.models.latestJobs(viewer.tenantId, ids)),
  };
}
