import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

const BINARIES = ['redis-server', 'valkey-server'];
const READY = /Ready to accept connections/;

/** The Redis of this machine; null where there is none, and what needs one is skipped. */
export const redisBinary = findBinary();

function findBinary(): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const files = BINARIES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A real Redis on a port of its own, which keeps nothing. */
export class RedisServer {
  readonly port: number;
  readonly #password: string | null;
  #child: ChildProcess | null = null;
  #folder = '';

  private constructor(port: number, password: string | null) {
    this.port = port;
    this.#password = password;
  }

  static async start(password: string | null = null): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), password);
    await server.startAgain();
    return server;
  }

  /** Its address, with the password when it wants one. */
  get url(): string {
    const user = this.#password === null ? '' : `:${this.#password}@`;
    return `redis://${user}127.0.0.1:${this.port}`;
  }

  /** Starts it on the same port as before. */
  async startAgain(): Promise<void> {
    if (redisBinary === null) throw new Error('no redis-server on the PATH');
    this.#folder = await mkdtemp(path.join(os.tmpdir(), 'leadpulse-redis-'));
    const settings = { port: this.port, bind: '127.0.0.1', dir: this.#folder, save: '', appendonly: 'no' };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn(
      redisBinary,
      this.#password === null ? args : [...args, '--requirepass', this.#password],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`Redis ended with ${code}:\n${said}`)));
      child.stdout.on('data', (chunk: Buffer) => {
        said += String(chunk);
        if (READY.test(said)) resolve();
      });
    });
  }

  /** SIGSTOP makes it hang, SIGCONT go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** Stops it as a crash does; it can be started again. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
