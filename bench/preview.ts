import { PRESETS } from '../src/scoring/presets.js';
import { openDatabase } from '../src/store/database.js';
import { type BenchDatabase, run } from './ingest/bench-database.js';
import { type BenchTenant, makeTenant } from './ingest/bench-tenants.js';
import { startServerProcess } from './ingest/server-process.js';
import { withBenchDatabase } from './ingest/with-bench-database.js';
import { measurePreview } from './preview/measure-preview.js';
import { previewCases } from './preview/preview-cases.js';
import { type PreviewBenchOptions, readPreviewOptions } from './preview/preview-options.js';
import { type PreviewSeries, renderPreviews } from './preview/report.js';
import { writeSection } from './report/performance-page.js';
import { runSqlPass } from './rescore/sql-pass.js';

/** `npm run bench:preview`: how long a preview of every contact takes; `-- --help` says what can be asked for. */
async function main(): Promise<void> {
  const options = readPreviewOptions(process.argv.slice(2));
  if (!options) return;
  await withBenchDatabase(async (database) => {
    const text = await measure(database, options);
    console.log(`\n${text}`);
    if (options.write) console.log(`Written to ${await writeSection('preview', text)}`);
  });
}

/** @returns the report. */
async function measure(database: BenchDatabase, options: PreviewBenchOptions): Promise<string> {
  const tenant = await fill(database, options);
  await run(database.adminUrl, 'VACUUM ANALYZE');
  await run(database.adminUrl, 'CHECKPOINT');
  const cases = previewCases(tenant.modelId, options.contacts);
  const series: PreviewSeries[] = cases.map(({ name }) => ({ name, rounds: [] }));
  const passes: number[] = [];
  const server = await startServerProcess(database.url, null, true);
  try {
    // What a server does for the first time only is not measured.
    for (const one of cases) await measurePreview(database, server, tenant, one);
    for (let round = 1; round <= options.rounds; round++) {
      passes.push(await runSqlPass(database.url, tenant.tenantId));
      for (const [index, one] of cases.entries()) {
        const measured = await measurePreview(database, server, tenant, one);
        series[index]?.rounds.push(measured);
        console.log(`  round ${round}, ${one.name}: ${JSON.stringify(measured)}`);
      }
    }
  } finally {
    await server.stop();
  }
  return renderPreviews(options, series, passes, database);
}

async function fill(
  database: BenchDatabase,
  { contacts, history }: PreviewBenchOptions,
): Promise<BenchTenant> {
  const startedAtMs = performance.now();
  const pools = { readsMax: 1, writesMax: 1, applicationName: 'leadpulse-bench' };
  const db = await openDatabase({ url: database.url, ...pools });
  try {
    const model = PRESETS.ADVANCED('bench', 'Bench');
    const content = { name: `${contacts} contacts`, model, contacts, history, events: false };
    const tenant = await makeTenant(db, content);
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
    console.log(`${contacts} contacts, ${history} actions each (filled in ${seconds} s)`);
    return tenant;
  } finally {
    await db.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
