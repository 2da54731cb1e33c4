import { expect, test } from 'vitest';
import type { Viewer } from '../../src/access/viewer.js';
import { type Identified, ViewerCache } from '../../src/access/viewer-cache.js';

const viewer: Viewer = { tenantId: 't', tenantName: 'T', role: 'VIEWER', keyId: 'k', name: 'n' };
const found: Identified = { viewer, expiresAtMs: null };

test('requests share a look-up for 5 seconds, and not longer', async () => {
  const cache = new ViewerCache();
  let reads = 0;
  const find = async () => {
    reads += 1;
    return found;
  };
  await Promise.all([cache.get('h', 0, find), cache.get('h', 0, find), cache.get('h', 4_999, find)]);
  expect(reads).toBe(1);
  await cache.get('h', 5_000, find);
  expect(reads).toBe(2);
});

test('misses, errors and revoked keys are looked up again', async () => {
  const cache = new ViewerCache();
  expect(await cache.get('h', 0, async () => null)).toBeNull();
  await expect(cache.get('h', 0, async () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await cache.get('h', 0, async () => found)).toBe(found);
  cache.forgetKey('k');
  await Promise.resolve();
  expect(await cache.get('h', 0, async () => null)).toBeNull();
});
