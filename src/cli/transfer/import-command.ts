import { createWriteStream } from 'node:fs';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { onStopSignal } from '../../stop-signals.js';
import type { GivenMapping, ImportKind, ImportRequest } from '../../transfer/import-request.js';
import { showProgress } from './import-progress.js';
import { describeCounts, describeFaults, describeLayout } from './import-report.js';
import { openSource, type SourceFile } from './source-file.js';
import { type ImportStatus, TransferServer } from './transfer-server.js';
import { uploadFile } from './upload-file.js';

/** Some rows were refused; the others were recorded. */
const EXIT_REJECTED = 2;
const EXIT_INTERRUPTED = 130;
const DELIMITER_NAMES: Record<string, string> = { comma: ',', semicolon: ';', tab: '\t', bar: '|' };

interface ImportFlags {
  url?: string;
  key?: string;
  map?: GivenMapping[];
  format?: 'csv' | 'jsonl';
  delimiter?: string;
  type?: string;
  onConflict?: 'REJECT' | 'MERGE';
  emptyRemoves?: boolean;
  dryRun?: boolean;
  faults?: string;
}

/** `leadpulse import contacts|actions FILE|-`: records the rows of a file through a running server. */
export function registerImportCommand(program: Command): void {
  const command = program.command('import').description('record the rows of a CSV or JSON Lines file');
  const contacts = fileCommand(command, 'contacts', 'create contacts and change their attributes').option(
    '--empty-removes',
    'empty cells remove the attribute instead of leaving it',
  );
  contacts.action((file: string, flags: ImportFlags) => importFile('CONTACTS', file, flags));
  const actions = fileCommand(command, 'actions', 'record actions').option(
    '--type <type>',
    'type of the actions that have none of their own',
  );
  actions.action((file: string, flags: ImportFlags) => importFile('ACTIONS', file, flags));
}

function fileCommand(command: Command, name: string, description: string): Command {
  return command
    .command(name)
    .description(`${description}; the same file twice adds nothing, an interrupted one goes on`)
    .argument('<file>', 'the file, or - for standard input')
    .option('--url <url>', 'address of the API; that of HOST and PORT, when left out')
    .option('--key <key>', 'API key; else LEADPULSE_API_KEY, else BOOTSTRAP_API_KEY')
    .option(
      '--map <column=target>',
      "where a column goes, such as 'Customer=externalId'; repeat it",
      addMapping,
    )
    .addOption(new Option('--format <format>', 'told from the file, when left out').choices(['csv', 'jsonl']))
    .option('--delimiter <character>', 'one character, or comma, semicolon, tab, bar', delimiterOf)
    .option('--on-conflict <policy>', 'REJECT or MERGE rows whose keys belong to several contacts', policyOf)
    .option('--dry-run', 'check every row, show the mapping and the first faults, record nothing')
    .option('--faults <file>', 'where refused rows go; beside the file, when left out');
}

async function importFile(kind: ImportKind, file: string, flags: ImportFlags): Promise<void> {
  const server = new TransferServer(flags);
  const source = await openSource(file, process.stdin);
  try {
    const request = requestOf(kind, source, flags);
    const begun = await server.createImport(request);
    if (begun.resumed && begun.import.rows > 0) {
      console.log(`Going on behind row ${begun.import.rows}.`);
    }
    const status = await upload(server, source, begun.import);
    if (!status) return;
    report(status, request);
    if (status.rejected > 0) await saveFaults(server, status, flags.faults ?? faultsPathOf(file, status));
  } finally {
    await source.close();
  }
}

/** The import when it is done; null when it was interrupted from the keyboard. */
async function upload(
  server: TransferServer,
  file: SourceFile,
  from: ImportStatus,
): Promise<ImportStatus | null> {
  const stop = new AbortController();
  onStopSignal(async () => stop.abort());
  const endProgress = showProgress(() => server.status(from.id), file.bytes, process.stderr);
  const onLost = (reason: string) => console.error(`\nThe upload was interrupted (${reason}); going on.`);
  try {
    return await uploadFile({ server, file, from, signal: stop.signal, onLost });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error('\nInterrupted. What was recorded stays; the same command goes on from there.');
    process.exitCode = EXIT_INTERRUPTED;
    return null;
  } finally {
    endProgress();
  }
}

function requestOf(kind: ImportKind, source: SourceFile, flags: ImportFlags): ImportRequest {
  return {
    kind,
    format: flags.format === undefined ? null : flags.format === 'csv' ? 'CSV' : 'JSONL',
    delimiter: flags.delimiter ?? null,
    mapping: flags.map ?? [],
    actionType: flags.type ?? null,
    onIdentityConflict: flags.onConflict ?? 'REJECT',
    emptyRemoves: flags.emptyRemoves ?? false,
    dryRun: flags.dryRun ?? false,
    fileName: source.name,
    fileId: source.id,
  };
}

function report(status: ImportStatus, request: ImportRequest): void {
  console.log(describeLayout(status));
  console.log(describeCounts(status, request));
  const faults = describeFaults(status);
  if (faults !== '') console.log(faults);
}

async function saveFaults(server: TransferServer, status: ImportStatus, file: string): Promise<void> {
  const answer = await server.download(status.faultsPath);
  await pipeline(answer, createWriteStream(file, { mode: 0o600 }));
  console.log(`The refused rows are in ${file}: correct them there and import that file.`);
  process.exitCode = EXIT_REJECTED;
}

function faultsPathOf(file: string, { format }: ImportStatus): string {
  const ending = format === 'CSV' ? 'csv' : 'jsonl';
  return file === '-' ? `import.faults.${ending}` : `${file.replace(/\.\w+$/, '')}.faults.${ending}`;
}

function addMapping(text: string, before: GivenMapping[] | undefined): GivenMapping[] {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new InvalidArgumentError("It must be of the form 'column=target'.");
  return [...(before ?? []), { column: text.slice(0, at), target: text.slice(at + 1) }];
}

function delimiterOf(text: string): string {
  const known = DELIMITER_NAMES[text.toLowerCase()] ?? text;
  if (known.length === 1) return known;
  throw new InvalidArgumentError(`It must be one character, or ${Object.keys(DELIMITER_NAMES).join(', ')}.`);
}

function policyOf(text: string): 'REJECT' | 'MERGE' {
  const policy = text.toUpperCase();
  if (policy === 'REJECT' || policy === 'MERGE') return policy;
  throw new InvalidArgumentError('It must be REJECT or MERGE.');
}
