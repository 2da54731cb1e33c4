import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LeadpulseError } from '../../errors.js';
import type { SourceFile } from './source-file.js';
import type { ImportStatus, TransferServer } from './transfer-server.js';

/** For how long a server that is away is waited for. */
const AWAY_MS_MAX = 600_000;
const ASK_EVERY_MS = 1_000;
/** Uploads in a row that may end without having got anything done. */
const FRUITLESS_MAX = 60;

export interface FileUpload {
  server: TransferServer;
  file: SourceFile;
  /** The import as it stands. */
  from: ImportStatus;
  signal: AbortSignal;
  /** Told when the upload has to wait, and why. */
  onLost(reason: string): void;
}

/**
 * Sends a file until all of it is taken, from where the server has come to, again after every interruption.
 * @returns the import when it is done.
 * @throws LeadpulseError when it failed, was cancelled, or the server stays away.
 */
export async function uploadFile({ server, file, from, signal, onLost }: FileUpload): Promise<ImportStatus> {
  let { offset } = from;
  for (let fruitless = 0; fruitless < FRUITLESS_MAX; fruitless++) {
    const stream = createReadStream(file.path, { start: offset });
    const range = { offset, bytes: Math.max(0, file.bytes - offset) };
    const end = await server.upload(from.id, stream, range, signal);
    if (end.kind === 'LOST') {
      onLost(end.reason);
      await delay(ASK_EVERY_MS, undefined, { signal });
    }
    const status = await statusOf(server, from.id, signal);
    if (status.job.state === 'DONE') return status;
    if (status.job.state === 'FAILED' || status.job.state === 'CANCELLED') {
      throw new LeadpulseError('CONFLICT', `The import has ended: ${status.job.error ?? status.job.state}`);
    }
    if (status.offset > offset) fruitless = 0;
    offset = status.offset;
  }
  throw new LeadpulseError(
    'UNAVAILABLE',
    'The server takes nothing of the file. Try the same command later.',
  );
}

async function statusOf(server: TransferServer, id: string, signal: AbortSignal): Promise<ImportStatus> {
  const deadlineMs = performance.now() + AWAY_MS_MAX;
  for (;;) {
    const status = await server.status(id);
    if (status) return status;
    if (performance.now() > deadlineMs) {
      const message = `No server answers at ${server.url}. The same command goes on where the import stands.`;
      throw new LeadpulseError('UNAVAILABLE', message);
    }
    await delay(ASK_EVERY_MS, undefined, { signal });
  }
}
