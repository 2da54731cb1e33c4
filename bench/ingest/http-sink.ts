import { connect, type Socket } from 'node:net';
import type { ActionSink } from './action-sink.js';
import { ACTION_PROPERTIES, type BenchAction, emailOf } from './bench-actions.js';

const HEADERS_END = '\r\n\r\n';
const LENGTH_HEADER = '\r\ncontent-length: ';
const SHOWN_CHARS_MAX = 500;
const PROPERTIES = JSON.stringify(ACTION_PROPERTIES);

const ONE =
  'mutation One($input: RecordActionInput!) { recordAction(input: $input) { action { id } scores { total } cursor } }';
const MANY =
  'mutation Many($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded rejected { index code message } cursor } }';

/**
 * One keep-alive connection that speaks as little HTTP as is needed, so that the load generator leaves the processor to
 * what is measured. All that is sent is ASCII, so that characters are bytes.
 */
export class HttpSink implements ActionSink {
  readonly #socket: Socket;
  readonly #head: string;
  #received = '';
  #waiting: { resolve(body: string): void; reject(error: Error): void } | null = null;

  private constructor(socket: Socket, port: number, apiKey: string) {
    this.#socket = socket;
    this.#head = [
      'POST /graphql HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      `authorization: Bearer ${apiKey}`,
      'content-type: application/json',
      'content-length: ',
    ].join('\r\n');
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(port: number, apiKey: string): Promise<HttpSink> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpSink(socket, port, apiKey));
      });
    });
  }

  async send(actions: readonly BenchAction[]): Promise<void> {
    const single = actions.length === 1;
    const inputs = actions.map(inputOf).join(',');
    const body = single
      ? `{"query":"${ONE}","variables":{"input":${inputs}}}`
      : `{"query":"${MANY}","variables":{"input":[${inputs}]}}`;
    const answer = await this.#exchange(`${this.#head}${body.length}${HEADERS_END}${body}`);
    const expected = single ? '"scores":[{"total":' : `"recorded":${actions.length},`;
    if (!answer.includes(expected) || answer.includes('"errors"')) {
      throw new Error(`an answer is not as expected: ${answer.slice(0, SHOWN_CHARS_MAX)}`);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #exchange(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request, 'latin1');
    });
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

function inputOf({ contact, type }: BenchAction): string {
  return `{"contact":{"email":"${emailOf(contact)}"},"type":"${type}","properties":${PROPERTIES}}`;
}
