import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Log } from '../../log.js';
import { CLOSE_CODES, type LiveLimits } from './live-limits.js';
import type { WaitingBytes } from './waiting-bytes.js';

export interface LiveSocketOptions {
  socket: WebSocket;
  /** What the messages of the socket travel on. */
  connection: Socket;
  limits: LiveLimits;
  /** Shared by the sockets of a process. */
  waiting: WaitingBytes;
  log: Log;
}

/**
 * One client's socket with a bound on what waits in it. Subscriptions write while there is room and are told when there is
 * room again; a client that takes too little for too long is let go.
 */
export class LiveSocket {
  readonly #socket: WebSocket;
  readonly #connection: Socket;
  readonly #waiting: WaitingBytes;
  readonly #limits: LiveLimits;
  readonly #log: Log;
  #room: (() => void)[] = [];
  #stallTimer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #answered = true;
  #subscriptions: () => number = () => 0;
  #idleSinceMs = performance.now();
  readonly #ended: Promise<void>;
  /** Bytes of this socket in `#waiting`. */
  #countedBytes = 0;

  constructor({ socket, connection, limits, waiting, log }: LiveSocketOptions) {
    this.#socket = socket;
    this.#connection = connection;
    this.#waiting = waiting;
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

  /** True while messages may be written: the socket is open and not too much waits in it. */
  get hasRoom(): boolean {
    return this.#isOpen() && this.#connection.writableLength <= this.#limits.bufferedBytesMax;
  }

  /** Calls `resume` when there is room again, or the socket has ended. */
  whenRoom(resume: () => void): void {
    this.#room.push(resume);
  }

  /**
   * Writes messages that are framed already (RFC 6455, final text frames, not masked), past `ws`, which would frame them anew for
   * every socket. Nothing is written once the socket is closing.
   * @returns true when the system has taken the bytes, as it does at once while the client keeps up; else they must stay as they are.
   */
  writeFrames(frames: Buffer): boolean {
    if (!this.#isOpen()) return true;
    const isFull = this.#connection.writableLength + frames.length > this.#limits.bufferedBytesMax;
    // Only the write that fills the socket says when there is room: thousands of others need no callback.
    if (isFull) this.#connection.write(frames, () => this.#progress());
    else this.#connection.write(frames);
    this.#afterWrite();
    return this.#connection.writableLength === 0;
  }

  /**
   * Sends a message; resolves when it is on its way. Once the socket is closing nothing is sent any more, and it resolves when the
   * socket has closed. Never rejects.
   */
  async send(data: string): Promise<void> {
    while (this.#isOpen() && !this.hasRoom) {
      // What is not read cannot ask for further answers.
      this.#socket.pause();
      await new Promise<void>((resolve) => this.whenRoom(resolve));
    }
    if (!this.#isOpen()) return this.#ended;
    await new Promise<void>((resolve) => {
      this.#socket.send(data, () => {
        this.#progress();
        resolve();
      });
      this.#afterWrite();
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

  #afterWrite(): void {
    if (this.#connection.writableLength === 0) return;
    if (this.#stallTimer === undefined) this.#watch();
    if (this.hasRoom) return;
    this.#count(this.#connection.writableLength);
    if (this.#waiting.isOver) this.#giveUp();
  }

  /** What waits now has to be taken by the end of the period, whatever is written meanwhile. */
  #watch(): void {
    const writtenBytes = this.#connection.bytesWritten;
    this.#stallTimer = setTimeout(() => {
      this.#stallTimer = undefined;
      const waitingBytes = this.#connection.writableLength;
      if (waitingBytes === 0 || !this.#isOpen()) return;
      if (this.#connection.bytesWritten - waitingBytes < writtenBytes) this.#giveUp();
      else this.#watch();
    }, this.#limits.stalledMsMax);
  }

  #giveUp(): void {
    if (!this.#isOpen()) return;
    const bufferedBytes = this.#connection.writableLength;
    this.#log.info({ bufferedBytes }, 'a socket that takes too little is let go');
    this.close(CLOSE_CODES.tryAgainLater, 'Slow consumer');
  }

  #progress(): void {
    if (!this.hasRoom) return;
    this.#count(0);
    if (this.#room.length === 0) return;
    this.#socket.resume();
    this.#letGo();
  }

  #count(bytes: number): void {
    this.#waiting.add(bytes - this.#countedBytes);
    this.#countedBytes = bytes;
  }

  #letGo(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resume of waiting) resume();
  }

  #ping(): void {
    if (!this.#isOpen()) return;
    // What is stalled cannot answer either; the stall has a bound and a close code of its own.
    if (!this.#answered && this.#connection.writableLength === 0) {
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
    this.#count(0);
    this.#letGo();
  }
}
