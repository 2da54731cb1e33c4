import type { WebSocket } from 'ws';
import type { Log } from '../../log.js';
import { CLOSE_CODES, type LiveLimits } from './live-limits.js';

/**
 * One client's socket with a bound on what waits in it. Sending resolves when the message has been taken by the network, so
 * that a subscription pulls its next event only then; a client that takes nothing for too long is let go.
 */
export class LiveSocket {
  readonly #socket: WebSocket;
  readonly #limits: LiveLimits;
  readonly #log: Log;
  #room: (() => void)[] = [];
  #stallTimer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #answered = true;
  #subscriptions: () => number = () => 0;
  #idleSinceMs = performance.now();
  readonly #ended: Promise<void>;

  constructor(socket: WebSocket, limits: LiveLimits, log: Log) {
    this.#socket = socket;
    this.#limits = limits;
    this.#log = log;
    this.#ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('pong', () => {
      this.#answered = true;
    });
    socket.on('close', () => this.#end());
    // Faults of the transport end in 'close'; without a listener they would end the process.
    socket.on('error', () => undefined);
    this.#pingTimer = setInterval(() => this.#ping(), limits.keepAliveMs);
  }

  /**
   * Sends a message; resolves when it is on its way. Once the socket is closing nothing is sent any more, and it resolves when the
   * socket has closed: until then its subscriptions must not run on through the feed for nobody. Never rejects.
   */
  async send(data: string): Promise<void> {
    while (this.#isOpen() && this.#socket.bufferedAmount > this.#limits.bufferedBytesMax) {
      // What is not read cannot ask for further answers.
      this.#socket.pause();
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
    if (!this.#isOpen()) return this.#ended;
    await new Promise<void>((resolve) => {
      this.#socket.send(data, () => {
        this.#progress();
        resolve();
      });
      if (this.#stallTimer === undefined && this.#socket.bufferedAmount > 0) this.#watch();
    });
  }

  /** @param subscriptions counts those under way; while there are none, the socket is idle. */
  countBy(subscriptions: () => number): void {
    this.#subscriptions = subscriptions;
  }

  /** Begins the closing handshake, and cuts the socket off when the client does not answer. */
  close(code: number, reason: string): void {
    if (this.#socket.readyState === this.#socket.CLOSED) return;
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), this.#limits.closeMsMax).unref();
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #watch(): void {
    this.#stallTimer = setTimeout(() => {
      this.#log.info({ bufferedBytes: this.#socket.bufferedAmount }, 'a socket that takes nothing is let go');
      this.close(CLOSE_CODES.tryAgainLater, 'Slow consumer');
    }, this.#limits.stalledMsMax);
  }

  #progress(): void {
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
    if (this.#isOpen() && this.#socket.bufferedAmount > 0) this.#watch();
    if (this.#room.length > 0) this.#socket.resume();
    this.#letGo();
  }

  #letGo(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resume of waiting) resume();
  }

  #ping(): void {
    if (!this.#isOpen()) return;
    // What is stalled cannot answer either; the stall has a bound and a close code of its own.
    if (!this.#answered && this.#stallTimer === undefined) {
      this.#socket.terminate();
      return;
    }
    if (this.#isIdleTooLong()) {
      this.close(CLOSE_CODES.idle, 'Idle');
      return;
    }
    this.#answered = false;
    this.#socket.ping();
  }

  #isIdleTooLong(): boolean {
    const nowMs = performance.now();
    if (this.#subscriptions() > 0) this.#idleSinceMs = nowMs;
    return nowMs - this.#idleSinceMs > this.#limits.idleMsMax;
  }

  #end(): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
    this.#letGo();
  }
}
