import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream';
import type { ServerProcess } from '../ingest/server-process.js';

/** What an import has led to. */
export interface ImportResult {
  rows: number;
  recorded: number;
  created: number;
  duplicates: number;
  rejected: number;
}

/** Sends a file of contacts and waits until it is imported. @throws Error when it is refused. */
export function sendContacts(
  server: ServerProcess,
  apiKey: string,
  path: string,
  bytes: number,
): Promise<ImportResult> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-length': bytes };
    const options = {
      host: '127.0.0.1',
      port: server.port,
      method: 'POST',
      path: '/import/contacts',
      headers,
    };
    const sent = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text) as ImportResult);
        else reject(new Error(`the import was refused: ${text}`));
      });
    });
    pipeline(createReadStream(path), sent, (error) => error && reject(error));
  });
}

/** What an export has led to. */
export interface ExportResult {
  bytes: number;
}

/** Receives all contacts as CSV. @throws Error when it is refused or breaks off. */
export function receiveContacts(
  server: ServerProcess,
  apiKey: string,
  format: string,
): Promise<ExportResult> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    const path = `/export/contacts?format=${format}`;
    const asked = request({ host: '127.0.0.1', port: server.port, path, headers }, (answer) => {
      let bytes = 0;
      if (answer.statusCode !== 200) reject(new Error(`the export was refused: ${answer.statusCode}`));
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      answer.on('end', () => resolve({ bytes }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
