import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const stamp = path.join(root, 'dist', '.tsbuildinfo');
const sources = [
  'src',
  'migrations',
  'bench',
  'ormconfig.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];

/** The youngest modification time under `entry` in ms; folders count, so that a removed file is noticed too. */
function youngestMs(entry) {
  const stat = statSync(entry, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const children = readdirSync(entry).map((name) => youngestMs(path.join(entry, name)));
  return Math.max(stat.mtimeMs, ...children);
}

function isUpToDate() {
  const built = statSync(stamp, { throwIfNoEntry: false });
  return (
    built !== undefined && sources.every((source) => youngestMs(path.join(root, source)) < built.mtimeMs)
  );
}

function compiler() {
  try {
    const manifest = createRequire(path.join(root, 'package.json')).resolve('typescript/package.json');
    return path.join(path.dirname(manifest), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

/**
 * Compiles the sources to dist when one of them is younger than the last build. Without a compiler (an installation
 * without development packages) a build that is there is used as it is.
 * @returns whether dist can be used.
 */
export function buildIfNeeded() {
  if (isUpToDate()) return true;
  const tsc = compiler();
  if (!tsc) return existsSync(stamp);
  const done = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (done.status === 0) {
    // The compiler leaves the stamp alone when nothing has to be emitted.
    const now = new Date();
    utimesSync(stamp, now, now);
    return true;
  }
  rmSync(stamp, { force: true });
  return false;
}
