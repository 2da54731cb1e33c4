import process from 'node:process';
import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import { createLog } from '../log.js';
import { createDataSource } from '../store/data-source.js';
import { withDatabase } from './with-database.js';

/** `leadpulse migrate`: brings the database to this version's tables. */
export function registerMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description("bring the database to this version's tables; does nothing when it is there already")
    .action(async () => {
      const config = loadConfig(process.env);
      const applied = await withDatabase(config, createLog(config.logLevel), applyMigrations);
      console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`);
    });
}

/** Applies what is missing, each migration in a transaction of its own; answers with their names. */
async function applyMigrations(url: string): Promise<string[]> {
  const source = createDataSource(url, { poolMax: 2, applicationName: 'leadpulse-migrate' });
  await source.initialize();
  try {
    const migrations = await source.runMigrations({ transaction: 'each' });
    return migrations.map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}
