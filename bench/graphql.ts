import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type GraphqlOptions, readGraphqlOptions } from './graphql/graphql-options.js';
import { MeasuredServer } from './graphql/measured-server.js';
import { type GraphqlSeries, renderGraphql } from './graphql/report.js';
import { LoadRunner } from './ingest/load-runner.js';
import { summariseProfile } from './ingest/profile-summary.js';
import { type Measurement, Series } from './ingest/series.js';
import type { CpuProfile } from './ingest/server-profiler.js';
import { writeSection } from './report/performance-page.js';

const CONTACTS = 10_000;
const US_PER_MS = 1_000;
const FUNCTIONS_SHOWN = 60;
const HERE = path.join(import.meta.dirname, 'graphql');

/** `npm run bench:graphql`: what stands before the database; `-- --help` says what can be asked for. */
async function main(): Promise<void> {
  const options = readGraphqlOptions(process.argv.slice(2));
  if (!options) return;
  const runner = await LoadRunner.start();
  try {
    const text = renderGraphql(await compare(options, runner), options);
    console.log(`\n${text}`);
    if (options.write) console.log(`Written to ${await writeSection('graphql', text)}`);
    if (options.profileDir !== null) await profile(options, options.profileDir, runner);
  } finally {
    await runner.stop();
  }
}

async function compare(options: GraphqlOptions, runner: LoadRunner): Promise<GraphqlSeries> {
  const series: GraphqlSeries = {
    product: new Series('product'),
    mercurius: new Series('mercurius with JIT'),
    bare: new Series('bare fastify'),
    before: options.before === null ? null : new Series('product before'),
  };
  const files: [Series | null, string][] = [
    [series.bare, path.join(HERE, 'bare-server.js')],
    [series.mercurius, path.join(HERE, 'mercurius-server.js')],
    [series.product, path.join(HERE, 'product-server.js')],
    [series.before, options.before ?? ''],
  ];
  const servers: [Series, MeasuredServer][] = [];
  try {
    for (const [one, file] of files) if (one) servers.push([one, await MeasuredServer.start(file)]);
    // Once for the compilers.
    for (const [, server] of servers) await measure(options, runner, server);
    for (let round = 1; round <= options.rounds; round++) {
      for (const [one, server] of servers) {
        const measured = await measure(options, runner, server);
        one.rounds.push(measured);
        console.log(`  round ${round}, ${one.name}: ${measured.actionsPerSecond.toFixed(0)}/s`);
      }
    }
  } finally {
    for (const [, server] of servers) await server.stop();
  }
  return series;
}

async function measure(
  { connections, warmUpMs, windowMs }: GraphqlOptions,
  runner: LoadRunner,
  server: MeasuredServer,
): Promise<Measurement> {
  let before = Promise.resolve(0);
  const result = await runner.run(
    {
      target: 'server',
      ports: [server.port],
      databaseUrl: '',
      tenantId: '',
      apiKey: 'lp_bench_key',
      contacts: CONTACTS,
      history: 0,
      firstTurn: 0,
      callers: connections,
      actionsPerRequest: 1,
      warmUpMs,
      windowMs,
    },
    () => {
      before = server.cpu();
    },
  );
  const used = (await server.cpu()) - (await before);
  const { actionsPerSecond, p50Ms, p99Ms, ownCores } = result;
  const cores = { server: used / US_PER_MS / result.windowMs, database: 0, load: ownCores };
  return { actionsPerSecond, p50Ms, p99Ms, cores };
}

/** The product's server once more, from its start on; prints where its time goes. */
async function profile(options: GraphqlOptions, dir: string, runner: LoadRunner): Promise<void> {
  await mkdir(dir, { recursive: true });
  const present = new Set(await readdir(dir));
  const switches = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', dir];
  const server = await MeasuredServer.start(path.join(HERE, 'product-server.js'), switches);
  try {
    await measure(options, runner, server);
  } finally {
    await server.stop();
  }
  const file = (await readdir(dir)).find((name) => name.endsWith('.cpuprofile') && !present.has(name));
  if (file === undefined) throw new Error('the server has left no profile');
  const text = await readFile(path.join(dir, file), 'utf8');
  const summary = summariseProfile(JSON.parse(text) as CpuProfile, FUNCTIONS_SHOWN);
  console.log(`\n${path.join(dir, file)}, without ${summary.idlePercent.toFixed(0)} % of idling:`);
  for (const { name, percent } of [...summary.parts, ...summary.functions])
    console.log(`  ${percent.toFixed(1).padStart(5)} %  ${name}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
