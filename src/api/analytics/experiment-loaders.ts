import type { Viewer } from '../../access/viewer.js';
import type { Experiment } from '../../analytics/experiments/experiment.js';
import type { Services } from '../services.js';

/** Reads of experiments, asked once. */
export interface ExperimentLoaders {
  /** The tenant's experiments, the newest first. */
  experiments(): Promise<Experiment[]>;
}

/** Fresh loaders of the viewer's tenant. */
export function createExperimentLoaders(services: Services, { tenantId }: Viewer): ExperimentLoaders {
  let all: Promise<Experiment[]> | undefined;
  return {
    experiments: () => {
      all ??= services.analytics.experiments.list(tenantId);
      return all;
    },
  };
}
