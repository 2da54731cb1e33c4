import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from '../../access/viewer.js';
import { LeadpulseError } from '../../errors.js';
import { answerError } from '../http-errors.js';
import { maskError } from '../mask-error.js';
import { RequestContext } from '../request-context.js';
import { EventStream } from './event-stream.js';
import { readEventStreamRequest } from './event-stream-request.js';
import type { Begun, Release } from './live-quota.js';
import type { LiveShared } from './live-shared.js';
import { StreamedSubscription } from './streamed-subscription.js';

const RETRY_AFTER_S = '5';
/** Codes after which the same request may succeed later. */
const PASSING = new Set<unknown>(['RATE_LIMITED', 'UNAVAILABLE']);

/**
 * GraphQL subscriptions as server-sent events, at the path of the API: the distinct connections mode of the protocol of
 * graphql-sse, one subscription for each request (docs/decisions/022).
 */
export class EventStreamServer {
  readonly #live: LiveShared;
  readonly #open = new Map<StreamedSubscription, EventStream>();
  #draining = false;

  constructor(live: LiveShared) {
    this.#live = live;
  }

  /** Open streams. */
  get streamCount(): number {
    return this.#open.size;
  }

  /** Answers a request: with a stream, or with JSON when there is no key or no place for it. Resolves when the stream is open. */
  async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { services } = this.#live;
    const places: Release[] = [];
    const gone = () => {
      for (const release of places) release();
    };
    try {
      const viewer = await services.access.authenticate(request.headers.authorization);
      this.#takePlaces(viewer, places);
      const begun = await this.#begin(request, viewer);
      this.#carry(request, reply, begun, gone);
      return reply;
    } catch (error) {
      gone();
      const masked = maskError(error, request.id, services.log);
      if (PASSING.has(masked.extensions?.code)) reply.header('retry-after', RETRY_AFTER_S);
      return answerError(reply, masked);
    }
  }

  /** Ends all streams so that their clients connect again, and takes no new ones. Resolves when the last has ended. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#live.keys.stop();
    const closed = [...this.#open.values()].map((stream) => stream.closed);
    for (const subscription of this.#open.keys()) subscription.interrupt();
    await Promise.all(closed);
  }

  #takePlaces(viewer: Viewer, places: Release[]): void {
    const { quota } = this.#live;
    const ofProcess = this.#draining ? null : quota.connect();
    if (!ofProcess)
      throw new LeadpulseError('UNAVAILABLE', 'The server takes no more connections; try again later.');
    places.push(ofProcess);
    const ofKey = quota.connectAs(viewer);
    if (!ofKey) throw new LeadpulseError('RATE_LIMITED', 'This key has too many connections; end one first.');
    places.push(ofKey);
  }

  async #begin(request: FastifyRequest, viewer: Viewer): Promise<Begun> {
    const { limits, services, preparer } = this.#live;
    const payload = readEventStreamRequest(request, limits.messageBytesMax);
    const prepared = preparer.prepare(payload, new RequestContext(services, viewer, request.id));
    return 'document' in prepared ? this.#live.begin(prepared) : { errors: prepared };
  }

  /** Opens the stream and lets it run. */
  #carry(request: FastifyRequest, reply: FastifyReply, begun: Begun, gone: () => void): void {
    const { limits, services, keys } = this.#live;
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    const stream = new EventStream(reply.raw, limits, services.log);
    const subscription = new StreamedSubscription(stream, begun, request.id, services);
    const unwatch = keys.watch(request.headers.authorization ?? '', () =>
      subscription.fail(
        new LeadpulseError('UNAUTHENTICATED', 'This key was revoked or has expired; use another one.'),
      ),
    );
    this.#open.set(subscription, stream);
    void stream.closed.then(() => {
      this.#open.delete(subscription);
      unwatch();
      gone();
    });
    void subscription.run();
    // A stop that came meanwhile has not seen this one.
    if (this.#draining) subscription.interrupt();
  }
}
