import DataLoader from 'dataloader';
import type { Viewer } from '../../access/viewer.js';
import type { LoggedDiff } from '../../models/model-change-row.js';
import type { ModelDraft } from '../../models/model-draft.js';
import type { ModelRow, VersionKey } from '../../models/model-row.js';
import type { ModelDefinition } from '../../scoring/model-definition.js';
import type { SeenUse } from '../../scoring/warnings/model-warning.js';
import type { JobRow } from '../../store/jobs/job-row.js';
import type { Services } from '../services.js';

/** Batched reads of models. */
export interface ModelLoaders {
  /** A model by id (a UUID); null when the tenant has none of that id. */
  modelById: DataLoader<string, ModelRow | null>;
  /** The latest rescoring of a model; null when it never had one. */
  latestJobByModel: DataLoader<string, JobRow | null>;
  /** The draft of a model; null when it has none. */
  draftByModel: DataLoader<string, ModelDraft | null>;
  /** What a version says; null when there is none of that number. */
  definitionByVersion: DataLoader<VersionKey, ModelDefinition | null, string>;
  /** What a logged change did (by the id of its entry); null when the definition stayed or was new. */
  diffByChange: DataLoader<string, LoggedDiff | null>;
  /** What a tenant's data has, for warnings. */
  seenByTenant: DataLoader<string, SeenUse | null>;
}

/** Fresh loaders of the viewer's tenant. */
export function createModelLoaders(services: Services, viewer: Viewer): ModelLoaders {
  const { tenantId } = viewer;
  return {
    modelById: new DataLoader((ids) => services.models.byIds(tenantId, ids)),
    latestJobByModel: new DataLoader((ids) => services.jobs.latestRescores(tenantId, ids)),
    draftByModel: new DataLoader((ids) => services.models.drafts(tenantId, ids)),
    definitionByVersion: new DataLoader((keys) => services.models.definitions(tenantId, keys), {
      cacheKeyFn: ({ modelId, version }) => `${modelId} ${version}`,
    }),
    diffByChange: new DataLoader((ids) => services.models.changeDiffs(tenantId, ids)),
    seenByTenant: new DataLoader((ids) => Promise.all(ids.map((id) => services.models.seen(id)))),
  };
}
