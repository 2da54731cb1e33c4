import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline, type Readable } from 'node:stream';

/** A server that says nothing for so long is taken for gone. */
const SILENCE_MS_MAX = 300_000;

/** A request whose body may be a stream. */
export interface Exchange {
  method: 'GET' | 'POST' | 'PUT';
  url: URL;
  key: string;
  contentType?: string;
  body?: string | { stream: Readable; bytes: number };
  signal?: AbortSignal | undefined;
}

/**
 * Sends a request with Node's own client: unlike fetch it hands over an answer that comes before the body was sent.
 * @throws Error when no answer came.
 */
export function exchange(options: Exchange): Promise<IncomingMessage> {
  const { method, url, key, contentType, body, signal } = options;
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const headers: Record<string, string | number> = { authorization: `Bearer ${key}` };
  if (contentType !== undefined) headers['content-type'] = contentType;
  if (body !== undefined)
    headers['content-length'] = typeof body === 'string' ? Buffer.byteLength(body) : body.bytes;
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, ...(signal ? { signal } : {}) }, resolve);
    request.setTimeout(SILENCE_MS_MAX, () => request.destroy(new Error('the server says nothing')));
    request.once('error', reject);
    if (body === undefined || typeof body === 'string') request.end(body);
    else pipeline(body.stream, request, (error) => error && reject(error));
  });
}

/** The text of an answer. @throws Error when it breaks off. */
export async function readText(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
