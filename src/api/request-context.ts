import type { Viewer } from '../access/viewer.js';
import type { ApiContext } from './context.js';
import { createLoaders, type Loaders } from './loaders.js';
import type { Services } from './services.js';

/** The context of one HTTP request; its loaders are made when the first resolver asks for them. */
export class RequestContext implements ApiContext {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly services: Services;
  // Not `#made`: Apollo copies the context into an object of its own, and such fields do not travel.
  private made: Loaders | undefined;

  constructor(services: Services, viewer: Viewer, requestId: string) {
    this.services = services;
    this.viewer = viewer;
    this.requestId = requestId;
  }

  get loaders(): Loaders {
    this.made ??= createLoaders(this.services, this.viewer);
    return this.made;
  }

  forgetReads(): void {
    this.made = undefined;
  }
}
