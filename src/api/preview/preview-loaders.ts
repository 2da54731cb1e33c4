import DataLoader from 'dataloader';
import type { Viewer } from '../../access/viewer.js';
import type { Preview } from '../../preview/preview.js';
import type { CountedModel } from '../../preview/rule-result-service.js';
import type { RuleResults } from '../../preview/rule-results.js';
import type { JobRow } from '../../store/jobs/job-row.js';
import type { Services } from '../services.js';

/** Reads around previews and rule results. */
export interface PreviewLoaders {
  /** What a preview job has found; null before it is done, and when its time is over. */
  previewByJob: DataLoader<Pick<JobRow, 'id' | 'kind' | 'state'>, Preview | null, string>;
  /** What the rules of a model give; null while they are counted for the first time. */
  ruleResultsByModel: DataLoader<CountedModel, RuleResults | null, string>;
}

/** Fresh loaders of the viewer's tenant. */
export function createPreviewLoaders(services: Services, { tenantId }: Viewer): PreviewLoaders {
  return {
    previewByJob: new DataLoader(
      (jobs) => Promise.all(jobs.map((job) => orError(services.previews.result(tenantId, job)))),
      { cacheKeyFn: ({ id }) => id },
    ),
    ruleResultsByModel: new DataLoader(
      (models) => oneByOne(models, (model) => services.ruleResults.results(tenantId, model)),
      { cacheKeyFn: ({ id }) => id },
    ),
  };
}

/** One after another: a request that asks for many models takes one turn at a time. */
async function oneByOne<K, V>(keys: readonly K[], read: (key: K) => Promise<V>): Promise<(V | Error)[]> {
  const values: (V | Error)[] = [];
  for (const key of keys) {
    values.push(await orError(read(key)));
  }
  return values;
}

/** An error of one is not an error of all. */
function orError<V>(value: Promise<V>): Promise<V | Error> {
  return value.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}
