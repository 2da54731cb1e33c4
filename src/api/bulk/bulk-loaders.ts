import DataLoader from 'dataloader';
import type { Viewer } from '../../access/viewer.js';
import type { BulkResult } from '../../bulk/bulk-action.js';
import type { JsonValue } from '../../scoring/json-value.js';
import type { Services } from '../services.js';

/** Batched reads of bulk actions. */
export interface BulkLoaders {
  bulkResultOfJob: DataLoader<string, (BulkResult & { action: JsonValue }) | null>;
}

/** Fresh loaders of the viewer's tenant. */
export function createBulkLoaders(services: Services, { tenantId }: Viewer): BulkLoaders {
  return {
    bulkResultOfJob: new DataLoader(async (ids: readonly string[]) => {
      const results = await services.bulk.results(tenantId, ids);
      return results.map((result) => result && { ...result, action: { ...result.action } });
    }),
  };
}
