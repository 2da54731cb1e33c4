import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import { type ClusterPlacement, makeDraftFolder } from './cluster-placement.js';
import { EmbeddedDatabaseError } from './embedded-database-error.js';
import { isProcessAlive } from './postmaster-file.js';
import { type RunAs, runBinary } from './run-binary.js';

/** The superuser of an embedded cluster, used for its upkeep only. */
export const ADMIN_ROLE = 'postgres';
/** The role and the database of the service. */
export const SERVICE_ROLE = 'leadpulse';
export const SERVICE_DATABASE = 'leadpulse';

/** What is kept beside the data (mode 600). */
export interface ClusterSecrets {
  adminPassword: string;
  servicePassword: string;
  /** The port of the last start, taken again at the next when it is free. */
  port: number;
}

const SECRETS_FILE = 'leadpulse.json';
const SECRET_BYTES = 24;
const OWNER_READS = 0o600;
const INITDB_TIMEOUT_MS = 60_000;
const MIB = 1024 * 1024;
const SHARED_BUFFERS_MIB_MIN = 64;
const SHARED_BUFFERS_MIB_MAX = 512;
/** PostgreSQL's own rule of thumb is a quarter of a dedicated machine; this one is shared with the service. */
const SHARED_BUFFERS_PART_OF_MEMORY = 1 / 8;

/**
 * Makes the cluster unless there is one. The new data appears under its name whole or not at all, so that an aborted attempt
 * leaves nothing half made and two processes can try at once.
 * @param firstPort the port to try first at its first start.
 * @param durable whether to wait until the new files are on the disk.
 * @returns whether this call made it.
 */
export async function createClusterIfMissing(
  placement: ClusterPlacement,
  firstPort: number,
  durable: boolean,
): Promise<boolean> {
  const { dataPath, runAs } = placement;
  if (await hasCluster(placement)) return false;
  await removeAbandonedDrafts(dataPath);
  const draftPath = `${dataPath}.draft-${process.pid}-${randomBytes(4).toString('hex')}`;
  const secrets: ClusterSecrets = {
    adminPassword: randomBytes(SECRET_BYTES).toString('base64url'),
    servicePassword: randomBytes(SECRET_BYTES).toString('base64url'),
    port: firstPort,
  };
  try {
    await makeDraftFolder(draftPath, runAs);
    await initialise(placement, draftPath, secrets.adminPassword, durable);
    await writeSecrets(draftPath, secrets, runAs);
    await rename(draftPath, dataPath);
    return true;
  } catch (error) {
    await rm(draftPath, { recursive: true, force: true });
    // Another process was quicker.
    if (await hasCluster(placement).catch(() => false)) return false;
    if (error instanceof EmbeddedDatabaseError) throw error;
    throw new EmbeddedDatabaseError(
      `The database cannot be made in ${dataPath}: ${(error as Error).message}.`,
    );
  }
}

async function hasCluster(placement: ClusterPlacement): Promise<boolean> {
  const { dataPath, nativePath } = placement;
  const written = (await readFile(path.join(dataPath, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  if (!written) return false;
  const catalog = await readFile(path.join(nativePath, 'share', 'postgresql', 'postgres.bki'), 'utf8');
  const brought = /^# PostgreSQL (\d+)/.exec(catalog)?.[1];
  if (written === brought) return true;
  throw new EmbeddedDatabaseError(
    `The data in ${dataPath} was written by PostgreSQL ${written}, and this Leadpulse brings ${brought}. Move the folder away ` +
      'to begin anew, or dump it with the older version and restore it into a server of your own.',
  );
}

async function initialise(
  placement: ClusterPlacement,
  draftPath: string,
  password: string,
  durable: boolean,
): Promise<void> {
  const { nativePath, runAs } = placement;
  const passwordFile = `${draftPath}.password`;
  await writeOwned(passwordFile, `${password}\n`, runAs);
  const initdb = (...locale: string[]) =>
    runBinary(
      path.join(nativePath, 'bin', 'initdb'),
      [
        `--pgdata=${draftPath}`,
        `--username=${ADMIN_ROLE}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // PostgreSQL's own locale sorts alike on every system and through every upgrade of the system.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        ...locale,
        '--no-instructions',
        ...(durable ? [] : ['--no-sync']),
      ],
      INITDB_TIMEOUT_MS,
      runAs,
    );
  try {
    // Without letters beyond ASCII the search by trigrams would be blind to them; not every system has this locale.
    let done = await initdb('--lc-ctype=C.UTF-8');
    if (done.code !== 0) done = await initdb();
    if (done.code !== 0)
      throw new EmbeddedDatabaseError('The embedded PostgreSQL cannot be set up.', done.output);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Removes what was left by attempts whose process is gone. */
async function removeAbandonedDrafts(dataPath: string): Promise<void> {
  const folder = path.dirname(dataPath);
  const pattern = new RegExp(`^${path.basename(dataPath)}\\.draft-(\\d+)-`);
  for (const name of await readdir(folder)) {
    const pid = Number(pattern.exec(name)?.[1]);
    if (pid > 0 && !isProcessAlive(pid)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Reads what is kept beside the data. */
export async function readSecrets(dataPath: string): Promise<ClusterSecrets> {
  const file = path.join(dataPath, SECRETS_FILE);
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ClusterSecrets;
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `The passwords of the embedded database cannot be read from ${file}: ${(error as Error).message}.`,
    );
  }
}

/** Writes what is kept beside the data, whole or not at all. */
export async function writeSecrets(dataPath: string, secrets: ClusterSecrets, runAs?: RunAs): Promise<void> {
  await writeOwned(path.join(dataPath, SECRETS_FILE), `${JSON.stringify(secrets, null, 2)}\n`, runAs);
}

/**
 * Writes postgresql.conf; the cluster belongs to Leadpulse, so that the file is its alone.
 * @param overrides settings that differ, for tests.
 */
export async function writeSettings(
  placement: ClusterPlacement,
  overrides: Record<string, string> = {},
): Promise<void> {
  const lines = Object.entries({ ...clusterSettings(), ...overrides }).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`,
  );
  const text = [
    '# Written by Leadpulse at every start; changes belong into its own configuration.',
    ...lines,
    '',
  ];
  await writeOwned(path.join(placement.dataPath, 'postgresql.conf'), text.join('\n'), placement.runAs);
}

function clusterSettings(): Record<string, string> {
  const wanted = Math.round((totalmem() / MIB) * SHARED_BUFFERS_PART_OF_MEMORY);
  const sharedBuffersMib = Math.min(SHARED_BUFFERS_MIB_MAX, Math.max(SHARED_BUFFERS_MIB_MIN, wanted));
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: '100',
    shared_buffers: `${sharedBuffersMib}MB`,
    // An acknowledged action is on the disk.
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // Fewer checkpoints, so fewer whole pages in the log. Compressing them is left off: these binaries know pglz only, which
    // costs more processor time than the disk saves.
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    timezone: 'UTC',
    datestyle: 'iso, ymd',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    // Statements and details of errors hold people's data.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
}

/** Replaces `file` in one step. As root it writes into a folder of a lesser user, so that it must not follow links there. */
async function writeOwned(file: string, text: string, runAs?: RunAs): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', OWNER_READS);
  try {
    await handle.writeFile(text);
    if (runAs) await handle.chown(runAs.uid, runAs.gid);
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
