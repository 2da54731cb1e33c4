import type { FieldFault } from '../errors.js';

const REQUEST_TIMEOUT_MS = 10_000;
const RETRY_CODES = ['UNAVAILABLE', 'RATE_LIMITED'];
const REFUSED_CODES = ['UNAUTHENTICATED', 'FORBIDDEN'];

/**
 * How a request ended. UNREACHABLE and BUSY are worth another try; REFUSED will not become better with this key; FAULT is
 * about this request alone, and `fields` says where in it.
 */
export type Answer =
  | { kind: 'OK'; data: unknown }
  | { kind: 'UNREACHABLE' | 'BUSY' | 'REFUSED'; message: string }
  | { kind: 'FAULT'; message: string; fields: FieldFault[] };

/** Sends operations to one endpoint with one key. */
export class GraphqlClient {
  readonly #url: string;
  readonly #key: string;

  /** @param url such as `http://127.0.0.1:4000/graphql`. */
  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  /**
   * Sends an operation and waits for its answer, `REQUEST_TIMEOUT_MS` at most. Never rejects.
   * @param signal gives the request up: UNREACHABLE.
   */
  async send(query: string, variables: object, signal?: AbortSignal): Promise<Answer> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#key}` },
        body: JSON.stringify({ query, variables }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return readAnswer(response.status, await response.text());
    } catch (error) {
      return { kind: 'UNREACHABLE', message: describe(error) };
    }
  }
}

function readAnswer(status: number, body: string): Answer {
  const parsed = parse(body);
  if (parsed === null) {
    const kind = status >= 500 ? 'BUSY' : 'REFUSED';
    return { kind, message: `HTTP ${status} without a GraphQL answer: is this the address of the API?` };
  }
  const error = parsed.errors?.[0];
  if (!error) return { kind: 'OK', data: parsed.data };
  const code = error.extensions?.code ?? 'INTERNAL';
  const message = `${code}: ${error.message}`;
  if (RETRY_CODES.includes(code)) return { kind: 'BUSY', message };
  if (REFUSED_CODES.includes(code)) return { kind: 'REFUSED', message };
  return { kind: 'FAULT', message, fields: error.extensions?.fields ?? [] };
}

interface GraphqlBody {
  data?: unknown;
  errors?: { message: string; extensions?: { code?: string; fields?: FieldFault[] } }[];
}

function parse(body: string): GraphqlBody | null {
  try {
    const value: unknown = JSON.parse(body);
    const known = typeof value === 'object' && value !== null && ('data' in value || 'errors' in value);
    return known ? (value as GraphqlBody) : null;
  } catch {
    return null;
  }
}

/** fetch hides the reason in the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, message } = (error.cause ?? {}) as { code?: string; message?: string };
  return code ?? (message || error.message);
}
