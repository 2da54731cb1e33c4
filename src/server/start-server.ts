import { AccessService } from '../access/access-service.js';
import { createTokenVerifier, type TokenVerifier } from '../access/token-verifier.js';
import { AnalyticsService } from '../analytics/analytics-service.js';
import { FactWorker } from '../analytics/facts/fact-worker.js';
import { registerExplorer } from '../api/explorer/register-explorer.js';
import { createHttpServer } from '../api/http-server.js';
import { LiveServer } from '../api/live/ws-server.js';
import { openPersistedOperations } from '../api/persisted/operation-manifest.js';
import type { Services } from '../api/services.js';
import { BulkService } from '../bulk/bulk-service.js';
import { BulkWorker } from '../bulk/bulk-worker.js';
import { ActionTypeWorker } from '../catalogue/action-type-worker.js';
import { CatalogueService } from '../catalogue/catalogue-service.js';
import type { Config } from '../config.js';
import { ContactService } from '../contacts/contact-service.js';
import { FeedReader } from '../feed/feed-reader.js';
import { WakeUps } from '../feed/wake-ups.js';
import { IdentityService } from '../identity/identity-service.js';
import { Recorder } from '../ingest/recorder.js';
import { JobService } from '../jobs/job-service.js';
import type { Log } from '../log.js';
import { ModelService } from '../models/model-service.js';
import { openPreviews, threadEntry } from '../preview/open-previews.js';
import { PreviewWorker } from '../preview/preview-worker.js';
import { DueWorker } from '../rescoring/due-worker.js';
import { RescoreHost } from '../rescoring/rescore-host.js';
import { openSegments } from '../segments/open-segments.js';
import { SegmentWorker } from '../segments/segment-worker.js';
import { migrate, openDatabase } from '../store/database.js';
import { ModelRegistry } from '../store/model-registry.js';
import { openTransfers } from '../transfer/open-transfers.js';
import { UpkeepWorker } from '../upkeep/upkeep-worker.js';
import { type Bootstrapped, bootstrap } from './bootstrap.js';
import { explainDatabaseFault } from './database-fault.js';

/** Connections for batches beside those of ingest: the due worker's. */
const WORKER_CONNECTIONS = 1;

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
  // First of all: a file that cannot be used must not show only after a first key was made.
  const persisted = openPersistedOperations(config);
  const services = await openServices(config, databaseUrl, log, closers);
  const bootstrapped = await bootstrap(services);
  startWorkers(services, databaseUrl, closers);
  const http = await createHttpServer(services, { persisted });
  await registerExplorer(http.app, services);
  closers.push(() => http.close());
  const live = new LiveServer({ httpServer: http.app.server, live: http.live });
  closers.push(() => live.drain());
  closers.push(() => services.imports.stop());
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
  const bus = config.busUrl === null ? null : { url: config.busUrl, installationId: db.installationId };
  const wakeUps = new WakeUps({ url: databaseUrl, log, bus });
  closers.push(() => wakeUps.stop());
  await wakeUps.start();
  const feed = new FeedReader({ db, wakeUps, log });
  closers.push(() => feed.close());
  const registry = new ModelRegistry(db);
  const announce = (tenantId: string) => wakeUps.announce(tenantId);
  const recorder = new Recorder({ db, registry, log, batchesMax: config.ingestConnections, announce });
  closers.push(() => recorder.close());
  const access = new AccessService(db, tokenVerifier(config));
  const contacts = new ContactService(db, registry);
  const catalogue = new CatalogueService({ db, log });
  closers.push(() => catalogue.close());
  const looking = openPreviews({ db, registry, log, databaseUrl, entry: threadEntry });
  closers.push(() => looking.threads.close());
  closers.push(() => looking.ruleResults.close());
  return {
    db,
    registry,
    recorder,
    jobs: new JobService({ db, wakeUps, log }),
    models: new ModelService(db, (tenantId) => catalogue.seenUse(tenantId)),
    access,
    contacts,
    ...openSegments({ db, registry, contacts, wakeUps }),
    bulk: new BulkService(db, contacts),
    identity: new IdentityService({ db, registry, announce }),
    ...openTransfers({ db, registry, recorder, contacts, log, announce }),
    catalogue,
    analytics: new AnalyticsService(db, registry),
    ...looking,
    feed,
    wakeUps,
    config,
    log,
  };
}

function startWorkers(
  { db, registry, log, config, wakeUps, threads, contacts, recorder }: Services,
  databaseUrl: string,
  closers: (() => Promise<unknown> | unknown)[],
): void {
  const announce = (tenantId: string) => wakeUps.announce(tenantId);
  const rescoring = { databaseUrl, applicationName: 'leadpulse-rescoring', logLevel: config.logLevel };
  const { idempotencyRetentionDays, feedRetentionDays } = config;
  const workers = [
    new DueWorker({ db, registry, log, announce }),
    new RescoreHost({ db, settings: rescoring, log, announce }),
    new PreviewWorker({ db, registry, pool: threads, log, announce }),
    new ActionTypeWorker({ db, log }),
    new SegmentWorker({ db, registry, log, announce, feedRetentionDays }),
    new FactWorker({ db, registry, log, itemsTaken: () => recorder.itemsTaken }),
    new BulkWorker({ db, contacts, recorder, log, announce }),
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
