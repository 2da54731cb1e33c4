import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import process from 'node:process';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LeadpulseError } from '../../errors.js';
import { isJsonObject, type JsonObject } from '../../scoring/json-value.js';
import { TransferServer } from './transfer-server.js';

const BYTES_PER_MB = 1_000_000;

interface ExportFlags {
  url?: string;
  key?: string;
  filter?: JsonObject;
  format?: 'csv' | 'jsonl';
  model?: string;
  attributes?: string[];
}

/** `leadpulse export contacts [FILE|-]`: writes contacts with their scores into a file. */
export function registerExportCommand(program: Command): void {
  program
    .command('export')
    .description('write contacts into a CSV or JSON Lines file')
    .command('contacts')
    .description('contacts with their scores, dimensions, stage and label')
    .argument('[file]', 'the file; standard output for - and when left out', '-')
    .option('--url <url>', 'address of the API; that of HOST and PORT, when left out')
    .option('--key <key>', 'API key; else LEADPULSE_API_KEY, else BOOTSTRAP_API_KEY')
    .option('--filter <json>', `a ContactFilter, such as '{"minTotal": 76}'`, filterOf)
    .addOption(new Option('--format <format>', "by the file's ending, else csv").choices(['csv', 'jsonl']))
    .option('--model <id>', 'the model whose scores are shown; the primary one, when left out')
    .option('--attributes <names...>', 'custom attributes to show as columns; all in one, when left out')
    .action(exportContacts);
}

async function exportContacts(file: string, flags: ExportFlags): Promise<void> {
  const server = new TransferServer(flags);
  const format = flags.format ?? (file.endsWith('.jsonl') ? 'jsonl' : 'csv');
  const answer = await server.download('/export/contacts', {
    filter: flags.filter ?? {},
    format,
    ...(flags.model === undefined ? {} : { modelId: flags.model }),
    ...(flags.attributes === undefined ? {} : { attributes: flags.attributes }),
  });
  if (file === '-') await receive(answer, process.stdout);
  else {
    // Under its name a file is complete.
    const part = `${file}.part`;
    try {
      const bytes = await receive(answer, createWriteStream(part));
      await rename(part, file);
      console.error(`Written to ${file} (${(bytes / BYTES_PER_MB).toFixed(1)} MB).`);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }
}

/** @returns bytes written. @throws LeadpulseError when the connection breaks before the end. */
async function receive(answer: IncomingMessage, output: NodeJS.WritableStream): Promise<number> {
  let bytes = 0;
  const counting = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length;
      done(null, part);
    },
  });
  try {
    await pipeline(answer, counting, output, { end: output !== process.stdout });
    return bytes;
  } catch (error) {
    const { code } = error as { code?: string };
    // Whoever reads from us has seen enough, as `head` has.
    if (code === 'EPIPE') return bytes;
    if (code !== 'ECONNRESET') throw error;
    throw new LeadpulseError('UNAVAILABLE', 'The server broke off: the file is not complete. Try again.');
  }
}

function filterOf(text: string): JsonObject {
  try {
    const filter: unknown = JSON.parse(text);
    if (isJsonObject(filter)) return filter;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('It must be a JSON object.');
}
