import { randomUUID } from 'node:crypto';
import type { Log } from '../log.js';
import { notifyLink } from './notify-link.js';
import { type RedisBus, redisLink } from './redis-link.js';
import { WakeUpConnection } from './wake-up-connection.js';

/** Between two messages; at 200 a second the lock that NOTIFY takes at commit is out of the way of batches. */
const NOTIFY_GAP_MS = 5;
/** Tenants waiting to be announced; more than that are left to the polls of the other processes. */
const PENDING_TENANTS_MAX = 10_000;

export interface WakeUpsOptions {
  /** Address of the database; without a bus one connection is kept for listening and notifying. */
  url: string;
  log: Log;
  applicationName?: string;
  /** What carries wake-ups instead of the database. */
  bus?: RedisBus | null;
}

/**
 * Says "there is something new in this tenant's feed" to the listeners of every process on the database, through the database
 * or through a bus. Only a hint: a wake-up may come for nothing, and a lost one is made up for by the readers' polls.
 */
export class WakeUps {
  readonly #connection: WakeUpConnection;
  readonly #hasBus: boolean;
  /** Tells our own notifications from those of other processes. */
  readonly #processName = randomUUID();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #pending = new Set<string>();
  #holding = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WakeUpsOptions) {
    const { url, log, bus = null, applicationName = 'leadpulse-wake-ups' } = options;
    this.#hasBus = bus !== null;
    this.#connection = new WakeUpConnection({
      open: bus ? redisLink(bus) : notifyLink(url, applicationName),
      to: bus ? 'the bus' : 'the database',
      log,
      onPayload: (payload) => this.#receive(payload),
      onConnected: () => this.#wakeAll(),
    });
  }

  /** How the bus is; null when there is none. While it is away, what other processes write is found by polling. */
  get bus(): 'connected' | 'away' | null {
    if (!this.#hasBus) return null;
    return this.#connection.connected ? 'connected' : 'away';
  }

  /** Connects; resolves after the first attempt, and goes on trying when that failed. */
  start(): Promise<void> {
    return this.#connection.start();
  }

  /** To be called after a commit that moved the tenant's feed. Cheap; calls close together share one notification. */
  announce(tenantId: string): void {
    this.#wake(tenantId);
    if (this.#pending.size < PENDING_TENANTS_MAX) this.#pending.add(tenantId);
    if (!this.#holding) void this.#flush();
  }

  /**
   * Calls `fn` whenever the tenant's feed may have moved.
   * @returns what ends it.
   */
  onWake(tenantId: string, fn: () => void): () => void {
    const listeners = this.#listeners.get(tenantId) ?? new Set();
    listeners.add(fn);
    this.#listeners.set(tenantId, listeners);
    return () => {
      listeners.delete(fn);
      if (listeners.size === 0 && this.#listeners.get(tenantId) === listeners)
        this.#listeners.delete(tenantId);
    };
  }

  /** Ends the connection; listeners of this process are still woken by `announce`. */
  async stop(): Promise<void> {
    this.#holding = true;
    clearTimeout(this.#timer);
    await this.#connection.stop();
  }

  async #flush(): Promise<void> {
    this.#holding = true;
    const payloads = [...this.#pending].map((tenantId) => `${this.#processName} ${tenantId}`);
    this.#pending.clear();
    await this.#connection.send(payloads);
    this.#timer = setTimeout(() => {
      this.#holding = false;
      if (this.#pending.size > 0) void this.#flush();
    }, NOTIFY_GAP_MS);
  }

  #receive(payload: string): void {
    const [processName, tenantId] = payload.split(' ');
    if (processName !== this.#processName && tenantId) this.#wake(tenantId);
  }

  #wake(tenantId: string): void {
    for (const listener of this.#listeners.get(tenantId) ?? []) listener();
  }

  #wakeAll(): void {
    for (const tenantId of [...this.#listeners.keys()]) this.#wake(tenantId);
  }
}
