import { AccessService } from '../access/access-service.js';
import { createTokenVerifier, type TokenVerifier } from '../access/token-verifier.js';
import { registerExplorer } from '../api/explorer/register-explorer.js';
import { createHttpServer } from '../api/http-server.js';
import { LiveServer } from '../api/live/ws-server.js';
import type { Services } from '../api/services.js';
import type { Config } from '../config.js';
import { ContactService } from '../contacts/contact-service.js';
import { FeedReader } from '../feed/feed-reader.js';
import { WakeUps } from '../feed/wake-ups.js';
import { Recorder } from '../ingest/recorder.js';
import type { Log } from '../log.js';
import { ModelService } from '../models/model-service.js';
import { DueWorker } from '../rescoring/due-worker.js';
import { RescoreWorker } from '../rescoring/rescore-worker.js';
import { migrate, openDatabase } from '../store/database.js';
import { ModelRegistry } from '../store/model-registry.js';
import { UpkeepWorker } from '../upkeep/upkeep-worker.js';
import { type Bootstrapped, bootstrap } from './bootstrap.js';
import { explainDatabaseFault } from './database-fault.js';

/** Connections for batches beside those of ingest: the due worker's and the rescore worker's. */
const WORKER_CONNECTIONS = 2;

/** A server that serves. */
export interface RunningServer {
  /** `http://127.0.0.1:4000`. */
  url: string;
  /** What the first start on an empty database made; null on later ones. */
  bootstrapped: Bootstrapped | null;
  /** Refuses new work, answers what is under way, and closes everything in the reverse order of starting. */
  stop(): Promise<void>;
}

/**
 * Migrates the database and starts a server on it.
 * @throws Error that says what to do: an unreachable database, a port in use. Nothing stays open then.
 */
export async function startServer(config: Config, databaseUrl: string, log: Log): Promise<RunningServer> {
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) {
      await Promise.resolve(close()).catch((error: unknown) =>
        log.warn({ err: error }, 'a part did not stop cleanly'),
      );
    }
  };
  try {
    return { ...(await start(config, databaseUrl, log, closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  config: Config,
  databaseUrl: string,
  log: Log,
  closers: (() => Promise<unknown> | unknown)[],
): Promise<Omit<RunningServer, 'stop'>> {
  const services = await openServices(config, databaseUrl, log, closers);
  const bootstrapped = await bootstrap(services);
  startWorkers(services, closers);
  const http = await createHttpServer(services);
  await registerExplorer(http.app, services);
  closers.push(() => http.close());
  const live = new LiveServer({ httpServer: http.app.server, schema: http.schema, services });
  closers.push(() => live.drain());
  closers.push(() => http.drain());
  const { url } = await http.listen();
  return { url, bootstrapped };
}

/** Everything below the servers, in the order in which the parts need each other. */
async function openServices(
  config: Config,
  databaseUrl: string,
  log: Log,
  closers: (() => Promise<unknown> | unknown)[],
): Promise<Services> {
  const migrated = await migrate(databaseUrl).catch((error: unknown) => {
    throw explainDatabaseFault(error, databaseUrl);
  });
  if (migrated.length > 0) log.info({ migrations: migrated }, 'the database was migrated');
  const db = await openDatabase({
    url: databaseUrl,
    readsMax: config.databasePoolMax,
    writesMax: config.ingestConnections + WORKER_CONNECTIONS,
    applicationName: 'leadpulse',
  });
  closers.push(() => db.close());
  if (db.bypassesRowSecurity) {
    log.warn('the database role bypasses row-level security: connect as a role that is no superuser');
  }
  const wakeUps = new WakeUps({ url: databaseUrl, log });
  closers.push(() => wakeUps.stop());
  await wakeUps.start();
  const feed = new FeedReader({ db, wakeUps, log });
  closers.push(() => feed.close());
  const registry = new ModelRegistry(db);
  const announce = (tenantId: string) => wakeUps.announce(tenantId);
  const recorder = new Recorder({ db, registry, log, batchesMax: config.ingestConnections, announce });
  closers.push(() => recorder.close());
  const access = new AccessService(db, tokenVerifier(config));
  return {
    db,
    registry,
    recorder,
    models: new ModelService(db),
    access,
    contacts: new ContactService(db, registry),
    feed,
    wakeUps,
    config,
    log,
  };
}

function startWorkers(
  { db, registry, log, config, wakeUps }: Services,
  closers: (() => Promise<unknown> | unknown)[],
): void {
  const announce = (tenantId: string) => wakeUps.announce(tenantId);
  const { idempotencyRetentionDays, feedRetentionDays } = config;
  const workers = [
    new DueWorker({ db, registry, log, announce }),
    new RescoreWorker({ db, registry, log, announce }),
    new UpkeepWorker({ db, log, idempotencyRetentionDays, feedRetentionDays }),
  ];
  for (const worker of workers) {
    worker.start();
    closers.push(() => worker.stop());
  }
}

function tokenVerifier({ jwtSecret, jwtJwksUrl, jwtIssuer, jwtAudience }: Config): TokenVerifier | null {
  if (jwtSecret === null && jwtJwksUrl === null) return null;
  return createTokenVerifier({
    ...(jwtSecret === null ? {} : { secret: jwtSecret }),
    ...(jwtJwksUrl === null ? {} : { jwksUrl: jwtJwksUrl }),
    ...(jwtIssuer === null ? {} : { issuer: jwtIssuer }),
    ...(jwtAudience === null ? {} : { audience: jwtAudience }),
  });
}
