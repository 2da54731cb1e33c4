import { openDatabase } from '../../src/store/database.js';
import { type BenchTenant, makeTenant, type TenantContent } from './bench-tenants.js';

/** Makes a tenant over a connection that is closed again, and says how long that took. */
export async function fillTenant(url: string, content: TenantContent): Promise<BenchTenant> {
  const startedAtMs = performance.now();
  const db = await openDatabase({ url, readsMax: 1, writesMax: 1, applicationName: 'leadpulse-bench' });
  try {
    const tenant = await makeTenant(db, content);
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
    console.log(
      `${content.name}: ${content.contacts} contacts, ${content.history} actions each (filled in ${seconds} s)`,
    );
    return tenant;
  } finally {
    await db.close();
  }
}
