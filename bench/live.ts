import { readMemory } from './contacts/peak-memory.js';
import { starterModel } from './ingest/bench-models.js';
import type { BenchTenant } from './ingest/bench-tenants.js';
import { fillTenant } from './ingest/fill-tenant.js';
import { type ServerProcess, startServerProcess } from './ingest/server-process.js';
import { withBenchDatabase } from './ingest/with-bench-database.js';
import { leastDisturbed } from './live/least-disturbed.js';
import { readLiveOptions } from './live/live-options.js';
import { type LiveBench, type LiveMeasurement, measureBare, measureProduct } from './live/measure-live.js';
import { type LiveSeries, renderLive } from './live/report.js';
import { writeSection } from './report/performance-page.js';

/** `npm run bench:live`: frames a second beside bare ws, and how long a change takes; `-- --help` says what can be asked for. */
async function main(): Promise<void> {
  const options = readLiveOptions(process.argv.slice(2));
  if (!options) return;
  // Bare ws is one process; sockets beyond the server's bound would be refused.
  process.env.WORKERS ??= '1';
  const connections = String(2 * Math.max(options.sockets, options.latencySockets));
  process.env.WS_CONNECTIONS_MAX = connections;
  process.env.WS_CONNECTIONS_PER_KEY_MAX = connections;
  await withBenchDatabase(async (database) => {
    const tenant = await fillTenant(database.url, {
      name: 'live',
      model: starterModel(),
      contacts: options.contacts,
      history: 2,
      events: false,
    });
    const text = renderLive(await measure({ database, options }, tenant), options, database);
    console.log(`\n${text}`);
    if (options.write) console.log(`Written to ${await writeSection('live', text)}`);
  });
}

async function measure(bench: LiveBench, tenant: BenchTenant): Promise<LiveSeries> {
  const { database, options } = bench;
  const server = await startServerProcess(database.url, null, false);
  const restMib = readMemory(server.pid)?.nowMib ?? null;
  const series: LiveSeries = { latency: [], leftOut: 0, product: [], bare: [], restMib };
  try {
    Object.assign(series, await measureLatency(bench, server, tenant));
    for (let round = 1; round <= options.rounds; round++) {
      const product = await measureProduct(bench, server, tenant, options.sockets);
      series.product.push(shown(`round ${round}, product`, product));
      const bare = await measureBare(bench, options.sockets, product.frameBytes);
      series.bare.push(shown(`round ${round}, bare ws`, bare));
    }
  } finally {
    await server.stop();
  }
  return series;
}

/** Latency has a bound in ms, so a window in which the host gave the processors to others is measured again. */
async function measureLatency(
  bench: LiveBench,
  server: ServerProcess,
  tenant: BenchTenant,
): Promise<Pick<LiveSeries, 'latency' | 'leftOut'>> {
  const { rounds, latencySockets } = bench.options;
  const windows: LiveMeasurement[] = [];
  for (;;) {
    const measured = await measureProduct(bench, server, tenant, latencySockets);
    windows.push(shown(`window ${windows.length + 1}, product`, measured));
    const found = leastDisturbed(windows, rounds);
    if (found) return { latency: found.kept, leftOut: found.leftOut };
  }
}

function shown(name: string, measured: LiveMeasurement): LiveMeasurement {
  const { sockets, framesPerSecond, p50Ms, p99Ms, stolen } = measured;
  const latency = Number.isNaN(p99Ms) ? '' : `, p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`;
  console.log(
    `  ${name}, ${sockets} sockets: ${Math.round(framesPerSecond)} frames/s${latency}, stolen ${(stolen * 100).toFixed(1)} %`,
  );
  return measured;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
