import type { Viewer } from '../access/viewer.js';
import { createExperimentLoaders, type ExperimentLoaders } from './analytics/experiment-loaders.js';
import { type BulkLoaders, createBulkLoaders } from './bulk/bulk-loaders.js';
import { type CatalogueLoaders, createCatalogueLoaders } from './catalogue/catalogue-loaders.js';
import { type ContactLoaders, createContactLoaders } from './contacts/contact-loaders.js';
import { createIdentityLoaders, type IdentityLoaders } from './identity/identity-loaders.js';
import { createModelLoaders, type ModelLoaders } from './models/model-loaders.js';
import { createPreviewLoaders, type PreviewLoaders } from './preview/preview-loaders.js';
import { createSegmentLoaders, type SegmentLoaders } from './segments/segment-loaders.js';
import type { Services } from './services.js';

/** Batched reads, cached for as long as the object lives. */
export interface Loaders
  extends ContactLoaders,
    IdentityLoaders,
    ModelLoaders,
    CatalogueLoaders,
    PreviewLoaders,
    SegmentLoaders,
    BulkLoaders,
    ExperimentLoaders {}

/** Fresh loaders for one request or one event; they see rows of the viewer's tenant alone. */
export function createLoaders(services: Services, viewer: Viewer): Loaders {
  return {
    ...createContactLoaders(services, viewer),
    ...createIdentityLoaders(services, viewer),
    ...createModelLoaders(services, viewer),
    ...createCatalogueLoaders(services, viewer),
    ...createPreviewLoaders(services, viewer),
    ...createSegmentLoaders(services, viewer),
    ...createBulkLoaders(services, viewer),
    ...createExperimentLoaders(services, viewer),
  };
}
