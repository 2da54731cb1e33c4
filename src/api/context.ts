import type { Viewer } from '../access/viewer.js';
import type { Loaders } from './loaders.js';
import type { Services } from './services.js';

/** What every resolver is given. */
export interface ApiContext {
  viewer: Viewer;
  /** Names the request in logs, in INTERNAL errors and in the `x-request-id` header. */
  requestId: string;
  services: Services;
  /** Fresh per HTTP request, and per event in subscriptions. */
  loaders: Loaders;
  /** To be called after a write: what is read from now on is read anew. */
  forgetReads(): void;
}
