import process from 'node:process';
import type { Command } from 'commander';
import { showModelDiffs } from './diff-models.js';
import { listModels } from './list-models.js';
import { ModelFolder } from './model-folder.js';
import { ModelServer } from './model-server.js';
import { pullModels } from './pull-models.js';
import { pushModels } from './push-models.js';

/** What `diff` ends with, as the diff of every system does. */
const DIFFERENT_EXIT_CODE = 1;
const TROUBLE_EXIT_CODE = 2;

interface ServerOptions {
  url?: string;
  key?: string;
}

interface FolderOptions extends ServerOptions {
  dir: string;
}

interface PullOptions extends FolderOptions {
  force?: boolean;
}

interface PushFlags extends FolderOptions {
  publish?: boolean;
  message?: string;
  dryRun?: boolean;
  force?: boolean;
}

/** `leadpulse models`: the scoring models of a running server and the files they are kept in. */
export function registerModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('keep scoring models in files: list, pull, push and compare them');
  withServer(models.command('list').description('list the models of the server')).action(
    (options: ServerOptions) => listModels(new ModelServer(options)),
  );
  withFolder(models.command('pull').description('write the published versions into files'))
    .option('--force', 'also over files with edits that were not pushed')
    .action((keys: string[], { dir, force, ...access }: PullOptions) =>
      pullModels(new ModelServer(access), new ModelFolder(dir), keys, force ?? false),
    );
  withFolder(models.command('push').description('publish the files that differ from the server'))
    .option('--publish', 'publish them (what is done anyway)')
    .option('--no-publish', 'make them drafts instead')
    .option('--message <text>', 'why, for the list of changes')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--force', 'also over versions and drafts that were not pulled')
    .action(push);
  withFolder(
    models
      .command('diff')
      .description('show what pushing would change; ends with 0 for nothing, 1 for something, 2 for trouble'),
  )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : TROUBLE_EXIT_CODE))
    .action(diff);
}

function withServer(command: Command): Command {
  return command
    .option('--url <url>', 'address of the API; else what HOST and PORT say')
    .option('--key <key>', 'API key; else LEADPULSE_API_KEY, else BOOTSTRAP_API_KEY');
}

function withFolder(command: Command): Command {
  return withServer(command)
    .argument('[keys...]', 'keys of models; all, when left out')
    .option('--dir <folder>', 'where the files are', 'models');
}

function push(keys: string[], { dir, url, key, ...flags }: PushFlags): Promise<void> {
  const { publish = true, message = null, dryRun = false, force = false } = flags;
  const options = { publish, message, dryRun, force };
  return pushModels(new ModelServer({ url, key }), new ModelFolder(dir), keys, options);
}

async function diff(keys: string[], { dir, ...access }: FolderOptions): Promise<void> {
  try {
    const isDifferent = await showModelDiffs(new ModelServer(access), new ModelFolder(dir), keys);
    if (isDifferent) process.exitCode = DIFFERENT_EXIT_CODE;
  } catch (error) {
    process.exitCode = TROUBLE_EXIT_CODE;
    throw error;
  }
}
