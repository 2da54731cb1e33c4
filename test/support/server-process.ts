import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ensureBuilt } from './ensure-built.js';

const START_TIMEOUT_MS = 60_000;
const OUTPUT_CHARS_MAX = 20_000;

/** What a GraphQL request was answered with. */
export interface GraphqlAnswer<T> {
  data: T | null;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

export const TEST_KEY = 'test_bootstrap_key_0123456789';

/** A Leadpulse server in a process of its own, as users run it. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly output: () => string;

  private constructor(child: ChildProcess, url: string, output: () => string) {
    this.#child = child;
    this.url = url;
    this.output = output;
  }

  /** Starts the compiled server; resolves when it says that it is ready. @throws Error with its output when it ends before. */
  static async start(env: Record<string, string>): Promise<ServerProcess> {
    const main = ensureBuilt('src/main.js');
    const child = spawn(process.execPath, [main], {
      env: {
        // Compiling anew is half of what a start takes, and some files start thirty.
        NODE_COMPILE_CACHE: path.resolve(path.dirname(main), '../.compile-cache'),
        PATH: process.env.PATH ?? '',
        PORT: '0',
        LOG_LEVEL: 'warn',
        BOOTSTRAP_API_KEY: TEST_KEY,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    const ready = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the server did not start:\n${text}`)),
        START_TIMEOUT_MS,
      );
      const read = (chunk: Buffer) => {
        text = (text + chunk.toString()).slice(-OUTPUT_CHARS_MAX);
        const url = /API\s+(http\S+)\/graphql/.exec(text)?.[1];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`the server ended with ${code}:\n${text}`));
      });
    });
    return new ServerProcess(child, await ready, () => text);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get webSocketUrl(): string {
    return `${this.url.replace(/^http/, 'ws')}/graphql`;
  }

  /** Sends an operation; answers whatever comes back. */
  async request<T>(
    query: string,
    variables: Record<string, unknown> = {},
    key = TEST_KEY,
  ): Promise<GraphqlAnswer<T>> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphqlAnswer<T>;
  }

  /** Sends an operation that must succeed. */
  async ask<T>(query: string, variables: Record<string, unknown> = {}, key = TEST_KEY): Promise<T> {
    const { data, errors } = await this.request<T>(query, variables, key);
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Ends the process as an operator or a crash would; resolves when it is gone, with its exit code. */
  async kill(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    const [code] = (await gone) as [number | null];
    return code;
  }
}
