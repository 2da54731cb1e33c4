import { type BenchDatabase, type BenchDatabaseOptions, openBenchDatabase } from './bench-database.js';

const EXIT_INTERRUPTED = 130;

/** Runs a measurement on a database of its own, which is closed afterwards, also when the run is interrupted. */
export async function withBenchDatabase(
  work: (database: BenchDatabase) => Promise<void>,
  options: BenchDatabaseOptions = {},
): Promise<void> {
  const database = await openBenchDatabase(options);
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= database.close();
    return closing;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close().finally(() => process.exit(EXIT_INTERRUPTED)));
  }
  try {
    await work(database);
  } finally {
    await close();
  }
}
