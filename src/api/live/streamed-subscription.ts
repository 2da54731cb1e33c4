import type { ExecutionResult } from 'graphql';
import { maskError } from '../mask-error.js';
import type { Services } from '../services.js';
import type { AbortableStream } from './abortable-stream.js';
import type { EventStream } from './event-stream.js';
import type { Frame } from './fan-out/frame.js';
import { frameStream } from './fan-out/frame-stream.js';
import type { Begun } from './live-quota.js';

const COMPLETE = 'event: complete\ndata:\n\n';
/** What may stand after `id:`; a field that is called `cursor` only by an alias may hold anything. */
const CURSOR = /^[\w-]+$/;

/** Events as texts, by frame: subscriptions that share a frame share its text. */
const events = new WeakMap<Frame, string>();

/** One subscription on its event stream: each event is pulled when the network has taken the one before. */
export class StreamedSubscription {
  readonly #stream: EventStream;
  readonly #frames: AbortableStream<Frame> | null;
  /** What is sent when there are no frames, or after the last. */
  readonly #ending: string;
  readonly #requestId: string;
  readonly #services: Services;
  #lastEvents: string | null = null;

  constructor(stream: EventStream, begun: Begun, requestId: string, services: Services) {
    this.#stream = stream;
    this.#requestId = requestId;
    this.#services = services;
    this.#frames = 'errors' in begun ? null : frameStream(begun);
    this.#ending = 'errors' in begun ? this.#refusal(begun.errors) : COMPLETE;
    void stream.closed.then(() => this.#return());
  }

  /** Sends what the subscription has until it ends, then ends the stream. Never rejects. */
  async run(): Promise<void> {
    let own = this.#ending;
    try {
      for await (const frame of this.#frames ?? []) await this.#stream.send(eventOf(frame));
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
    void this.#frames?.return();
  }

  #fault(error: unknown): string {
    return this.#refusal([error]);
  }

  #refusal(errors: readonly unknown[]): string {
    const masked = errors.map((error) => maskError(error, this.#requestId, this.#services.log));
    return `${nextEvent('', JSON.stringify({ errors: masked }))}${COMPLETE}`;
  }
}

function eventOf(frame: Frame): string {
  const known = events.get(frame);
  if (known !== undefined) return known;
  const event = nextEvent(idOf(frame.payload), frame.payload);
  events.set(frame, event);
  return event;
}

function nextEvent(id: string, payload: string): string {
  return `${id}event: next\ndata: ${payload}\n\n`;
}

/** The event's cursor as its id, when it was asked for: clients send the last one back when they connect again. */
function idOf(payload: string): string {
  const { data } = JSON.parse(payload) as ExecutionResult;
  const [event] = Object.values(data ?? {});
  const cursor = typeof event === 'object' && event !== null && 'cursor' in event ? event.cursor : null;
  return typeof cursor === 'string' && CURSOR.test(cursor) ? `id: ${cursor}\n` : '';
}
