import type { Viewer } from '../access/viewer.js';
import { type ContactLoaders, createContactLoaders } from './contacts/contact-loaders.js';
import { createModelLoaders, type ModelLoaders } from './models/model-loaders.js';
import type { Services } from './services.js';

/** Batched reads, cached for as long as the object lives. */
export interface Loaders extends ContactLoaders, ModelLoaders {}

/** Fresh loaders for one request or one event; they see rows of the viewer's tenant alone. */
export function createLoaders(services: Services, viewer: Viewer): Loaders {
  return { ...createContactLoaders(services, viewer), ...createModelLoaders(services, viewer) };
}
