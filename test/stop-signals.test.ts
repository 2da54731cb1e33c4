import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { ensureBuilt } from './support/ensure-built.js';

/** Says when it is ready and when it is told to stop, and ends when its input does. */
const PROGRAM = `
const { onStopSignal } = await import(process.argv[1]);
onStopSignal(async (signal) => console.log(signal));
process.stdin.on('end', () => process.exit(0)).resume();
console.log('ready');
`;

let end: () => void = () => undefined;
afterEach(() => end());

function startProgram() {
  const built = pathToFileURL(ensureBuilt('src/stop-signals.js')).href;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, built], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  end = () => child.kill('SIGKILL');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => (await lines.next()).value;
  return { child, next };
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops, and what npm passes on a moment later counts once',
  async (signal) => {
    const { child, next } = startProgram();
    expect(await next()).toBe('ready');
    child.kill(signal);
    expect(await next()).toBe(signal);
    child.kill('SIGINT');
    const ended = once(child, 'exit');
    child.stdin.end();
    expect(await next()).toBeUndefined();
    expect(await ended).toEqual([0, null]);
  },
);
