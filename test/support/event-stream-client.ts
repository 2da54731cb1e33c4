import { type IncomingMessage, request } from 'node:http';
import type { LiveData, LiveError } from './live-client.js';

/** One event of a stream. */
export interface StreamEvent {
  event: string;
  /** What `id:` said; null without it. */
  id: string | null;
  data: { data?: LiveData; errors?: LiveError[] } | null;
}

/** How a stream is asked for. */
export interface StreamRequest {
  query?: string;
  variables?: object;
  operationName?: string;
  extensions?: object;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
}

/** A stream of server-sent events read as it comes; nothing is read that nobody asked for. */
export class EventStreamClient {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly #response: IncomingMessage;
  readonly #blocks: AsyncGenerator<string, void>;
  #comments = 0;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    this.#blocks = blocksOf(response);
  }

  /** Sends the request; resolves with the head of the answer. @param apiKey null for none. */
  static async open(url: string, apiKey: string | null, wanted: StreamRequest): Promise<EventStreamClient> {
    const { method = 'POST', headers = {}, ...body } = wanted;
    const address = new URL(url);
    if (method === 'GET') {
      for (const [name, value] of Object.entries(body))
        address.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        address,
        {
          method,
          agent: false,
          headers: {
            accept: 'text/event-stream',
            ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
            ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
            ...headers,
          },
        },
        resolve,
      );
      sent.on('error', reject);
      sent.end(method === 'POST' ? JSON.stringify(body) : undefined);
    });
    return new EventStreamClient(response);
  }

  /** Comments that came so far. */
  get comments(): number {
    return this.#comments;
  }

  /** The next event; null when the stream has ended. @throws Error when the connection was cut. */
  async next(): Promise<StreamEvent | null> {
    for (;;) {
      const { value: block } = await this.#blocks.next();
      if (block === undefined) return null;
      const fields = new Map(block.split('\n').map((line) => splitField(line)));
      const event = fields.get('event');
      if (event !== undefined) {
        const data = fields.get('data');
        return { event, id: fields.get('id') ?? null, data: data ? JSON.parse(data) : null };
      }
      this.#comments += 1;
    }
  }

  /** The data of the next event. @throws Error when anything else comes, or errors come with it. */
  async data(): Promise<LiveData> {
    const event = await this.next();
    if (event?.event !== 'next' || !event.data?.data || event.data.errors)
      throw new Error(`not data: ${JSON.stringify(event)}`);
    return event.data.data;
  }

  /** The codes of the errors that the next event holds. */
  async errorCodes(): Promise<string[]> {
    const event = await this.next();
    if (!event?.data?.errors) throw new Error(`not an error: ${JSON.stringify(event)}`);
    return event.data.errors.map((error) => error.extensions.code);
  }

  /** The whole answer as JSON, when it is no stream. */
  async json(): Promise<{ errors: LiveError[] }> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.#response) chunks.push(chunk as Buffer);
    return JSON.parse(Buffer.concat(chunks).toString());
  }

  /** Leaves without a word. */
  leave(): void {
    this.#response.destroy();
  }
}

async function* blocksOf(response: IncomingMessage): AsyncGenerator<string, void> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield text.slice(0, end);
      text = text.slice(end + 2);
    }
  }
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
