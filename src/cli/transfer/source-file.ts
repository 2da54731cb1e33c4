import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LeadpulseError } from '../../errors.js';
import { Utf8Check } from '../../transfer/utf8-check.js';

/** A file that can be read again from anywhere. */
export interface SourceFile {
  path: string;
  /** What people call it. */
  name: string;
  bytes: number;
  /** Names its content. */
  id: string;
  /** Removes what was made for it. */
  close(): Promise<void>;
}

/**
 * Looks through a file before anything is sent: its digest, and that it is UTF-8. Standard input (`-`) is put into a
 * temporary file first, so that an upload that breaks can go on.
 * @throws LeadpulseError when it cannot be read, or is not UTF-8.
 */
export async function openSource(file: string, input: Readable): Promise<SourceFile> {
  if (file !== '-') return examine(file, path.basename(file), async () => undefined);
  const folder = await mkdtemp(path.join(tmpdir(), 'leadpulse-import-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const copy = path.join(folder, 'input');
    await pipeline(input, createWriteStream(copy, { mode: 0o600 }));
    return await examine(copy, 'standard input', close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function examine(file: string, name: string, close: () => Promise<void>): Promise<SourceFile> {
  try {
    const { size } = await stat(file);
    const digest = createHash('sha256');
    const check = new Utf8Check();
    for await (const part of createReadStream(file)) {
      digest.update(part as Buffer);
      check.add(part as Buffer);
    }
    check.end();
    return { path: file, name, bytes: size, id: `sha256:${digest.digest('hex')}`, close };
  } catch (error) {
    throw readingFault(error, name);
  }
}

function readingFault(error: unknown, name: string): unknown {
  if (error instanceof LeadpulseError) {
    return new LeadpulseError(
      'BAD_USER_INPUT',
      `${name}: ${error.details.fields?.[0]?.message ?? error.message}`,
    );
  }
  const { code } = error as { code?: string };
  const words: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'it may not be read',
  };
  const reason = words[code ?? ''];
  return reason ? new LeadpulseError('BAD_USER_INPUT', `${name} cannot be read: ${reason}.`) : error;
}
