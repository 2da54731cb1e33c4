import type { IncomingMessage } from 'node:http';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { type ErrorCode, LeadpulseError } from '../../errors.js';
import { type Answer, GraphqlClient } from '../../simulation/graphql-client.js';
import type { ImportRequest } from '../../transfer/import-request.js';
import { apiUrlOf, checkUrl, findKey, unusable } from '../server-access.js';
import { exchange, readText } from './http-exchange.js';

const KEY_ADVICE =
  'Give one that may do this with --key; `leadpulse keys create --role MARKETER --name transfer` makes one.';
const FAULTS_SHOWN_MAX = 10;

const FIELDS = `id offset rows recorded created updated duplicates rejected format delimiter faultsPath
  mapping { column target source } faults(first: ${FAULTS_SHOWN_MAX}) { row message } job { state error }`;
const CREATE = `mutation CliCreateImport($input: CreateImportInput!) {
  createImport(input: $input) { resumed import { ${FIELDS} } }
}`;
const STATUS = `query CliImport($id: ID!) { import(id: $id) { ${FIELDS} } }`;

/** How far an import is, as the server tells it. */
export interface ImportStatus {
  id: string;
  /** Bytes of the file that are done. */
  offset: number;
  rows: number;
  recorded: number;
  created: number;
  updated: number;
  duplicates: number;
  rejected: number;
  format: string | null;
  delimiter: string | null;
  faultsPath: string;
  mapping: { column: string; target: string; source: 'GIVEN' | 'GUESSED' | 'CUSTOM' }[];
  faults: { row: number; message: string }[];
  job: { state: string; error: string | null };
}

/** How an upload ended: all of it was taken, or it may go on where the server has come to. */
export type UploadEnd = { kind: 'DONE' } | { kind: 'LOST'; reason: string };

/** Imports and exports of a running server, over HTTP. */
export class TransferServer {
  readonly url: string;
  readonly #key: string;
  readonly #client: GraphqlClient;

  /** @throws LeadpulseError when address or key are missing or no such things. */
  constructor(options: { url?: string; key?: string }) {
    this.url = options.url === undefined ? apiUrlOf(process.env) : checkUrl(options.url);
    this.#key = findKey(options.key);
    this.#client = new GraphqlClient(this.url, this.#key);
  }

  /** @throws LeadpulseError what the server finds wrong with the request. */
  async createImport(input: ImportRequest): Promise<{ resumed: boolean; import: ImportStatus }> {
    const data = await this.#ask<{ createImport: { resumed: boolean; import: ImportStatus } }>(CREATE, {
      input,
    });
    return data.createImport;
  }

  /** How far the import is; null when the server cannot be asked at the moment. */
  async status(id: string): Promise<ImportStatus | null> {
    const answer = await this.#client.send(STATUS, { id });
    if (answer.kind === 'UNREACHABLE' || answer.kind === 'BUSY') return null;
    return this.#dataOf<{ import: ImportStatus }>(answer).import;
  }

  /**
   * Sends the file from `offset` on.
   * @throws LeadpulseError when the server refuses it for good.
   */
  async upload(
    id: string,
    stream: Readable,
    range: { offset: number; bytes: number },
    signal: AbortSignal,
  ): Promise<UploadEnd> {
    const url = new URL(`/import/${id}?offset=${range.offset}`, this.url);
    const body = { stream, bytes: range.bytes };
    let answer: IncomingMessage;
    let text: string;
    try {
      answer = await exchange({
        method: 'PUT',
        url,
        key: this.#key,
        contentType: 'application/octet-stream',
        body,
        signal,
      });
      text = await readText(answer);
    } catch (error) {
      if (signal.aborted) throw error;
      return { kind: 'LOST', reason: reasonOf(error) };
    } finally {
      stream.destroy();
    }
    if (answer.statusCode === 200) return { kind: 'DONE' };
    const fault = faultOf(answer, text);
    if (fault.code === 'UNAVAILABLE') return { kind: 'LOST', reason: fault.message };
    throw fault;
  }

  /** Asks for a file. @throws LeadpulseError when the server has none. */
  async download(path: string, body?: object, signal?: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(path, this.url);
    const send = body
      ? { method: 'POST' as const, contentType: 'application/json', body: JSON.stringify(body) }
      : { method: 'GET' as const };
    let answer: IncomingMessage;
    try {
      answer = await exchange({ ...send, url, key: this.#key, signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw unusable({ kind: 'UNREACHABLE', message: reasonOf(error) }, this.url, KEY_ADVICE);
    }
    if (answer.statusCode === 200) return answer;
    throw faultOf(answer, await readText(answer));
  }

  async #ask<T>(query: string, variables: object): Promise<T> {
    return this.#dataOf<T>(await this.#client.send(query, variables));
  }

  #dataOf<T>(answer: Answer): T {
    if (answer.kind === 'OK') return answer.data as T;
    if (answer.kind === 'FAULT') throw new LeadpulseError('BAD_USER_INPUT', answer.message);
    throw unusable(answer, this.url, KEY_ADVICE);
  }
}

/** What a route that is not GraphQL answers when it refuses. */
function faultOf(answer: IncomingMessage, text: string): LeadpulseError {
  const error = firstError(text);
  if (error) return new LeadpulseError(error.code, error.message);
  const busy = (answer.statusCode ?? 0) >= 500;
  const message = `HTTP ${answer.statusCode} without an answer of Leadpulse: is this the address of the API?`;
  return new LeadpulseError(busy ? 'UNAVAILABLE' : 'BAD_USER_INPUT', message);
}

function firstError(text: string): { code: ErrorCode; message: string } | null {
  try {
    const { errors } = JSON.parse(text) as {
      errors: { message: string; extensions: { code: ErrorCode } }[];
    };
    const [error] = errors;
    return error ? { code: error.extensions.code, message: error.message } : null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  return code ?? error.message;
}
