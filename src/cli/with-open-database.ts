import { loadConfig } from '../config.js';
import { LeadpulseError } from '../errors.js';
import { createLog } from '../log.js';
import { type Database, openDatabase } from '../store/database.js';
import { withDatabase } from './with-database.js';

const UNDEFINED_TABLE = '42P01';
const READS_MAX = 2;

/**
 * Runs `work` with the configured database open, for commands that read or change rows.
 * @throws LeadpulseError NOT_FOUND when the database was never migrated.
 */
export async function withOpenDatabase(name: string, work: (db: Database) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  await withDatabase(config, log, async (url) => {
    const options = { url, readsMax: READS_MAX, writesMax: 1, applicationName: `leadpulse-${name}` };
    const db = await openDatabase(options).catch(explain);
    try {
      await work(db);
    } finally {
      await db.close();
    }
  });
}

function explain(error: unknown): never {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (code !== UNDEFINED_TABLE) throw error;
  const message = 'The database is empty: start the server once (npm start), or run `leadpulse migrate`.';
  throw new LeadpulseError('NOT_FOUND', message);
}
