import { type BenchDatabase, run } from './ingest/bench-database.js';
import { starterModel } from './ingest/bench-models.js';
import { fillTenant } from './ingest/fill-tenant.js';
import { startServerProcess } from './ingest/server-process.js';
import { withBenchDatabase } from './ingest/with-bench-database.js';
import { writeSection } from './report/performance-page.js';
import { measureRescore, memoryOf } from './rescore/measure-rescore.js';
import { type RescoreSeries, renderRescoring } from './rescore/report.js';
import { type RescoreBenchOptions, readRescoreOptions } from './rescore/rescore-options.js';
import { runSqlPass } from './rescore/sql-pass.js';

/** `npm run bench:rescore`: contacts rescored a second beside one SQL pass; `-- --help` says what can be asked for. */
async function main(): Promise<void> {
  const options = readRescoreOptions(process.argv.slice(2));
  if (!options) return;
  await withBenchDatabase(async (database) => {
    const series: RescoreSeries[] = [];
    for (const contacts of options.contacts) series.push(await measure(database, contacts, options));
    const text = renderRescoring(series, database);
    console.log(`\n${text}`);
    if (options.write) console.log(`Written to ${await writeSection('rescore', text)}`);
  });
}

async function measure(
  database: BenchDatabase,
  contacts: number,
  { history, rounds, segments }: RescoreBenchOptions,
): Promise<RescoreSeries> {
  const tenant = await fillTenant(database.url, {
    name: 'rescore',
    model: starterModel(),
    contacts,
    history,
    events: false,
  });
  if (!segments) await run(database.adminUrl, `DELETE FROM segments WHERE tenant_id = '${tenant.tenantId}'`);
  // A process of its own for each size: its peak memory is that of this size.
  const server = await startServerProcess(database.url, null, true);
  const restMiB = memoryOf(server.pid, 'VmRSS');
  const series: RescoreSeries = { contacts, history, passes: [], restMiB, rescores: [] };
  try {
    for (let round = 1; round <= rounds; round++) {
      await run(database.adminUrl, 'VACUUM ANALYZE');
      await run(database.adminUrl, 'CHECKPOINT');
      const pass = await runSqlPass(database.url, tenant.tenantId);
      const rescore = await measureRescore(database, server, tenant);
      series.passes.push(pass);
      series.rescores.push(rescore);
      console.log(
        `  round ${round}: SQL pass ${pass.toFixed(2)} s, rescoring ${rescore.seconds.toFixed(2)} s, ${JSON.stringify(rescore)}`,
      );
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
