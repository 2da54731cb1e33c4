import 'reflect-metadata';
import process from 'node:process';
import { type Config, ConfigError, loadConfig } from './config.js';
import { startEmbeddedDatabase } from './embedded/embedded-database.js';
import { createLog, type Log } from './log.js';
import type { Bootstrapped } from './server/bootstrap.js';
import { startServer } from './server/start-server.js';
import { welcome } from './server/welcome.js';
import { announceReady, isWorker, startWorkers } from './server/worker-pool.js';
import { onStopSignal } from './stop-signals.js';

const MS_PER_SECOND = 1_000;

/** What serves: this process, or the workers it has started. */
interface Serving {
  url: string;
  bootstrapped: Bootstrapped | null;
  stop(): Promise<void>;
}

/** Configuration, database, server; the same in reverse on the way down. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel);
  const embedded =
    config.databaseUrl === null ? await startEmbeddedDatabase({ dataDir: config.dataDir, log }) : null;
  const databaseUrl = config.databaseUrl ?? embedded?.url ?? '';
  const stop = async (code: number, serving: Serving | null) => {
    await serving?.stop();
    await embedded?.stop();
    process.exit(code);
  };
  const giveUp = () => void stop(1, null);
  const serving = await serve(config, databaseUrl, log, giveUp).catch(async (error: unknown) => {
    await embedded?.stop();
    throw error;
  });
  onStopSignal(async (signal) => {
    log.info({ signal }, 'stopping');
    await stop(0, serving);
  });
  const { url, bootstrapped } = serving;
  if (isWorker()) announceReady(url, bootstrapped);
  else process.stdout.write(`${welcome(url, bootstrapped, process.uptime() * MS_PER_SECOND)}\n`);
  log.info({ url, database: embedded ? 'embedded' : 'external' }, 'listening');
}

function serve(config: Config, databaseUrl: string, log: Log, giveUp: () => void): Promise<Serving> {
  if (config.workers === 1 || isWorker()) return startServer(config, databaseUrl, log);
  const env = { DATABASE_URL: databaseUrl, SAMPLE_DATA: config.sampleData ? 'on' : 'off' };
  return startWorkers(config.workers, env, log, giveUp);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ConfigError ? '\nAll variables: npx leadpulse config' : '';
  process.stderr.write(`\nLeadpulse could not start.\n${message}${hint}\n\n`);
  process.exit(1);
});
