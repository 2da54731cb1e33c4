import { WebSocket } from 'ws';

/** What an event holds, as far as it was asked for. */
export interface LiveEvent {
  cursor: string;
  contactId: string;
  totalAfter: number;
  changes: LiveEvent[];
  caughtUp: boolean;
  [field: string]: unknown;
}

/** The event under the name of the subscription. */
export type LiveData = Record<string, LiveEvent>;

/** A message of the graphql-transport-ws protocol, as the server sends it. */
export type LiveMessage =
  | { type: 'next'; payload: { data: LiveData; errors?: LiveError[] } }
  | { type: 'error'; payload: LiveError[] }
  | { type: 'complete' };

/** An error as the server shows it. */
export interface LiveError {
  message: string;
  extensions: { code: string; fields?: { path: string }[] };
}

/** How a socket ended. */
export interface SocketEnd {
  code: number;
  reason: string;
}

/** Things that arrive and things that wait for them; nothing that arrives is lost. */
class Inbox<T> {
  readonly #arrived: T[] = [];
  readonly #waiting: { resolve(item: T): void; reject(error: Error): void }[] = [];
  #end: Error | null = null;

  push(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter.resolve(item);
    else this.#arrived.push(item);
  }

  end(error: Error): void {
    this.#end = error;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }

  get size(): number {
    return this.#arrived.length;
  }

  next(): Promise<T> {
    const item = this.#arrived.shift();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}

/** One subscription of a client: every message of it, in order. */
export class LiveSubscription {
  readonly #id: string;
  readonly #inbox = new Inbox<LiveMessage>();
  readonly #send: (message: object) => void;

  constructor(id: string, send: (message: object) => void) {
    this.#id = id;
    this.#send = send;
  }

  /** Messages that have arrived and were not asked for yet. */
  get waiting(): number {
    return this.#inbox.size;
  }

  receive(message: LiveMessage): void {
    this.#inbox.push(message);
  }

  lose(error: Error): void {
    this.#inbox.end(error);
  }

  /** The next message, whatever it is. */
  next(): Promise<LiveMessage> {
    return this.#inbox.next();
  }

  /** The data of the next event. @throws Error when anything else comes, or errors come with it. */
  async data(): Promise<LiveData> {
    const message = await this.next();
    if (message.type !== 'next' || message.payload.errors)
      throw new Error(`not data: ${JSON.stringify(message)}`);
    return message.payload.data;
  }

  /** The data of the next `count` events. */
  async take(count: number): Promise<LiveData[]> {
    const taken: LiveData[] = [];
    while (taken.length < count) taken.push(await this.data());
    return taken;
  }

  /** The data of all events up to the first for which `predicate` holds, that one included. */
  async until(predicate: (data: LiveData) => boolean): Promise<LiveData[]> {
    const taken: LiveData[] = [];
    do taken.push(await this.data());
    while (!predicate(taken.at(-1)!));
    return taken;
  }

  /** Codes of the errors with which the subscription is refused or ended. */
  async errorCodes(): Promise<string[]> {
    const message = await this.next();
    if (message.type !== 'error') throw new Error(`not an error: ${JSON.stringify(message)}`);
    return message.payload.map((error) => error.extensions.code);
  }

  /** Ends the subscription. */
  complete(): void {
    this.#send({ id: this.#id, type: 'complete' });
  }
}

/** A client that hears everything the server says to it, also what comes before anybody listens. */
export class LiveClient {
  readonly socket: WebSocket;
  /** Resolves when the socket has ended. */
  readonly ended: Promise<SocketEnd>;
  readonly #subscriptions = new Map<string, LiveSubscription>();
  readonly #acknowledged: Promise<void>;
  #lastId = 0;

  /** @param protocol the subprotocol to offer. */
  constructor(url: string, protocol = 'graphql-transport-ws') {
    this.socket = new WebSocket(url, protocol);
    this.ended = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.#acknowledged = new Promise((resolve, reject) => {
      this.socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.type === 'connection_ack') resolve();
        else if (message.id) this.#subscriptions.get(message.id)?.receive(message);
      });
      this.socket.on('close', (code, reason) => reject(new Error(`closed with ${code} ${reason}`)));
      this.socket.on('error', reject);
    });
    this.#acknowledged.catch(() => undefined);
    void this.ended.then(({ code, reason }) => {
      for (const subscription of this.#subscriptions.values())
        subscription.lose(new Error(`closed with ${code} ${reason}`));
    });
  }

  /** A client that has introduced itself with a key. @throws Error with the close code when it is refused. */
  static async connect(url: string, apiKey: string): Promise<LiveClient> {
    const client = new LiveClient(url);
    await client.introduce({ authorization: `Bearer ${apiKey}` });
    return client;
  }

  /** Sends `connection_init` and waits for the answer. */
  async introduce(connectionParams?: object): Promise<void> {
    await this.opened();
    this.send({ type: 'connection_init', payload: connectionParams });
    await this.#acknowledged;
  }

  /** Waits until messages can be sent. */
  async opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.OPEN) return;
    await new Promise<void>((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(query: string, variables: object = {}): LiveSubscription {
    this.#lastId += 1;
    const id = String(this.#lastId);
    const subscription = new LiveSubscription(id, (message) => this.send(message));
    this.#subscriptions.set(id, subscription);
    this.send({ id, type: 'subscribe', payload: { query, variables } });
    return subscription;
  }

  /** Ends the socket and waits for that. */
  async close(): Promise<void> {
    this.socket.close();
    await this.ended;
  }
}
