import { openDatabase } from '../../src/store/database.js';
import { starterModel } from '../ingest/bench-models.js';
import { type BenchTenant, makeTenant } from '../ingest/bench-tenants.js';

/** Actions of each contact. */
const HISTORY = 5;

/** A tenant whose scores decay after 30 idle days; nothing falls due for a long time. */
export async function makeDueTenant(
  url: string,
  { name, contacts }: { name: string; contacts: number },
): Promise<BenchTenant> {
  const startedAtMs = performance.now();
  const db = await openDatabase({ url, readsMax: 1, writesMax: 1, applicationName: 'leadpulse-bench' });
  try {
    const tenant = await makeTenant(db, {
      name,
      model: starterModel(),
      contacts,
      history: HISTORY,
      events: false,
    });
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
    console.log(`${name} (filled in ${seconds} s)`);
    return tenant;
  } finally {
    await db.close();
  }
}
