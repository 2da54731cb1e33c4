import { LeadpulseError } from '../../errors.js';
import type { Database } from '../../store/database.js';
import { tenantTransaction } from '../../store/tenant-scope.js';

/** An operation of many items under one idempotency key. */
export interface Claim {
  tenantId: string;
  key: string;
  requestHash: Uint8Array;
}

type Stored<T> = { state: 'BEGUN' } | { state: 'DONE'; answer: T };

/**
 * Puts the key down before the operation begins. When the process dies in between, the same call goes on with it: its items
 * carry keys of their own and are counted once.
 * @returns the answer, when the operation had been finished before; else null.
 * @throws LeadpulseError IDEMPOTENCY_MISMATCH when the key belongs to another request.
 */
export async function claimOperation<T>(db: Database, claim: Claim): Promise<T | null> {
  return tenantTransaction(db, claim.tenantId, async (manager) => {
    const begun: Stored<T> = { state: 'BEGUN' };
    await manager.query(
      `INSERT INTO idempotency_keys (tenant_id, key, request_hash, result, created_at)
       VALUES ($1, $2, $3, $4, now()) ON CONFLICT DO NOTHING`,
      [claim.tenantId, claim.key, claim.requestHash, JSON.stringify(begun)],
    );
    const [row] = await manager.query<{ request_hash: Buffer; result: string }[]>(
      'SELECT request_hash, result FROM idempotency_keys WHERE tenant_id = $1 AND key = $2',
      [claim.tenantId, claim.key],
    );
    if (!row) return null;
    if (!row.request_hash.equals(claim.requestHash)) {
      const message = 'This idempotency key was used for another request; use a new key for new content.';
      throw new LeadpulseError('IDEMPOTENCY_MISMATCH', message);
    }
    const stored = JSON.parse(row.result) as Stored<T>;
    return stored.state === 'DONE' ? stored.answer : null;
  });
}

/** Stores the answer that the same call gets from now on. */
export async function finishOperation<T>(db: Database, claim: Claim, answer: T): Promise<void> {
  const done: Stored<T> = { state: 'DONE', answer };
  await tenantTransaction(db, claim.tenantId, (manager) =>
    manager.query('UPDATE idempotency_keys SET result = $3 WHERE tenant_id = $1 AND key = $2', [
      claim.tenantId,
      claim.key,
      JSON.stringify(done),
    ]),
  );
}
