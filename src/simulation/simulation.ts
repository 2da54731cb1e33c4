import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, GraphqlClient } from './graphql-client.js';
import { LatencyWindow } from './latency-window.js';
import type { Step } from './lead-session.js';
import type { Traffic } from './traffic.js';

/** Requests that wait for an answer at once. */
const IN_FLIGHT_MAX = 32;
const TRIES_MAX = 8;
const RETRY_DELAY_MS_MIN = 200;
const RETRY_DELAY_MS_MAX = 5_000;
/** Once it is this far behind its rate, what was missed is left out instead of sent in a burst. */
const BEHIND_MS_MAX = 1_000;
const MS_PER_SECOND = 1_000;

const RECORD_ACTION = `mutation SimulateAction($input: RecordActionInput!) {
  recordAction(input: $input) { duplicate }
}`;
const UPSERT_CONTACT = `mutation SimulateProfile($input: UpsertContactInput!) {
  upsertContact(input: $input) { created }
}`;

/** What has come of a simulation so far. */
export interface SimulationProgress {
  elapsedMs: number;
  sent: number;
  errors: number;
  /** Tries after the first. */
  retries: number;
  inFlight: number;
  p50Ms: number;
  p99Ms: number;
  /** Actions that were left out because the server could not keep up. */
  leftOut: number;
  lastError: string | null;
}

/** The server refuses the key, so there is no use in going on. */
export class SimulationRefused extends Error {}

/** Sends traffic at a rate, a bounded number of requests at a time. */
export class Simulation {
  readonly #client: GraphqlClient;
  readonly #traffic: Traffic;
  readonly #rate: number;
  readonly #runId = randomUUID();
  readonly #latencies = new LatencyWindow();
  readonly #inFlight = new Set<Promise<void>>();
  #startedMs = performance.now();
  #number = 0;
  #sent = 0;
  #errors = 0;
  #retries = 0;
  #leftOut = 0;
  #lastError: string | null = null;
  #refused: string | null = null;

  /** @param rate actions a second. */
  constructor(options: { client: GraphqlClient; traffic: Traffic; rate: number }) {
    this.#client = options.client;
    this.#traffic = options.traffic;
    this.#rate = options.rate;
  }

  /**
   * Sends until `signal` says stop, then waits for the answers still under way.
   * @throws SimulationRefused when the server does not take the key.
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#startedMs = performance.now();
    const gapMs = MS_PER_SECOND / this.#rate;
    let dueMs = this.#startedMs;
    while (!signal.aborted && this.#refused === null) {
      await pause(dueMs - performance.now(), signal);
      if (this.#inFlight.size >= IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
      if (signal.aborted) break;
      this.#start(this.#traffic.next(), signal);
      dueMs = this.#skipMissed(dueMs + gapMs, gapMs);
    }
    await Promise.all(this.#inFlight);
    if (this.#refused !== null) throw new SimulationRefused(this.#refused);
  }

  progress(): SimulationProgress {
    return {
      elapsedMs: performance.now() - this.#startedMs,
      sent: this.#sent,
      errors: this.#errors,
      retries: this.#retries,
      inFlight: this.#inFlight.size,
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      leftOut: this.#leftOut,
      lastError: this.#lastError,
    };
  }

  #skipMissed(dueMs: number, gapMs: number): number {
    const behindMs = performance.now() - dueMs;
    if (behindMs <= BEHIND_MS_MAX + gapMs) return dueMs;
    const missed = Math.floor(behindMs / gapMs);
    this.#leftOut += missed;
    return dueMs + missed * gapMs;
  }

  #start(step: Step, signal: AbortSignal): void {
    const request = this.#send(step, signal).finally(() => this.#inFlight.delete(request));
    this.#inFlight.add(request);
  }

  async #send(step: Step, signal: AbortSignal): Promise<void> {
    const { query, input } = operationOf(step, `simulation-${this.#runId}-${this.#number++}`);
    for (let tries = 1; ; tries++) {
      const startedMs = performance.now();
      const answer = await this.#client.send(query, { input });
      if (answer.kind === 'OK') {
        this.#latencies.add(performance.now() - startedMs);
        this.#sent++;
        return;
      }
      const mayRetry = answer.kind === 'UNREACHABLE' || answer.kind === 'BUSY';
      if (!mayRetry || tries >= TRIES_MAX || signal.aborted) {
        this.#fail(answer);
        return;
      }
      this.#retries++;
      this.#lastError = answer.message;
      await pause(retryDelayMs(tries), signal);
    }
  }

  #fail(answer: Exclude<Answer, { kind: 'OK' }>): void {
    this.#errors++;
    this.#lastError = answer.message;
    if (answer.kind === 'REFUSED') this.#refused = answer.message;
  }
}

/** The same key at every try of a step: it counts once, however often it is sent. */
function operationOf(step: Step, idempotencyKey: string): { query: string; input: object } {
  const contact = { email: step.email };
  if (step.kind === 'profile') {
    return { query: UPSERT_CONTACT, input: { contact, ...step.attributes, idempotencyKey } };
  }
  const { type, properties } = step;
  return { query: RECORD_ACTION, input: { contact, type, properties, idempotencyKey } };
}

/** Doubles from try to try, with jitter, so that retries of many requests do not meet. */
function retryDelayMs(tries: number): number {
  const fullMs = Math.min(RETRY_DELAY_MS_MIN * 2 ** (tries - 1), RETRY_DELAY_MS_MAX);
  return fullMs * (0.5 + Math.random() / 2);
}

/** Waits, and ends early when the signal says stop. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
}
