import type { Viewer } from '../../access/viewer.js';
import { createLoaders, type Loaders } from '../loaders.js';
import type { Services } from '../services.js';

/** How long loaders serve further subscribers of the same event. */
const SHARED_MS_MAX = 250;

interface SharedLoaders {
  role: Viewer['role'];
  madeAtMs: number;
  loaders: Loaders;
}

/**
 * Loaders for events. Many subscribers are handed the very same record at about the same time; those of them with equal
 * rights share its loaders, so that a contact is read once per event and process and not once per subscriber. Loaders are
 * made after the record's commit and are soon left behind, so nobody reads what is older than the event itself.
 */
export class EventLoaders {
  readonly #services: Services;
  readonly #shared = new WeakMap<object, SharedLoaders>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** @param event the record itself; events belong to one tenant, the viewer's. */
  for(event: unknown, viewer: Viewer): Loaders {
    if (typeof event !== 'object' || event === null) return createLoaders(this.#services, viewer);
    const known = this.#shared.get(event);
    const nowMs = performance.now();
    if (known && known.role === viewer.role && nowMs - known.madeAtMs < SHARED_MS_MAX) return known.loaders;
    const loaders = createLoaders(this.#services, viewer);
    this.#shared.set(event, { role: viewer.role, madeAtMs: nowMs, loaders });
    return loaders;
  }
}
