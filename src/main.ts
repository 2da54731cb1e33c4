import 'reflect-metadata';
import process from 'node:process';
import { type Config, ConfigError, loadConfig } from './config.js';
import { startEmbeddedDatabase } from './embedded/embedded-database.js';
import { createLog, type Log } from './log.js';
import { startServer } from './server/start-server.js';
import { welcome } from './server/welcome.js';
import { onStopSignal } from './stop-signals.js';

const MS_PER_SECOND = 1_000;

/** Configuration, database, server; the same in reverse on the way down. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel);
  const embedded =
    config.databaseUrl === null ? await startEmbeddedDatabase({ dataDir: config.dataDir, log }) : null;
  const url = config.databaseUrl ?? embedded?.url ?? '';
  let stopping = false;
  const server = await startServer(config, url, log).catch(async (error: unknown) => {
    await embedded?.stop();
    throw error;
  });
  onStopSignal(async (signal) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    await server.stop();
    await embedded?.stop();
    log.info('stopped');
    process.exit(0);
  });
  process.stdout.write(`${welcome(server.url, server.bootstrapped, process.uptime() * MS_PER_SECOND)}\n`);
  logStart(log, config, server.url);
}

function logStart(log: Log, config: Config, url: string): void {
  log.info({ url, database: config.databaseUrl === null ? 'embedded' : 'external' }, 'listening');
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ConfigError ? '\nAll variables: npx leadpulse config' : '';
  process.stderr.write(`\nLeadpulse could not start.\n${message}${hint}\n\n`);
  process.exit(1);
});
