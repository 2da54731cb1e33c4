import { withBenchDatabase } from './ingest/with-bench-database.js';
import { readReadsOptions } from './reads/reads-options.js';
import { renderReads } from './reads/report.js';
import { runReads } from './reads/run-reads.js';
import { writeSection } from './report/performance-page.js';

/** `npm run bench:reads`: reads beside bare SQL and PostGraphile; `-- --help` says what can be asked for. */
async function main(): Promise<void> {
  const options = readReadsOptions(process.argv.slice(2));
  if (!options) return;
  // One process each: what is measured is the work, not who shares it.
  process.env.WORKERS ??= '1';
  await withBenchDatabase(
    async (database) => {
      const text = renderReads(await runReads(database, options), database);
      console.log(`\n${text}`);
      if (options.write) console.log(`Written to ${await writeSection('reads', text)}`);
    },
    { statistics: true },
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
