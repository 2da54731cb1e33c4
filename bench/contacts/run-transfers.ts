import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/store/database.js';
import { type BenchDatabase, run } from '../ingest/bench-database.js';
import { starterModel } from '../ingest/bench-models.js';
import { makeTenant } from '../ingest/bench-tenants.js';
import type { ServerProcess } from '../ingest/server-process.js';
import { copyIn, copyOut, seconds } from './bare-copy.js';
import { writeContactFile } from './contact-file.js';
import { readMemory } from './peak-memory.js';
import { receiveContacts, sendContacts } from './transfer-client.js';

/** Seconds of each way, and memory. */
export interface TransferResults {
  rows: number;
  fileMb: number;
  copyInSeconds: number;
  importSeconds: number;
  repeatSeconds: number;
  /** Of the server, when the import was done; null where it cannot be read. */
  importPeakMib: number | null;
  startMib: number | null;
  copyOutSeconds: number;
  exportSeconds: { csv: number; jsonl: number };
  exportPeakMib: number | null;
}

/** Imports a file into an empty tenant and exports it again, beside COPY of the same rows. */
export async function runTransfers(
  db: Database,
  database: BenchDatabase,
  server: ServerProcess,
  rows: number,
): Promise<TransferResults> {
  const folder = await mkdtemp(path.join(tmpdir(), 'leadpulse-bench-files-'));
  // PostgreSQL reads from and writes to it as another user.
  await chmod(folder, 0o777);
  try {
    const file = path.join(folder, 'contacts.csv');
    const bytes = await writeContactFile(file, rows);
    const tenant = await makeTenant(db, { name: 'import', model: starterModel(), contacts: 0, history: 0 });
    const startMib = readMemory(server.pid)?.nowMib ?? null;
    console.log(`  COPY of ${rows} rows`);
    const copyInSeconds = await copyIn(database.adminUrl, file);
    console.log(`  import of ${rows} rows`);
    const importSeconds = await seconds(async () => {
      const { recorded, created } = await sendContacts(server, tenant.apiKey, file, bytes);
      if (recorded !== rows || created !== rows)
        throw new Error(`${recorded} rows recorded, ${created} created`);
    });
    const importPeakMib = readMemory(server.pid)?.peakMib ?? null;
    await run(database.adminUrl, 'VACUUM ANALYZE');
    console.log('  export');
    const copyOutSeconds = await copyOut(database.adminUrl, tenant.tenantId, path.join(folder, 'copy.csv'));
    const csv = await seconds(() => receiveContacts(server, tenant.apiKey, 'csv'));
    const jsonl = await seconds(() => receiveContacts(server, tenant.apiKey, 'jsonl'));
    const exportPeakMib = readMemory(server.pid)?.peakMib ?? null;
    console.log('  the same file again');
    const repeatSeconds = await seconds(async () => {
      const { duplicates } = await sendContacts(server, tenant.apiKey, file, bytes);
      if (duplicates !== rows) throw new Error(`${duplicates} duplicates`);
    });
    return {
      rows,
      fileMb: bytes / 1e6,
      copyInSeconds,
      importSeconds,
      repeatSeconds,
      importPeakMib,
      startMib,
      copyOutSeconds,
      exportSeconds: { csv, jsonl },
      exportPeakMib,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
