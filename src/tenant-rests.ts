/** Rest of a tenant whose turn failed: this much after the first time, twice as long after each further one. */
const REST_FIRST_MS = 1_000;
const REST_MAX_MS = 60_000;

/** Tenants that a worker leaves alone for a while because serving them failed; the others are served all the same. */
export class TenantRests {
  readonly #resting = new Map<string, { untilMs: number; restMs: number }>();

  isResting(tenantId: string): boolean {
    return (this.#resting.get(tenantId)?.untilMs ?? 0) > Date.now();
  }

  /** Serving it failed. */
  failed(tenantId: string): void {
    const before = this.#resting.get(tenantId);
    const restMs = Math.min(REST_MAX_MS, before ? before.restMs * 2 : REST_FIRST_MS);
    this.#resting.set(tenantId, { untilMs: Date.now() + restMs, restMs });
  }

  /** Serving it went well. */
  served(tenantId: string): void {
    this.#resting.delete(tenantId);
  }
}
