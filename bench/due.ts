import { readDueOptions } from './due/due-options.js';
import { type DueCase, type DueSeries, measureDue } from './due/measure-due.js';
import { renderDue } from './due/report.js';
import type { BenchDatabase } from './ingest/bench-database.js';
import { starterModel } from './ingest/bench-models.js';
import { fillTenant } from './ingest/fill-tenant.js';
import { startServerProcess } from './ingest/server-process.js';
import { waitForSegments } from './ingest/wait-for-segments.js';
import { withBenchDatabase } from './ingest/with-bench-database.js';
import { whole } from './report/markdown.js';
import { writeSection } from './report/performance-page.js';

/** Actions of each contact. */
const HISTORY = 5;

/** `npm run bench:due`: what it costs to let time pass; `-- --help` says what can be asked for. */
async function main(): Promise<void> {
  const options = readDueOptions(process.argv.slice(2));
  if (!options) return;
  // One process: what is measured is the work, not who shares it.
  process.env.WORKERS ??= '1';
  const { contacts, due, rounds } = options;
  const sizes = [due, Math.max(due, Math.round(contacts / 10)), contacts];
  const cases: DueCase[] = sizes.map((size) => ({
    name: `${whole(due)} of ${whole(size)} contacts`,
    contacts: size,
    due,
  }));
  await withBenchDatabase(async (database) => {
    const series: DueSeries[] = [];
    for (const one of cases) series.push(await measure(database, one, rounds));
    const text = renderDue(series, database);
    console.log(`\n${text}`);
    if (options.write) console.log(`Written to ${await writeSection('due', text)}`);
  });
}

async function measure(database: BenchDatabase, one: DueCase, rounds: number): Promise<DueSeries> {
  const { name, contacts } = one;
  // Scores decay after 30 idle days: nothing falls due for a long time.
  const content = { name, model: starterModel(), contacts, history: HISTORY, events: false };
  const tenant = await fillTenant(database.url, content);
  const server = await startServerProcess(database.url, null, false);
  const series: DueSeries = { ...one, rounds: [] };
  try {
    await waitForSegments(database.adminUrl);
    for (let round = 1; round <= rounds; round++) {
      const measured = await measureDue(database, server, tenant, one);
      series.rounds.push(measured);
      console.log(`  round ${round}: ${JSON.stringify(measured)}`);
    }
  } finally {
    await server.stop();
  }
  return series;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
