import { connect, type Socket } from 'node:net';

const HEADERS_END = '\r\n\r\n';
const LENGTH_HEADER = '\r\ncontent-length: ';
const SHOWN_CHARS_MAX = 500;

/**
 * One keep-alive connection to a GraphQL server that speaks as little HTTP as is needed, so that the load generator leaves the
 * processor to what is measured. All that is sent is ASCII, so that characters are bytes.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #head: string;
  #received = '';
  #waiting: { resolve(body: string): void; reject(error: Error): void } | null = null;

  private constructor(socket: Socket, port: number, header: string) {
    this.#socket = socket;
    this.#head = [
      'POST /graphql HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      header,
      'content-type: application/json',
      'content-length: ',
    ].join('\r\n');
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** @param header that every request carries, such as `authorization: Bearer KEY`. */
  static open(port: number, header: string): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpConnection(socket, port, header));
      });
    });
  }

  /**
   * Sends a body, one at a time.
   * @returns the body of the answer.
   * @throws Error when it is not 200, or the connection ends.
   */
  post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${this.#head}${body.length}${HEADERS_END}${body}`, 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const headersEnd = this.#received.indexOf(HEADERS_END);
    if (headersEnd < 0) return;
    const lengthAt = this.#received.indexOf(LENGTH_HEADER);
    const length = Number.parseInt(this.#received.slice(lengthAt + LENGTH_HEADER.length, headersEnd), 10);
    if (lengthAt < 0 || lengthAt > headersEnd || !(length >= 0)) {
      this.#fail(new Error(`an answer without content-length: ${this.#received.slice(0, SHOWN_CHARS_MAX)}`));
      return;
    }
    const bodyAt = headersEnd + HEADERS_END.length;
    if (this.#received.length < bodyAt + length) return;
    const answer = this.#received;
    this.#received = '';
    const waiting = this.#waiting;
    this.#waiting = null;
    if (answer.startsWith('HTTP/1.1 200')) waiting?.resolve(answer.slice(bodyAt));
    else waiting?.reject(new Error(`an answer that is not 200: ${answer.slice(0, SHOWN_CHARS_MAX)}`));
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}
