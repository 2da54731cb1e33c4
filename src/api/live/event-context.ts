import type { Viewer } from '../../access/viewer.js';
import type { ApiContext } from '../context.js';
import type { Loaders } from '../loaders.js';
import type { Services } from '../services.js';
import type { EventLoaders } from './event-loaders.js';

/** The context of one event of a subscription; its loaders are made when the first resolver asks for them. */
export class EventContext implements ApiContext {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly services: Services;
  readonly #event: unknown;
  readonly #eventLoaders: EventLoaders;
  #loaders: Loaders | undefined;

  /** @param base the context of the subscription. */
  constructor(base: ApiContext, event: unknown, eventLoaders: EventLoaders) {
    this.viewer = base.viewer;
    this.requestId = base.requestId;
    this.services = base.services;
    this.#event = event;
    this.#eventLoaders = eventLoaders;
  }

  get loaders(): Loaders {
    this.#loaders ??= this.#eventLoaders.for(this.#event, this.viewer);
    return this.#loaders;
  }

  forgetReads(): void {
    this.#loaders = undefined;
  }
}
