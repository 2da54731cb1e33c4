import { PRESETS } from '../src/scoring/presets.js';
import { type BenchDatabase, run } from './ingest/bench-database.js';
import { fillTenant } from './ingest/fill-tenant.js';
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
  const tenant = await fillTenant(database.url, {
    name: 'preview',
    model: PRESETS.ADVANCED('bench', 'Bench'),
    contacts: options.contacts,
    history: options.history,
    events: false,
  });
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

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
