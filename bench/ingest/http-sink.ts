import type { ActionSink } from './action-sink.js';
import { ACTION_PROPERTIES, type BenchAction, emailOf } from './bench-actions.js';
import { HttpConnection } from './http-connection.js';

const SHOWN_CHARS_MAX = 500;
const PROPERTIES = JSON.stringify(ACTION_PROPERTIES);

const ONE =
  'mutation One($input: RecordActionInput!) { recordAction(input: $input) { action { id } scores { total } cursor } }';
const MANY =
  'mutation Many($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded rejected { index code message } cursor } }';

/** Actions over one connection. */
export class HttpSink implements ActionSink {
  readonly #connection: HttpConnection;

  private constructor(connection: HttpConnection) {
    this.#connection = connection;
  }

  static async open(port: number, apiKey: string): Promise<HttpSink> {
    return new HttpSink(await HttpConnection.open(port, `authorization: Bearer ${apiKey}`));
  }

  async send(actions: readonly BenchAction[]): Promise<void> {
    const single = actions.length === 1;
    const inputs = actions.map(inputOf).join(',');
    const body = single
      ? `{"query":"${ONE}","variables":{"input":${inputs}}}`
      : `{"query":"${MANY}","variables":{"input":[${inputs}]}}`;
    const answer = await this.#connection.post(body);
    const expected = single ? '"scores":[{"total":' : `"recorded":${actions.length},`;
    if (!answer.includes(expected) || answer.includes('"errors"')) {
      throw new Error(`an answer is not as expected: ${answer.slice(0, SHOWN_CHARS_MAX)}`);
    }
  }

  close(): void {
    this.#connection.close();
  }
}

function inputOf({ contact, type }: BenchAction): string {
  return `{"contact":{"email":"${emailOf(contact)}"},"type":"${type}","properties":${PROPERTIES}}`;
}
