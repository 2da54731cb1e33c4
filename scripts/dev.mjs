// Compiles on every change and restarts the server with what came out.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { buildIfNeeded, root } from './build.mjs';

if (!buildIfNeeded()) process.exit(1);
const options = { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' };
const children = [
  spawn('tsc', ['-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'], options),
  spawn('node', ['--enable-source-maps', '--watch', '--watch-preserve-output', 'dist/src/main.js'], options),
];
// The terminal sends Ctrl-C to all of us; this process only waits until the server has drained.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => {
  for (const child of children) child.kill('SIGTERM');
});
children[1].on('exit', (code) => {
  children[0].kill('SIGTERM');
  process.exitCode = code ?? 1;
});
