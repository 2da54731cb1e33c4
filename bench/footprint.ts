import { parseArgs } from 'node:util';
import { type Footprint, measureFootprint } from './footprint/measure-footprint.js';
import { starterModel } from './ingest/bench-models.js';
import { fillTenant } from './ingest/fill-tenant.js';
import { startServerProcess } from './ingest/server-process.js';
import { withBenchDatabase } from './ingest/with-bench-database.js';

/** `npm run bench:footprint`: bytes on disk and of log for each action. Takes `--contacts N` and `--laps N`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      contacts: { type: 'string', default: '100000' },
      laps: { type: 'string', default: '5' },
    },
  });
  const [contacts, laps] = [Number(values.contacts), Number(values.laps)];
  if (!(contacts >= 1) || !(laps >= 2)) throw new Error('--contacts takes 1 or more, --laps 2 or more');
  for (const keys of [false, true]) {
    await withBenchDatabase(async (database) => {
      const content = { name: 'footprint', model: starterModel(), contacts, history: 0 };
      const tenant = await fillTenant(database.url, content);
      const server = await startServerProcess(database.url, null, false);
      try {
        const footprint = await measureFootprint(database, server.port, tenant, { laps, keys });
        console.log(`\n${keys ? 'With' : 'Without'} idempotency keys:\n\n${render(footprint)}`);
      } finally {
        await server.stop();
      }
    });
  }
}

function render({ actions, tables, walFirstLap, walLaterLaps, seconds }: Footprint): string {
  const grown = tables.filter(({ rows, indexes }) => rows + indexes >= 1);
  const lines = grown.map(
    ({ name, rows, indexes }) => `| ${name} | ${rows.toFixed(0)} | ${indexes.toFixed(0)} |`,
  );
  return [
    '| table | rows, bytes an action | indexes |',
    '| --- | --- | --- |',
    ...lines,
    '',
    `Log: ${walFirstLap.toFixed(0)} bytes an action in the first lap after a checkpoint, ${walLaterLaps.toFixed(0)} in later ones.`,
    `${actions} actions in ${seconds.toFixed(0)} s.`,
  ].join('\n');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
