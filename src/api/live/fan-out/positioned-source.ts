import type { EventReader } from './event-reader.js';
import { SharedSource } from './shared-source.js';

/** Events that have positions in a stream, from one of them on. */
export abstract class PositionedSource extends SharedSource {
  /**
   * A reader that begins where the source does; asked for once, and closed by whoever asked.
   * @param showsSkipped whether events look different by how many changes were skipped.
   */
  abstract reader(showsSkipped: boolean): EventReader;

  /** Another reader at the same place, with a life of its own; to be asked for before `reader` is closed. */
  abstract fork(showsSkipped: boolean): EventReader;

  /** False when the other's positions are those of another stream, or of the same before the database was set back. */
  abstract sharesStreamWith(other: PositionedSource): boolean;
}
