import type { ChangeRecord } from '../../../feed/change-record.js';
import type { FeedReader } from '../../../feed/feed-reader.js';
import type { FeedSubscriber } from '../../../feed/feed-subscriber.js';
import type { ChangeMatch } from '../score-change-filter.js';
import { ChangeReader } from './change-reader.js';
import { PositionedSource } from './positioned-source.js';

/** Where sources come from. */
export type FeedSource = Pick<FeedReader, 'subscribe'>;

/** How changes become events. */
export type ChangeShape =
  | {
      kind: 'changes';
      /** Whether a slow consumer is told the newest change of each contact alone (`skipped`). */
      folds: boolean;
    }
  | {
      kind: 'batches';
      /** Changes of one batch at most. */
      batchMax: number;
      /** How long there is no batch at most, in ms. */
      silenceMsMax: number;
    };

/** Some changes as one event, and the position after which the next one begins. */
export interface ChangeBatch {
  records: ChangeRecord[];
  position: bigint;
  /** True when nothing further was known when the batch was made. */
  caughtUp: boolean;
}

/** Where a subscription to changes begins, what it lets through, and how it is told. */
export interface ChangeRequest {
  tenantId: string;
  /** A cursor; from now on when null or absent. */
  after: string | null | undefined;
  match: ChangeMatch;
  shape: ChangeShape;
}

/** The changes of one tenant from a position on. */
export class ChangeSource extends PositionedSource {
  readonly #subscriber: FeedSubscriber;
  readonly #match: ChangeMatch;
  readonly #shape: ChangeShape;

  private constructor(subscriber: FeedSubscriber, { match, shape }: ChangeRequest) {
    super();
    this.#subscriber = subscriber;
    this.#match = match;
    this.#shape = shape;
  }

  /**
   * Where it begins is settled when this resolves.
   * @throws LeadpulseError BAD_USER_INPUT, CURSOR_EXPIRED, UNAVAILABLE.
   */
  static async open(feed: FeedSource, request: ChangeRequest): Promise<ChangeSource> {
    return new ChangeSource(await feed.subscribe(request.tenantId, request.after), request);
  }

  reader(showsSkipped: boolean): ChangeReader {
    return this.#reader(this.#subscriber, showsSkipped);
  }

  fork(showsSkipped: boolean): ChangeReader {
    return this.#reader(this.#subscriber.fork(), showsSkipped);
  }

  sharesStreamWith(other: PositionedSource): boolean {
    return other instanceof ChangeSource && other.#subscriber.sharesTailWith(this.#subscriber);
  }

  #reader(subscriber: FeedSubscriber, showsSkipped: boolean): ChangeReader {
    return new ChangeReader({ subscriber, match: this.#match, shape: this.#shape, showsSkipped });
  }
}
