import { openDatabase } from '../src/store/database.js';
import { readContactsOptions } from './contacts/contacts-options.js';
import { contactsReport } from './contacts/contacts-report.js';
import { runPages } from './contacts/run-pages.js';
import { runTransfers } from './contacts/run-transfers.js';
import { openBenchDatabase } from './ingest/bench-database.js';
import { starterModel } from './ingest/bench-models.js';
import { makeTenant } from './ingest/bench-tenants.js';
import { startServerProcess } from './ingest/server-process.js';
import { writeSection } from './report/performance-page.js';

/** `npm run bench:contacts`: imports and exports beside COPY, pages beside SQL; `-- --help` says what can be asked for. */
async function main(): Promise<void> {
  const options = readContactsOptions(process.argv.slice(2));
  if (!options) return;
  process.env.WORKERS ??= '1';
  const database = await openBenchDatabase();
  const closers: (() => Promise<unknown>)[] = [() => database.close()];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close().finally(() => process.exit(EXIT_INTERRUPTED)));
  }
  try {
    const db = await openDatabase({
      url: database.url,
      readsMax: 2,
      writesMax: 1,
      applicationName: 'leadpulse-bench',
    });
    closers.push(() => db.close());
    // A database with a tenant is not furnished by the server.
    await makeTenant(db, { name: 'first', model: starterModel(), contacts: 0, history: 0 });
    const server = await startServerProcess(database.url, options.serverEntry, false);
    closers.push(() => server.stop());
    const transfers = options.transfers ? await runTransfers(db, database, server, options.rows) : null;
    const pages = options.pages
      ? await runPages(db, database, server, { contacts: options.pageContacts, requests: options.requests })
      : null;
    const text = contactsReport(database, transfers, pages);
    console.log(`\n${text}`);
    if (options.write) console.log(`Written to ${await writeSection('contacts', text)}`);
  } finally {
    await close();
  }
}

const EXIT_INTERRUPTED = 130;

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
