import type { ChangeRecord } from '../../feed/change-record.js';
import type { FeedReader } from '../../feed/feed-reader.js';
import type { FeedSubscriber } from '../../feed/feed-subscriber.js';
import { type AbortableStream, abortableStream } from './abortable-stream.js';
import type { ChangeMatch } from './score-change-filter.js';

/** Records that a stream takes at a time and holds until its consumer has had them. */
const PULL_RECORDS_MAX = 100;
/** Records that a batch stream looks at in one go; a sparse filter is far quicker with more. */
const BATCH_PULL_RECORDS_MAX = 500;
/** How long a batch stream stays silent at most. */
const BATCH_SILENCE_MS_MAX = 15_000;

/** Where streams come from. */
export type FeedSource = Pick<FeedReader, 'subscribe'>;

/** Where a stream begins, and what it lets through. */
export interface StreamRequest {
  tenantId: string;
  /** A cursor; from now on when null or absent. */
  after: string | null | undefined;
  match: ChangeMatch;
}

/** Some changes, and the position after which the next batch begins. */
export interface ChangeBatch {
  records: ChangeRecord[];
  position: bigint;
  /** True when nothing further was known when the batch was made. */
  caughtUp: boolean;
}

/**
 * Change by change, as fast as the consumer takes them. Where it begins is settled when this resolves.
 * @throws LeadpulseError BAD_USER_INPUT, CURSOR_EXPIRED; while running also UNAVAILABLE.
 */
export async function openChangeStream(
  feed: FeedSource,
  request: StreamRequest,
): Promise<AbortableStream<ChangeRecord>> {
  const subscriber = await feed.subscribe(request.tenantId, request.after);
  return ownedStream(subscriber, (signal) => changes(subscriber, request.match, signal));
}

/**
 * Batches of at most `batchMax` changes. The first comes at once and tells where the stream begins; from then on a batch is
 * sent when there is a change, and an empty one when there was none for `silenceMsMax`.
 * @throws LeadpulseError as `openChangeStream`.
 */
export async function openBatchStream(
  feed: FeedSource,
  request: StreamRequest,
  batchMax: number,
  silenceMsMax = BATCH_SILENCE_MS_MAX,
): Promise<AbortableStream<ChangeBatch>> {
  const subscriber = await feed.subscribe(request.tenantId, request.after);
  return ownedStream(subscriber, (signal) =>
    batches(subscriber, request.match, batchMax, silenceMsMax, signal),
  );
}

/** A stream that lets go of its subscriber however it ends, also when it is never begun. */
function ownedStream<T>(
  subscriber: FeedSubscriber,
  produce: (signal: AbortSignal) => AsyncGenerator<T, void>,
): AbortableStream<T> {
  return abortableStream((signal) => {
    signal.addEventListener('abort', () => subscriber.close(), { once: true });
    return closing(subscriber, produce(signal));
  });
}

async function* closing<T>(
  subscriber: FeedSubscriber,
  source: AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  try {
    yield* source;
  } finally {
    subscriber.close();
  }
}

async function* changes(
  subscriber: FeedSubscriber,
  match: ChangeMatch,
  signal: AbortSignal,
): AsyncGenerator<ChangeRecord, void> {
  while (!signal.aborted) {
    const { records } = await subscriber.pull(PULL_RECORDS_MAX, Number.POSITIVE_INFINITY, signal);
    yield* await match(records);
  }
}

async function* batches(
  subscriber: FeedSubscriber,
  match: ChangeMatch,
  batchMax: number,
  silenceMsMax: number,
  signal: AbortSignal,
): AsyncGenerator<ChangeBatch, void> {
  // Matched and not sent yet; less than a batch and a pull.
  let queue: ChangeRecord[] = [];
  let dueMs = performance.now();
  let caughtUp = false;
  for (;;) {
    while (queue.length < batchMax) {
      const waitMs = queue.length > 0 ? 0 : Math.max(0, dueMs - performance.now());
      const pulled = await subscriber.pull(BATCH_PULL_RECORDS_MAX, waitMs, signal);
      if (signal.aborted) return;
      queue.push(...(await match(pulled.records)));
      caughtUp = pulled.caughtUp;
      if (pulled.records.length === 0 || performance.now() >= dueMs) break;
    }
    const records = queue.slice(0, batchMax);
    queue = queue.slice(batchMax);
    // With some left over, the cursor must not pass them.
    const position = queue.length > 0 ? records.at(-1)!.position : subscriber.position;
    yield { records, position, caughtUp: caughtUp && queue.length === 0 };
    dueMs = performance.now() + silenceMsMax;
  }
}
