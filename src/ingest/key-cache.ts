import type { KeyText } from './batch-keys.js';

/** Keys remembered in all, about 200 bytes each; over it everything is forgotten. */
const KEYS_MAX = 200_000;

interface TenantKeys {
  epoch: number;
  ids: Map<KeyText, string>;
}

/**
 * Where keys led in committed batches: spares a lookup, and a round trip where every key of a batch is known. What is
 * remembered holds for one epoch of the tenant: whatever lets an identity lead elsewhere raises the epoch in the same
 * transaction, and a batch of an older epoch does not commit. A contact that is gone is not locked, and its keys are
 * forgotten then.
 */
export class KeyCache {
  readonly #tenants = new Map<string, TenantKeys>();
  #size = 0;

  /** The contact id behind a key, when it is remembered. */
  get(tenantId: string, epoch: number, key: KeyText): string | undefined {
    const known = this.#tenants.get(tenantId);
    return known?.epoch === epoch ? known.ids.get(key) : undefined;
  }

  /** Remembers where a key led in a transaction of that epoch, after its commit. */
  set(tenantId: string, epoch: number, key: KeyText, contactId: string): void {
    if (this.#size >= KEYS_MAX) {
      this.#tenants.clear();
      this.#size = 0;
    }
    let known = this.#tenants.get(tenantId);
    if (known?.epoch !== epoch) {
      this.#size -= known?.ids.size ?? 0;
      known = { epoch, ids: new Map() };
      this.#tenants.set(tenantId, known);
    }
    const before = known.ids.size;
    known.ids.set(key, contactId);
    this.#size += known.ids.size - before;
  }

  /** Forgets a key: its contact could not be locked, so it may be gone. */
  forget(tenantId: string, key: KeyText): void {
    if (this.#tenants.get(tenantId)?.ids.delete(key)) this.#size--;
  }
}
