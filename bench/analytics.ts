import { totalmem } from 'node:os';
import { type AnalyticsOptions, readAnalyticsOptions } from './analytics/analytics-options.js';
import { fillTimelines, type ReportTenant } from './analytics/fill-timelines.js';
import { type KeepingMeasurement, measureKeeping, measurePass } from './analytics/measure-keeping.js';
import { measureReports } from './analytics/measure-reports.js';
import { type AnalyticsFindings, renderAnalytics } from './analytics/report.js';
import { type BenchDatabase, run } from './ingest/bench-database.js';
import { startServerProcess } from './ingest/server-process.js';
import { waitForSegments } from './ingest/wait-for-segments.js';
import { withBenchDatabase } from './ingest/with-bench-database.js';
import { writeSection } from './report/performance-page.js';
import { ask } from './rescore/graphql.js';

/** Actions a second beyond what facts can follow. */
const FLOOD_TIMES = 10;
/**
 * As PostgreSQL's manual advises (Resource Consumption). Tables larger than a quarter of the buffers are read past them, through a ring
 * of 256 KiB, each time: with 1 GB reports of a million contacts take 10 to 30 % longer.
 */
const QUARTER_OF_MEMORY = { sharedBuffers: `${Math.round(totalmem() / 4 / 2 ** 20)}MB` };
const EXPERIMENT = `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { experiment { id } } }`;

/** `npm run bench:analytics`: what reports take, and how their facts are kept; `-- --help` says what can be asked for. */
async function main(): Promise<void> {
  const options = readAnalyticsOptions(process.argv.slice(2));
  if (!options) return;
  process.env.WORKERS ??= '1';
  await withBenchDatabase(async (database) => {
    const tenant = await fillTimelines(database.url, options);
    await run(database.adminUrl, 'VACUUM ANALYZE');
    const text = renderAnalytics(await measure(database, tenant, options), options, database);
    console.log(`\n${text}`);
    if (options.write) console.log(`Written to ${await writeSection('analytics', text)}`);
  }, QUARTER_OF_MEMORY);
}

async function measure(
  database: BenchDatabase,
  tenant: ReportTenant,
  { rounds, seconds, actionsPerSecond }: AnalyticsOptions,
): Promise<AnalyticsFindings> {
  const server = await startServerProcess(database.url, null, false);
  try {
    const pass = await measurePass(server, tenant);
    console.log(`  facts: ${JSON.stringify(pass)}`);
    await waitForSegments(database.adminUrl);
    await startExperiment(server.port, tenant, database);
    await run(database.adminUrl, 'VACUUM ANALYZE');
    const times = await measureReports(database.url, server.port, tenant, rounds);
    const keeping: KeepingMeasurement[] = [];
    for (const rate of [actionsPerSecond, FLOOD_TIMES * actionsPerSecond]) {
      const measured = await measureKeeping(database, server, tenant, rate, seconds);
      console.log(`  keeping: ${JSON.stringify(measured)}`);
      keeping.push(measured);
    }
    return { times, pass, keeping };
  } finally {
    await server.stop();
  }
}

/** One that began a year ago. */
async function startExperiment(port: number, tenant: ReportTenant, database: BenchDatabase): Promise<void> {
  const arms = ['today', 'sooner'].map((key, index) => ({
    key,
    name: key,
    modelId: tenant.modelId,
    threshold: index === 0 ? 50 : 30,
  }));
  const input = { key: 'bench', name: 'Bench', arms, expectedRate: 0.02 };
  await ask(port, tenant.apiKey, EXPERIMENT, { input });
  await run(
    database.adminUrl,
    `UPDATE experiments SET started_at = now() - interval '365 days' WHERE tenant_id = '${tenant.tenantId}'`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
