import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.js';
import {
  ADMIN_ROLE,
  type ClusterSecrets,
  createClusterIfMissing,
  readSecrets,
  SERVICE_DATABASE,
  SERVICE_ROLE,
  writeSecrets,
  writeSettings,
} from './cluster.js';
import { type ClusterPlacement, placeCluster } from './cluster-placement.js';
import { type ClusterSession, joinCluster } from './cluster-session.js';
import { EmbeddedDatabaseError } from './embedded-database-error.js';
import { findFreePort } from './free-port.js';
import { type StartedPostmaster, spawnPostmaster, stopPostmaster } from './postmaster.js';
import { isPostmasterAlive, readPostmasterFile, removePostmasterFile } from './postmaster-file.js';

/** A PostgreSQL of one's own, from npm. */
export interface EmbeddedDatabase {
  /** Connects as the service's own role, the owner of its database; not a superuser. */
  url: string;
  /** Connects to the database `postgres` as the superuser: for upkeep and for tests. */
  adminUrl: string;
  /** Whether this start made the data directory. */
  created: boolean;
  /**
   * Stops PostgreSQL, unless another process uses it too: the last one out stops it, whoever started it.
   * Waits until it has ended. Further calls do nothing.
   */
  stop(): Promise<void>;
}

/** What `startEmbeddedDatabase` needs. */
export interface EmbeddedDatabaseOptions {
  /** The folder for the data and for PostgreSQL's log; made when missing. */
  dataDir: string;
  log: Log;
  /** Settings of PostgreSQL that differ from Leadpulse's, for tests. */
  settings?: Record<string, string>;
}

/** Long enough for the recovery after a crash, which replays up to max_wal_size of log. */
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 15;
const RECOVERY_ATTEMPTS_MAX = 10;
const RECOVERY_PAUSE_MS = 1_000;
/** First ports to try lie in this range, below those that systems hand out by themselves. */
const PORT_FIRST = 20_000;
const PORTS = 10_000;
const WRONG_PASSWORD = '28P01';

/** Everything a start needs to know. */
interface Cluster {
  placement: ClusterPlacement;
  secrets: ClusterSecrets;
  log: Log;
  settings: Record<string, string>;
}

/**
 * Starts the embedded PostgreSQL, or joins the one that runs on this data already: left over from a process that was killed,
 * or serving another Leadpulse. Keeps data, port and passwords between starts. When PostgreSQL dies while in use, it is
 * started again on the same port.
 * @throws EmbeddedDatabaseError with the reason and the ways out.
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { dataDir, log, settings = {} } = options;
  const placement = await placeCluster(dataDir);
  const created = await createClusterIfMissing(
    placement,
    firstPort(placement.dataPath),
    settings.fsync !== 'off',
  );
  const secrets = await readSecrets(placement.dataPath);
  const cluster: Cluster = { placement, secrets, log, settings };
  const session = await joinOrStart(cluster, false);
  const member = keepMembership(cluster, session);
  const address = `127.0.0.1:${session.port}`;
  return {
    url: `postgres://${SERVICE_ROLE}:${secrets.servicePassword}@${address}/${SERVICE_DATABASE}`,
    adminUrl: `postgres://${ADMIN_ROLE}:${secrets.adminPassword}@${address}/postgres`,
    created,
    stop: member.stop,
  };
}

/** The same data gives the same port, so that two checkouts do not meet. */
function firstPort(dataPath: string): number {
  return PORT_FIRST + (createHash('sha256').update(dataPath).digest().readUInt32BE(0) % PORTS);
}

/**
 * Joins what runs or starts it, until one of them has worked.
 * @param samePort whether another port would be of no use, because callers hold the address.
 */
async function joinOrStart(cluster: Cluster, samePort: boolean): Promise<ClusterSession> {
  const { dataPath } = cluster.placement;
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  let started: StartedPostmaster | null = null;
  let lastRefusal = 'no answer';
  while (Date.now() < deadlineMs) {
    const running = await readPostmasterFile(dataPath);
    if (running && (await isPostmasterAlive(dataPath, running.pid))) {
      const result = await joinCluster(running.port, cluster.secrets);
      if ('session' in result) return result.session;
      if (result.refusal === WRONG_PASSWORD) throw wrongPassword(dataPath, running.port);
      lastRefusal = result.refusal;
    } else if (!started) {
      // PostgreSQL itself clears up after a process that is gone, but not when the number belongs to another one by now.
      if (running) await removePostmasterFile(dataPath);
      started = await startOn(cluster, samePort);
    } else if (started.hasEnded()) {
      await throwUnlessWorthAnotherTry(started, samePort);
      started = null;
    }
    await delay(POLL_MS);
  }
  throw new EmbeddedDatabaseError(`The embedded PostgreSQL in ${dataPath} does not answer (${lastRefusal}).`);
}

async function startOn(cluster: Cluster, samePort: boolean): Promise<StartedPostmaster> {
  const { placement, secrets, settings } = cluster;
  const port = samePort ? secrets.port : await findFreePort(secrets.port).catch(refuseForPorts);
  if (port !== secrets.port) {
    secrets.port = port;
    await writeSecrets(placement.dataPath, secrets, placement.runAs);
  }
  await writeSettings(placement, settings);
  return spawnPostmaster(placement, port);
}

function refuseForPorts(error: Error): never {
  throw new EmbeddedDatabaseError(`There is no free port for the embedded PostgreSQL: ${error.message}.`);
}

function wrongPassword(dataPath: string, port: number): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError(
    `The PostgreSQL on port ${port} does not take the password kept in ${dataPath}/leadpulse.json.`,
  );
}

/** A start can fail for reasons that pass: another process was quicker, or what a killed server left is still ending. */
async function throwUnlessWorthAnotherTry(started: StartedPostmaster, samePort: boolean): Promise<void> {
  const said = await started.readLog();
  const passing = /lock file "postmaster\.pid"|shared memory block .* is still in use/.test(said);
  const portTaken = /could not bind|Address already in use/.test(said);
  if (passing || (portTaken && !samePort)) return;
  throw new EmbeddedDatabaseError('The embedded PostgreSQL does not start.', said);
}

/** Holds the membership, and starts PostgreSQL again when it is lost. */
function keepMembership(cluster: Cluster, first: ClusterSession): { stop(): Promise<void> } {
  const { log, placement } = cluster;
  let session: ClusterSession | null = first;
  let stopping: Promise<void> | undefined;
  let recovery: Promise<void> = Promise.resolve();

  const watch = (current: ClusterSession) =>
    current.onLost(() => {
      session = null;
      if (!stopping) recovery = recover();
    });

  const recover = async () => {
    log.warn('the embedded database went away; starting it again');
    for (let attempt = 1; attempt <= RECOVERY_ATTEMPTS_MAX && !stopping; attempt += 1) {
      try {
        session = await joinOrStart(cluster, true);
        log.info({ attempt }, 'the embedded database is back');
        watch(session);
        return;
      } catch (err) {
        log.error({ err, attempt }, 'the embedded database does not come back');
        await delay(RECOVERY_PAUSE_MS);
      }
    }
  };

  const leave = async () => {
    await recovery;
    const last = await session?.leave(async () => {
      await stopPostmaster(placement.dataPath);
    });
    if (last === false) log.info('the embedded database stays up: another process uses it');
  };

  watch(first);
  return {
    stop: () => {
      stopping ??= leave();
      return stopping;
    },
  };
}
