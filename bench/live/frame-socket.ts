import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const HEADERS_END = '\r\n\r\n';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const FINAL = 0x80;
const MASKED = 0x80;
const PONG = 10;
const SHORT_MAX = 125;
/** The mask of what is sent: all zeros, which leaves it as it is. */
const MASK = Buffer.alloc(4);

export interface FrameSocketOptions {
  port: number;
  /** What to subscribe with; a socket without one only listens. */
  subscribe: { apiKey: string; query: string; id: string } | null;
  /** Called with each text frame. */
  onText(data: Buffer, start: number, end: number): void;
  onClose(): void;
}

/** A WebSocket client that does little beside counting, so that the clients leave the processor to what is measured. */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #options: FrameSocketOptions;
  #rest: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #isAcknowledged: boolean;
  readonly #onReady: () => void;

  /** Resolves with the socket once it is open and, where it subscribes, has been acknowledged and has asked. */
  static open(options: FrameSocketOptions): Promise<FrameSocket> {
    return new Promise((resolve, reject) => new FrameSocket(options, resolve, reject));
  }

  private constructor(
    options: FrameSocketOptions,
    resolve: (socket: FrameSocket) => void,
    reject: (error: Error) => void,
  ) {
    this.#options = options;
    this.#onReady = () => resolve(this);
    this.#isAcknowledged = options.subscribe === null;
    this.#socket = connect({ host: '127.0.0.1', port: options.port, noDelay: true });
    this.#socket.once('connect', () => this.#socket.write(handshake(options.port)));
    this.#socket.on('error', reject);
    this.#socket.on('close', () => {
      reject(new Error('the server closed a socket'));
      options.onClose();
    });
    this.#socket.on('data', (chunk) => {
      if (this.#isOpen) this.#take(chunk);
      else this.#accept(chunk, reject);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #accept(chunk: Buffer, reject: (error: Error) => void): void {
    const data = Buffer.concat([this.#rest, chunk]);
    const end = data.indexOf(HEADERS_END);
    this.#rest = data;
    if (end < 0) return;
    if (!data.subarray(0, end).toString('latin1').startsWith('HTTP/1.1 101')) {
      reject(new Error(`not accepted: ${data.toString('latin1', 0, end)}`));
      return;
    }
    this.#isOpen = true;
    this.#rest = Buffer.alloc(0);
    const { subscribe } = this.#options;
    if (subscribe) {
      const payload = { authorization: `Bearer ${subscribe.apiKey}` };
      this.#send(TEXT, Buffer.from(JSON.stringify({ type: 'connection_init', payload })));
    } else {
      this.#onReady();
    }
    this.#take(data.subarray(end + HEADERS_END.length));
  }

  #take(chunk: Buffer): void {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (data.length - at >= 2) {
      let length = data[at + 1]! & 0x7f;
      let start = at + 2;
      if (length > SHORT_MAX) {
        start = at + (length === 126 ? 4 : 10);
        if (data.length < start) break;
        length = length === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
      }
      const end = start + length;
      if (data.length < end) break;
      this.#frame(data[at]! & 0x0f, data, start, end);
      at = end;
    }
    this.#rest = at < data.length ? data.subarray(at) : Buffer.alloc(0);
  }

  #frame(opcode: number, data: Buffer, start: number, end: number): void {
    if (opcode === PING) this.#send(PONG, data.subarray(start, end));
    else if (opcode === CLOSE) this.close();
    else if (this.#isAcknowledged) this.#options.onText(data, start, end);
    else this.#acknowledged();
  }

  #acknowledged(): void {
    this.#isAcknowledged = true;
    const { subscribe } = this.#options;
    if (!subscribe) return;
    const { id, query } = subscribe;
    this.#send(TEXT, Buffer.from(JSON.stringify({ id, type: 'subscribe', payload: { query } })));
    this.#onReady();
  }

  #send(opcode: number, payload: Buffer): void {
    const isShort = payload.length <= SHORT_MAX;
    const header = isShort
      ? [FINAL | opcode, MASKED | payload.length]
      : [FINAL | opcode, MASKED | 126, payload.length >> 8, payload.length & 0xff];
    this.#socket.write(Buffer.concat([Buffer.from(header), MASK, payload]));
  }
}

function handshake(port: number): string {
  return [
    'GET /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n');
}
