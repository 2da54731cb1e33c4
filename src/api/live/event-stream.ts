import type { ServerResponse } from 'node:http';
import type { Log } from '../../log.js';
import type { LiveLimits } from './live-limits.js';

type Bounds = Pick<LiveLimits, 'stalledMsMax' | 'keepAliveMs' | 'closeMsMax'>;

/** What browsers wait before they connect again, in ms; the protocol has them do it by themselves. */
const RETRY_MS = 1_000;
const COMMENT = ':\n\n';
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Nothing between may keep, compress or gather what is meant for now.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * One client's stream of server-sent events with a bound on what waits in it: sending resolves when the text has been taken
 * by the network, and a client that takes nothing for too long is cut off. Silence is filled with comments.
 */
export class EventStream {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;
  readonly #limits: Bounds;
  readonly #log: Log;
  readonly #pulse: NodeJS.Timeout;
  #waiting: (() => void) | null = null;
  #stallTimer: NodeJS.Timeout | undefined;

  /**
   * Sends the head and a first comment, with which clients know that the stream is open.
   * @param response with the headers that all answers have.
   */
  constructor(response: ServerResponse, limits: Bounds, log: Log) {
    this.#response = response;
    this.#limits = limits;
    this.#log = log;
    this.closed = new Promise((resolve) => {
      // The client may have left while the subscription began.
      if (response.closed) resolve();
      else response.once('close', resolve);
    });
    void this.closed.then(() => this.#end());
    // Faults of the transport end in 'close'; without a listener they would end the process.
    response.on('error', () => undefined);
    response.socket?.setNoDelay(true);
    response.writeHead(200, HEADERS);
    this.#write(`retry: ${RETRY_MS}\n${COMMENT}`);
    this.#pulse = setInterval(() => this.#beat(), limits.keepAliveMs);
  }

  get isOpen(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  /** Sends events; resolves when they are on their way, or when the connection has ended. One call at a time. */
  async send(events: string): Promise<void> {
    if (!this.isOpen) return;
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
      this.#write(events);
    });
  }

  /** Ends the stream with some last events, and cuts the connection when the client does not take them. */
  finish(events: string): void {
    if (!this.isOpen) return;
    this.#response.end(events);
    this.cutOffSoon();
  }

  /** Cuts the connection unless it has ended by then. */
  cutOffSoon(): void {
    setTimeout(() => this.#response.destroy(), this.#limits.closeMsMax).unref();
  }

  #write(text: string): void {
    this.#response.write(text, () => this.#taken());
    if (this.#stallTimer === undefined && this.#response.writableLength > 0) this.#watch();
  }

  #watch(): void {
    this.#stallTimer = setTimeout(() => {
      this.#log.info(
        { bufferedBytes: this.#response.writableLength },
        'an event stream that takes nothing is let go',
      );
      this.#response.destroy();
    }, this.#limits.stalledMsMax);
  }

  #taken(): void {
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
    if (this.isOpen && this.#response.writableLength > 0) this.#watch();
    this.#proceed();
  }

  #proceed(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  /** What is stalled needs no further comment. */
  #beat(): void {
    if (this.isOpen && this.#stallTimer === undefined) this.#write(COMMENT);
  }

  #end(): void {
    clearInterval(this.#pulse);
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
    this.#proceed();
  }
}
