import type { Config } from '../config.js';
import { startEmbeddedDatabase } from '../embedded/embedded-database.js';
import type { Log } from '../log.js';

/**
 * Runs `work` with the address of the configured database. The embedded one is started when it does not run yet, and stopped
 * afterwards when nobody else uses it.
 */
export async function withDatabase<T>(
  config: Config,
  log: Log,
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (config.databaseUrl !== null) return work(config.databaseUrl);
  const embedded = await startEmbeddedDatabase({ dataDir: config.dataDir, log });
  try {
    return await work(embedded.url);
  } finally {
    await embedded.stop();
  }
}
