import { createHash } from 'node:crypto';
import { chown, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedDatabaseError } from './embedded-database-error.js';
import { copyBinaries, findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import type { RunAs } from './run-binary.js';

/** Where a data directory and the programs that serve it live, and who runs them. */
export interface ClusterPlacement {
  /** PostgreSQL's data directory, absolute and without links; it may not exist yet. */
  dataPath: string;
  /** The folder with PostgreSQL's bin, lib and share. */
  nativePath: string;
  /** Set when this process is root, which PostgreSQL refuses to run as. */
  runAs?: RunAs;
}

/** Where clusters go that cannot lie in DATA_DIR; the second is for systems whose /var/lib cannot be written. */
const SHARED_PLACES = ['/var/lib/leadpulse', '/var/tmp/leadpulse'];
/** Users that PostgreSQL may run as when this process is root, best first. */
const ACCOUNTS = ['postgres', 'nobody'];
const PASS_THROUGH = 0o711;
const OWNER_ONLY = 0o700;

/**
 * Decides where the cluster of `dataDir` lives, and makes the folders above it.
 *
 * It lies in `<dataDir>/postgres` whenever that works. As root PostgreSQL has to run as another user, who often cannot enter
 * the checkout (a home of mode 700): programs and data then go to /var/lib/leadpulse, and `<dataDir>/location.json` remembers
 * where, so that the same data is found again.
 * @throws EmbeddedDatabaseError when no place or no user can be found.
 */
export async function placeCluster(dataDir: string): Promise<ClusterPlacement> {
  const asRoot = process.getuid?.() === 0;
  const home = await makeHome(dataDir, asRoot);
  const binaries = await findPostgresBinaries();
  if (!asRoot) {
    await refuseForeignData(path.join(home, 'postgres'), await readLocation(home));
    return { dataPath: path.join(home, 'postgres'), nativePath: binaries.nativePath };
  }
  const account = await findAccount();
  const dataPath = await placeDataForRoot(home, account);
  const owner = await stat(dataPath).catch(() => null);
  // Data that an ordinary user has made keeps its owner.
  const runAs = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : account;
  return { dataPath, nativePath: await placeBinariesForRoot(binaries, runAs), runAs };
}

async function makeHome(dataDir: string, asRoot: boolean): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: asRoot ? PASS_THROUGH : OWNER_ONLY });
    return await realpath(dataDir);
  } catch (error) {
    throw new EmbeddedDatabaseError(`The folder ${dataDir} cannot be made: ${(error as Error).message}.`);
  }
}

async function refuseForeignData(dataPath: string, location: string | null): Promise<void> {
  const owner = await stat(dataPath).catch(() => null);
  if (owner && process.getuid && owner.uid !== process.getuid()) {
    throw new EmbeddedDatabaseError(
      `The data in ${dataPath} belongs to another user (uid ${owner.uid}), because Leadpulse was started as root before; ` +
        'start it as root again, or give the folder to yourself with chown -R.',
    );
  }
  if (!owner && location) {
    throw new EmbeddedDatabaseError(
      `The data is in ${location}, because Leadpulse was started as root before; start it as root again.`,
    );
  }
}

async function placeDataForRoot(home: string, account: RunAs): Promise<string> {
  const here = path.join(home, 'postgres');
  if (await exists(here)) {
    const owner = await stat(here);
    if (await canEnter(here, { uid: owner.uid, gid: owner.gid })) return here;
    throw new EmbeddedDatabaseError(
      `The user who owns the data in ${here} (uid ${owner.uid}) may not pass through the folders above it.`,
    );
  }
  const known = await readLocation(home);
  if (known) return known;
  if (await canEnter(home, account)) return here;
  return moveOut(home, account);
}

/** Picks a place outside of `home` and remembers it there. */
async function moveOut(home: string, account: RunAs): Promise<string> {
  const name = createHash('sha256').update(home).digest('hex').slice(0, 12);
  const folder = path.join(await sharedPlace(account), name);
  await mkdir(folder, { recursive: true, mode: PASS_THROUGH });
  const dataPath = path.join(await realpath(folder), 'postgres');
  await writeFile(locationFile(home), `${JSON.stringify({ home, dataPath }, null, 2)}\n`);
  return dataPath;
}

/** The first shared place that can be written and that `account` can enter. */
async function sharedPlace(account: RunAs): Promise<string> {
  for (const place of SHARED_PLACES) {
    const made = await mkdir(place, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false,
    );
    if (made && (await isOwnedByRoot(place)) && (await canEnter(place, account))) return place;
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root, and its user (uid ${account.uid}) can neither enter DATA_DIR nor ${SHARED_PLACES.join(' nor ')}.`,
  );
}

/** In a place that everybody can write, another user could have put programs there for root to start. */
async function isOwnedByRoot(place: string): Promise<boolean> {
  return (await stat(place)).uid === 0;
}

/** Where the data of `home` lies, when that is elsewhere. A copied folder does not inherit the data of the original. */
async function readLocation(home: string): Promise<string | null> {
  const text = await readFile(locationFile(home), 'utf8').catch(() => null);
  if (text === null) return null;
  const location = JSON.parse(text) as { home: string; dataPath: string };
  const moved = location.home === home || !(await exists(location.home));
  return moved ? location.dataPath : null;
}

function locationFile(home: string): string {
  return path.join(home, 'location.json');
}

async function placeBinariesForRoot(binaries: PostgresBinaries, runAs: RunAs): Promise<string> {
  if (await canEnter(path.join(binaries.nativePath, 'bin', 'postgres'), runAs)) return binaries.nativePath;
  const place = await sharedPlace(runAs);
  const target = path.join(place, `postgresql-${binaries.packageVersion}-${process.arch}`);
  await copyBinaries(binaries.nativePath, target);
  return target;
}

/** Whether that user may pass through every folder down to `target` and enter (or execute) it, by the mode bits. */
export async function canEnter(target: string, user: RunAs): Promise<boolean> {
  const entry = await stat(target);
  const shift = entry.uid === user.uid ? 6 : entry.gid === user.gid ? 3 : 0;
  if (((entry.mode >> shift) & 1) === 0) return false;
  const parent = path.dirname(target);
  return parent === target || canEnter(parent, user);
}

/** A user of this system that PostgreSQL can run as; initdb wants one that /etc/passwd knows. */
async function findAccount(): Promise<RunAs> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  for (const name of ACCOUNTS) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid && gid && Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root, and none of the users ${ACCOUNTS.join(', ')} exists; start Leadpulse as an ordinary user.`,
  );
}

/**
 * Makes the empty folder that initdb fills, owned by the user that will.
 * @param draftPath lies beside the data directory.
 */
export async function makeDraftFolder(draftPath: string, runAs?: RunAs): Promise<void> {
  await mkdir(draftPath, { mode: OWNER_ONLY });
  if (runAs) await chown(draftPath, runAs.uid, runAs.gid);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
