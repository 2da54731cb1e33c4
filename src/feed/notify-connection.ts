import pg from 'pg';
import type { Log } from '../log.js';

const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 5_000;
const HEALTH_CHECK_MS = 15_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;
const CLOSE_WAIT_MS = 1_000;

export interface NotifyConnectionOptions {
  url: string;
  applicationName: string;
  /** A plain lower-case identifier. */
  channel: string;
  log: Log;
  onPayload(payload: string): void;
  /** Called at every (re)connect: what was sent before was missed. */
  onConnected(): void;
}

/** One connection that listens to a channel and sends to it, outside any transaction; it comes back by itself. */
export class NotifyConnection {
  readonly #options: NotifyConnectionOptions;
  #client: pg.Client | null = null;
  #retryMs = RETRY_FIRST_MS;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: NotifyConnectionOptions) {
    this.#options = options;
  }

  /** Begins; resolves when the first attempt has ended, well or not (the next ones follow by themselves). */
  start(): Promise<void> {
    return this.#connect();
  }

  /** Sends payloads to every listening process; without a connection they are dropped. Never rejects. */
  async send(payloads: string[]): Promise<void> {
    const client = this.#client;
    if (!client) return;
    try {
      const text = 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload';
      await client.query({ name: 'notify', text, values: [this.#options.channel, payloads] });
    } catch (error) {
      this.#lose(client, error);
    }
  }

  /** Closes the connection; nothing is received any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    if (client) await endWithin(client, CLOSE_WAIT_MS);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: this.#options.applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', (error) => this.#lose(client, error));
    client.on('end', () => this.#lose(client, new Error('the connection ended')));
    client.on('notification', (message) => this.#options.onPayload(message.payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${this.#options.channel}`);
    } catch (error) {
      void endWithin(client, CLOSE_WAIT_MS);
      this.#retryLater(error);
      return;
    }
    if (this.#stopped) return endWithin(client, CLOSE_WAIT_MS);
    this.#client = client;
    this.#retryMs = RETRY_FIRST_MS;
    this.#options.onConnected();
    this.#checkLater(client);
  }

  #checkLater(client: pg.Client): void {
    // A connection whose other end vanished stays silent for hours; a question shows it.
    this.#timer = setTimeout(async () => {
      try {
        await client.query('SELECT 1');
        if (this.#client === client) this.#checkLater(client);
      } catch (error) {
        this.#lose(client, error);
      }
    }, HEALTH_CHECK_MS);
    this.#timer.unref();
  }

  #lose(client: pg.Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    clearTimeout(this.#timer);
    void endWithin(client, CLOSE_WAIT_MS);
    this.#retryLater(error);
  }

  #retryLater(error: unknown): void {
    if (this.#stopped) return;
    const delayMs = this.#retryMs * (0.5 + Math.random() / 2);
    this.#options.log.warn(
      { err: error, delayMs: Math.round(delayMs) },
      'no wake-ups from the database; polling meanwhile',
    );
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
    this.#timer = setTimeout(() => void this.#connect(), delayMs);
    this.#timer.unref();
  }
}

/** Ends a connection and waits for that, but not for ever: the other end may be gone. */
async function endWithin(client: pg.Client, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([client.end().catch(() => undefined), waited]);
  clearTimeout(timer);
}
