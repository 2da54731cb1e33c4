#!/usr/bin/env node
import process from 'node:process';
import { Command } from 'commander';
import { ConfigError } from '../config.js';
import { describeConfig } from '../describe-config.js';
import { EmbeddedDatabaseError } from '../embedded/embedded-database-error.js';
import { LeadpulseError } from '../errors.js';
import { registerConfigCommand } from './config-command.js';
import { registerKeysCommand } from './keys-command.js';
import { registerMigrateCommand } from './migrate-command.js';
import { registerModelsCommand } from './models/models-command.js';
import { registerSimulateCommand } from './simulate-command.js';
import { registerExportCommand } from './transfer/export-command.js';
import { registerImportCommand } from './transfer/import-command.js';
import { registerVerifyCommand } from './verify-command.js';

const program = new Command('leadpulse')
  .description('Everything about Leadpulse that is not the server; the server is started with npm start.')
  .showHelpAfterError()
  .showSuggestionAfterError()
  .addHelpText('after', `\n${describeConfig()}`);
registerConfigCommand(program);
registerMigrateCommand(program);
registerKeysCommand(program);
registerModelsCommand(program);
registerSimulateCommand(program);
registerImportCommand(program);
registerExportCommand(program);
registerVerifyCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode ??= 1;
}

/** What a user can act on is said plainly; anything else keeps its stack. */
function describeFailure(error: unknown): string {
  if (error instanceof ConfigError)
    return `${error.message}\nSee leadpulse config for what each variable may be.`;
  if (error instanceof EmbeddedDatabaseError || error instanceof LeadpulseError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT') {
    return `The database cannot be reached (${code}): is DATABASE_URL right, and is the server running?`;
  }
  return error.stack ?? error.message;
}
