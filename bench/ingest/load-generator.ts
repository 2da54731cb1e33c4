import type { ActionSink } from './action-sink.js';
import { actionOfTurn } from './bench-actions.js';
import { HttpSink } from './http-sink.js';
import type { LoadMessage, LoadRequest, LoadResult } from './load-protocol.js';
import { openRecorderSink } from './recorder-sink.js';

/**
 * The load generator, a process of its own beside the server: it takes one `LoadRequest` at a time from its parent and
 * answers with `LoadMessage`s.
 */
const MICROSECONDS_PER_MS = 1_000;
/** A window goes on until so many requests are counted, however long that takes. */
const REQUESTS_MIN = 6;

/** Completed requests, noted from the first one after the warm-up to the last one before the end. */
class Window {
  readonly #latenciesMs: number[] = [];
  #firstAtMs = 0;
  #lastAtMs = 0;
  #actions = 0;
  #cpu = { user: 0, system: 0 };

  get requests(): number {
    return this.#latenciesMs.length;
  }

  /** @returns whether this completion has opened the window. */
  note(startedAtMs: number, actions: number): boolean {
    const nowMs = performance.now();
    this.#lastAtMs = nowMs;
    if (this.#firstAtMs === 0) {
      // It says when counting begins; what led up to it is not counted.
      this.#firstAtMs = nowMs;
      this.#cpu = process.cpuUsage();
      return true;
    }
    this.#actions += actions;
    this.#latenciesMs.push(nowMs - startedAtMs);
    return false;
  }

  result(turns: number): LoadResult {
    const windowMs = this.#lastAtMs - this.#firstAtMs;
    const sorted = Float64Array.from(this.#latenciesMs).sort();
    const percentile = (part: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      actionsPerSecond: (this.#actions / windowMs) * 1_000,
      p50Ms: percentile(0.5),
      p99Ms: percentile(0.99),
      turns,
      ownCores: (user + system) / MICROSECONDS_PER_MS / windowMs,
      windowMs,
    };
  }
}

async function openSinks(request: LoadRequest): Promise<ActionSink[]> {
  if (request.target === 'recorder') {
    const shared = await openRecorderSink(request.databaseUrl, request.tenantId);
    const borrowed: ActionSink = { send: shared.send, close: () => undefined };
    return Array.from({ length: request.callers }, (_, index) => (index === 0 ? shared : borrowed));
  }
  const { ports, apiKey } = request;
  return Promise.all(
    Array.from({ length: request.callers }, (_, index) =>
      HttpSink.open(ports[index % ports.length] ?? 0, apiKey),
    ),
  );
}

async function runLoad(request: LoadRequest): Promise<LoadResult> {
  const sinks = await openSinks(request);
  const { contacts, history, firstTurn, actionsPerRequest } = request;
  const window = new Window();
  const opensAtMs = performance.now() + request.warmUpMs;
  const endsAtMs = opensAtMs + request.windowMs;
  let turn = firstTurn;
  const call = async (sink: ActionSink): Promise<void> => {
    while (performance.now() < endsAtMs || window.requests < REQUESTS_MIN) {
      const startedAtMs = performance.now();
      const first = turn;
      turn += actionsPerRequest;
      const actions = Array.from({ length: actionsPerRequest }, (_, index) =>
        actionOfTurn(first + index, contacts, history),
      );
      await sink.send(actions);
      const nowMs = performance.now();
      if (nowMs < opensAtMs || (nowMs > endsAtMs && window.requests >= REQUESTS_MIN)) continue;
      if (window.note(startedAtMs, actionsPerRequest)) tell({ kind: 'window' });
    }
  };
  try {
    await Promise.all(sinks.map(call));
  } finally {
    for (const sink of sinks) await sink.close();
  }
  return window.result(turn - firstTurn);
}

function tell(message: LoadMessage): void {
  process.send?.(message);
}

process.on('message', (request: LoadRequest) => {
  runLoad(request).then(
    (result) => tell({ kind: 'done', result }),
    (error: unknown) =>
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
