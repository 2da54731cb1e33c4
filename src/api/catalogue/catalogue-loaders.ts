import DataLoader from 'dataloader';
import type { Viewer } from '../../access/viewer.js';
import type { PropertyUse } from '../../store/uses/property-use.js';
import type { Services } from '../services.js';

/** Batched reads of the catalogue. */
export interface CatalogueLoaders {
  /** What actions of a type carry. */
  propertiesByType: DataLoader<string, PropertyUse[]>;
}

/** Fresh loaders of the viewer's tenant. */
export function createCatalogueLoaders(services: Services, viewer: Viewer): CatalogueLoaders {
  return {
    propertiesByType: new DataLoader((types) => services.catalogue.properties(viewer.tenantId, types)),
  };
}
