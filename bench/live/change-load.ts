import { actionOfTurn } from '../ingest/bench-actions.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { HttpSink } from '../ingest/http-sink.js';

/** Between two looks at how many actions are due, in ms. */
const TICK_MS = 5;
/** Connections; an action waits for a free one, and is late when there is none. */
const CONNECTIONS = 32;
const MS_PER_SECOND = 1_000;

/** Actions recorded through the API at a steady rate, each of which changes a score. */
export class ChangeLoad {
  readonly #tenant: BenchTenant;
  readonly #perMs: number;
  readonly #free: HttpSink[];
  readonly #timer: NodeJS.Timeout;
  #begunAtMs = performance.now();
  #begun = 0;
  #done = 0;
  #failure: unknown;

  private constructor(tenant: BenchTenant, perSecond: number, sinks: HttpSink[]) {
    this.#tenant = tenant;
    this.#perMs = perSecond / MS_PER_SECOND;
    this.#free = sinks;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  static async start(port: number, tenant: BenchTenant, perSecond: number): Promise<ChangeLoad> {
    const open = () => HttpSink.open(port, tenant.apiKey);
    return new ChangeLoad(tenant, perSecond, await Promise.all(Array.from({ length: CONNECTIONS }, open)));
  }

  /** Changes that were acknowledged so far. @throws Error when one has failed. */
  get done(): number {
    if (this.#failure) throw this.#failure;
    return this.#done;
  }

  /** Sends no more and waits for the answers that are due. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#free.length < CONNECTIONS && this.#failure === undefined)
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    for (const sink of this.#free) sink.close();
  }

  #tick(): void {
    const due = Math.floor((performance.now() - this.#begunAtMs) * this.#perMs);
    while (this.#begun < due) {
      const sink = this.#free.pop();
      if (!sink) {
        // What could not be sent in time is not made up for: a burst would be no steady rate.
        this.#begunAtMs = performance.now();
        this.#begun = 0;
        return;
      }
      this.#begun += 1;
      void this.#send(sink);
    }
  }

  async #send(sink: HttpSink): Promise<void> {
    const { contacts, history } = this.#tenant;
    try {
      await sink.send([actionOfTurn(this.#tenant.turns++, contacts, history)]);
      this.#done += 1;
    } catch (error) {
      this.#failure ??= error;
    }
    this.#free.push(sink);
  }
}
