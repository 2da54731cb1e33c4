import DataLoader from 'dataloader';
import type { Viewer } from '../../access/viewer.js';
import {
  type CorrectionRow,
  type CorrectionStretch,
  type MergeRow,
  readCorrectionStretches,
  readMergesOfContacts,
} from '../../identity/identity-reading.js';
import { tenantRead } from '../../store/tenant-scope.js';
import type { Services } from '../services.js';

const KEYS_PER_STATEMENT_MAX = 1_000;

/** Batched reads of what became of contacts. */
export interface IdentityLoaders {
  mergesOfContact: DataLoader<string, MergeRow[]>;
  correctionStretch: DataLoader<CorrectionStretch, CorrectionRow[], string>;
}

/** Fresh loaders of the viewer's tenant. */
export function createIdentityLoaders({ db }: Services, { tenantId }: Viewer): IdentityLoaders {
  return {
    mergesOfContact: new DataLoader(
      (ids: readonly string[]) =>
        tenantRead(db, tenantId, (client) => readMergesOfContacts(client, tenantId, ids)),
      { maxBatchSize: KEYS_PER_STATEMENT_MAX },
    ),
    correctionStretch: new DataLoader<CorrectionStretch, CorrectionRow[], string>(
      (stretches) =>
        tenantRead(db, tenantId, (client) => readCorrectionStretches(client, tenantId, stretches)),
      {
        maxBatchSize: KEYS_PER_STATEMENT_MAX,
        cacheKeyFn: ({ contactId, beforeId, limit }) => `${contactId} ${beforeId} ${limit}`,
      },
    ),
  };
}
