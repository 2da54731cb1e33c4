import { readBenchOptions } from './ingest/bench-options.js';
import { BenchSession } from './ingest/bench-session.js';
import { renderReport } from './ingest/report.js';
import { runComparison } from './ingest/run-comparison.js';
import { runProfile } from './ingest/run-profile.js';
import { runScaling } from './ingest/run-scaling.js';
import { writeSection } from './report/performance-page.js';

/** `npm run bench:ingest`: actions a second beside the yardsticks; `-- --help` says what can be asked for. */
const EXIT_INTERRUPTED = 130;

async function main(): Promise<void> {
  const options = readBenchOptions(process.argv.slice(2));
  if (!options) return;
  const session = await BenchSession.open(options);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void session.close().finally(() => process.exit(EXIT_INTERRUPTED)));
  }
  try {
    if (options.profileDir !== null) return await runProfile(session, options.profileDir);
    const comparison = options.comparison ? await runComparison(session) : null;
    const scaling = options.scaling ? await runScaling(session) : null;
    const text = renderReport(session, { comparison, scaling });
    console.log(`\n${text}`);
    if (options.write) console.log(`Written to ${await writeSection('ingest', text)}`);
  } finally {
    await session.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
