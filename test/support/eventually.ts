import { vi } from 'vitest';

/** A guard against a hang, far beyond what anything takes. */
const GIVE_UP_MS = 30_000;

/** Waits until `check` no longer throws. */
export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: GIVE_UP_MS, interval: 10 });
}
