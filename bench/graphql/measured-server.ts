import { type ChildProcess, fork } from 'node:child_process';
import type { ServerMessage } from './answer-parent.js';

const STOP_TIMEOUT_MS = 5_000;

/** One of the servers that are compared, in a process of its own. */
export class MeasuredServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /**
   * @param file the program; it answers by `answerParent`.
   * @param nodeOptions such as `--cpu-prof`.
   * @throws Error when it ends instead of listening.
   */
  static async start(file: string, nodeOptions: readonly string[] = []): Promise<MeasuredServer> {
    const child = fork(file, { execArgv: [...nodeOptions] });
    const message = await next(child, 'listening');
    return new MeasuredServer(child, message.port);
  }

  /** Processor time used so far, microseconds. */
  async cpu(): Promise<number> {
    const answer = next(this.#child, 'cpu');
    this.#child.send('cpu');
    return (await answer).microseconds;
  }

  async stop(): Promise<void> {
    if (!this.#child.connected) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(killing);
  }
}

type Kind = ServerMessage['kind'];

function next<K extends Kind>(child: ChildProcess, kind: K): Promise<Extract<ServerMessage, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a server ended with code ${code}`));
    child.once('exit', onExit);
    child.once('message', (message: ServerMessage) => {
      child.off('exit', onExit);
      if (message.kind === kind) resolve(message as Extract<ServerMessage, { kind: K }>);
      else reject(new Error(`a server said ${message.kind} instead of ${kind}`));
    });
  });
}
