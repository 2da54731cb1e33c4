import type { FeedSubscriber } from '../../../feed/feed-subscriber.js';
import type { ApiContext } from '../../context.js';
import { SharedSource } from './shared-source.js';

export interface QuerySourceOptions {
  /** Tells when there may be another answer. */
  subscriber: FeedSubscriber;
  /** Between two reads, in ms. */
  gapMs: number;
  /** Reads the answer; its `asOf` is added by the group. */
  read(context: ApiContext): Promise<object>;
}

/** An answer that is read anew when the tenant's feed has moved, and sent when it has become another. */
export class QuerySource extends SharedSource {
  /** Whoever takes the source over closes it. */
  readonly subscriber: FeedSubscriber;
  readonly gapMs: number;
  readonly read: (context: ApiContext) => Promise<object>;

  constructor({ subscriber, gapMs, read }: QuerySourceOptions) {
    super();
    this.subscriber = subscriber;
    this.gapMs = gapMs;
    this.read = read;
  }
}
