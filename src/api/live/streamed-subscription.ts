import type { ExecutionResult } from 'graphql';
import { maskError } from '../mask-error.js';
import type { Services } from '../services.js';
import type { EventStream } from './event-stream.js';
import type { Begun } from './live-quota.js';
import { maskResult } from './subscription-protocol.js';

const COMPLETE = 'event: complete\ndata:\n\n';
/** What may stand after `id:`; a field that is called `cursor` only by an alias may hold anything. */
const CURSOR = /^[\w-]+$/;

/** One subscription on its event stream: each result is pulled when the network has taken the one before. */
export class StreamedSubscription {
  readonly #stream: EventStream;
  readonly #begun: Begun;
  readonly #requestId: string;
  readonly #services: Services;
  #lastEvents: string | null = null;

  constructor(stream: EventStream, begun: Begun, requestId: string, services: Services) {
    this.#stream = stream;
    this.#begun = begun;
    this.#requestId = requestId;
    this.#services = services;
    void stream.closed.then(() => this.#return());
  }

  /** Sends what the subscription has until it ends, then ends the stream. Never rejects. */
  async run(): Promise<void> {
    let own = COMPLETE;
    try {
      if (Symbol.asyncIterator in this.#begun) {
        for await (const result of this.#begun) await this.#stream.send(this.#event(result));
      } else own = this.#event(this.#begun) + COMPLETE;
    } catch (error) {
      own = this.#fault(error);
    }
    this.#stream.finish(this.#lastEvents ?? own);
  }

  /** Ends the stream in the middle, and tells the client why: connecting again will not do. */
  fail(error: Error): void {
    this.#end(this.#fault(error));
  }

  /** Ends the stream without a word, upon which clients connect again. */
  interrupt(): void {
    this.#end('');
  }

  #end(lastEvents: string): void {
    this.#lastEvents ??= lastEvents;
    // What is on its way to a slow client may not hold the end up for long.
    this.#stream.cutOffSoon();
    this.#return();
  }

  #return(): void {
    if (Symbol.asyncIterator in this.#begun) void this.#begun.return();
  }

  #event(result: ExecutionResult): string {
    const masked = maskResult(result, { requestId: this.#requestId, services: this.#services });
    return `${idOf(result)}event: next\ndata: ${JSON.stringify(masked)}\n\n`;
  }

  #fault(error: unknown): string {
    const masked = maskError(error, this.#requestId, this.#services.log);
    return `event: next\ndata: ${JSON.stringify({ errors: [masked] })}\n\n${COMPLETE}`;
  }
}

/** The event's cursor as its id, when it was asked for: clients send the last one back when they connect again. */
function idOf({ data }: ExecutionResult): string {
  const [event] = Object.values(data ?? {});
  const cursor = typeof event === 'object' && event !== null && 'cursor' in event ? event.cursor : null;
  return typeof cursor === 'string' && CURSOR.test(cursor) ? `id: ${cursor}\n` : '';
}
