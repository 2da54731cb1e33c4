import type { LiveSubscription } from './frame.js';
import type { FrameMaker } from './frame-maker.js';
import type { SharedSource } from './shared-source.js';

/** Equal subscriptions that are served together. */
export interface SharingGroup<Source extends SharedSource> {
  /** False for a source of a feed that is no longer, or not yet, the group's. */
  fits(source: Source): boolean;
  /** One more subscription; it takes the source over. */
  join(source: Source): LiveSubscription;
}

/** What every group is made of. */
export interface GroupOptions<Source extends SharedSource> {
  /** The source of the first member, who joins next. */
  source: Source;
  maker: FrameMaker;
  /** Called when the last member has left, or the group has failed: nobody joins it any more. */
  onEnd(): void;
}

/** The groups of one kind that are open, by what their members have in common. */
export class GroupRegistry<Source extends SharedSource> {
  readonly #groups = new Map<string, SharingGroup<Source>>();

  /** How many are open. */
  get size(): number {
    return this.#groups.size;
  }

  /**
   * Joins the group under a key, a new one when there is none that fits.
   * @param create makes one, given what is to be called at its end.
   */
  join(key: string, source: Source, create: (onEnd: () => void) => SharingGroup<Source>): LiveSubscription {
    const known = this.#groups.get(key);
    if (known?.fits(source)) return known.join(source);
    const group = create(() => {
      if (this.#groups.get(key) === group) this.#groups.delete(key);
    });
    this.#groups.set(key, group);
    return group.join(source);
  }
}
