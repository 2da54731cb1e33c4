import type { Log } from '../log.js';
import type { OpenWakeUpLink, WakeUpLink } from './wake-up-link.js';

const HEALTH_CHECK_MS = 15_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

export interface WakeUpConnectionOptions {
  open: OpenWakeUpLink;
  /** What the link leads to, for the log. */
  to: string;
  log: Log;
  onPayload(payload: string): void;
  /** Called at every (re)connect: what was sent before was missed. */
  onConnected(): void;
}

/** A link that comes back by itself. Nothing waits for it: what cannot be sent is dropped. */
export class WakeUpConnection {
  readonly #options: WakeUpConnectionOptions;
  #link: WakeUpLink | null = null;
  #retryMs = RETRY_FIRST_MS;
  #timer: NodeJS.Timeout | undefined;
  #away = false;
  #stopped = false;

  constructor(options: WakeUpConnectionOptions) {
    this.#options = options;
  }

  /** True while payloads come and go. */
  get connected(): boolean {
    return this.#link !== null;
  }

  /** Begins; resolves when the first attempt has ended, well or not (the next ones follow by themselves). */
  start(): Promise<void> {
    return this.#connect();
  }

  /** Sends payloads to every listening process; without a connection they are dropped. Never rejects. */
  async send(payloads: readonly string[]): Promise<void> {
    const link = this.#link;
    if (!link) return;
    try {
      await link.send(payloads);
    } catch (error) {
      this.#lose(link, error);
    }
  }

  /** Closes the connection; nothing is received any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const link = this.#link;
    this.#link = null;
    await link?.close();
  }

  async #connect(): Promise<void> {
    const { open, onPayload, onConnected, log, to } = this.#options;
    let link: WakeUpLink | null = null;
    let lost: unknown;
    const onLost = (error: unknown) => {
      lost ??= error;
      if (link) this.#lose(link, error);
    };
    try {
      link = await open({ onPayload, onLost });
    } catch (error) {
      this.#retryLater(error);
      return;
    }
    if (this.#stopped) {
      await link.close();
      return;
    }
    this.#link = link;
    if (lost !== undefined) return this.#lose(link, lost);
    this.#retryMs = RETRY_FIRST_MS;
    if (this.#away) log.info(`wake-ups come from ${to} again`);
    this.#away = false;
    onConnected();
    this.#checkLater(link);
  }

  #checkLater(link: WakeUpLink): void {
    // A connection whose other end vanished stays silent for hours; a question shows it.
    this.#timer = setTimeout(async () => {
      try {
        await link.check();
        if (this.#link === link) this.#checkLater(link);
      } catch (error) {
        this.#lose(link, error);
      }
    }, HEALTH_CHECK_MS);
    this.#timer.unref();
  }

  #lose(link: WakeUpLink, error: unknown): void {
    if (this.#link !== link) return;
    this.#link = null;
    clearTimeout(this.#timer);
    void link.close();
    this.#retryLater(error);
  }

  #retryLater(error: unknown): void {
    if (this.#stopped) return;
    const delayMs = this.#retryMs * (0.5 + Math.random() / 2);
    const { log, to } = this.#options;
    const fields = { err: error, delayMs: Math.round(delayMs) };
    // Once an outage: it may last, and the attempts go on every few seconds.
    if (this.#away) log.debug(fields, `still no wake-ups from ${to}`);
    else log.warn(fields, `no wake-ups from ${to}; polling until they are back`);
    this.#away = true;
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
    this.#timer = setTimeout(() => void this.#connect(), delayMs);
    this.#timer.unref();
  }
}
