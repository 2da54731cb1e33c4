import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

const STOP_TIMEOUT_MS = 5_000;

/** A process of this folder that answers one message after the other. */
export class BenchChild<Request extends object, Message extends { kind: string }> {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** @param file its module in this folder; it says `ready` when it is. */
  static async start<Request extends object, Message extends { kind: string }>(
    file: string,
  ): Promise<BenchChild<Request, Message>> {
    const child = new BenchChild<Request, Message>(fork(path.resolve(import.meta.dirname, file)));
    await child.#answer();
    return child;
  }

  /** @throws Error when the process has failed or ended. */
  ask(request: Request): Promise<Message> {
    const answer = this.#answer();
    this.#child.send(request);
    return answer;
  }

  async stop(): Promise<void> {
    if (!this.#child.connected) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(killing);
  }

  #answer(): Promise<Message> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`a process ended with code ${code}`));
      this.#child.once('exit', onExit);
      this.#child.once('message', (message: Message & { message?: string }) => {
        this.#child.off('exit', onExit);
        if (message.kind === 'failed') reject(new Error(message.message));
        else resolve(message);
      });
    });
  }
}
