import { AccessService } from '../../src/access/access-service.js';
import type { Role } from '../../src/access/roles.js';
import { createTokenVerifier, type TokenSettings } from '../../src/access/token-verifier.js';
import { AnalyticsService } from '../../src/analytics/analytics-service.js';
import { FactWorker } from '../../src/analytics/facts/fact-worker.js';
import { createHttpServer, type HttpServer } from '../../src/api/http-server.js';
import type { Services } from '../../src/api/services.js';
import { BulkService } from '../../src/bulk/bulk-service.js';
import { CatalogueService } from '../../src/catalogue/catalogue-service.js';
import { loadConfig } from '../../src/config.js';
import { ContactService } from '../../src/contacts/contact-service.js';
import { FeedReader } from '../../src/feed/feed-reader.js';
import { WakeUps } from '../../src/feed/wake-ups.js';
import { IdentityService } from '../../src/identity/identity-service.js';
import { Recorder } from '../../src/ingest/recorder.js';
import { JobService } from '../../src/jobs/job-service.js';
import { createLog } from '../../src/log.js';
import { ModelService } from '../../src/models/model-service.js';
import { openPreviews } from '../../src/preview/open-previews.js';
import { openSegments } from '../../src/segments/open-segments.js';
import { openDatabase } from '../../src/store/database.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { openTransfers } from '../../src/transfer/open-transfers.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { compiledFitThread, compiledThread } from './thread-entry.js';

export interface ApiTestOptions {
  /** Environment variables of the server. */
  env?: Record<string, string>;
  token?: TokenSettings;
}

/** What a client got, HTTP and GraphQL. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are whatever the test asked for
  data: any;
  errors: ApiError[];
}

export interface ApiError {
  message: string;
  path?: (string | number)[];
  extensions: {
    code: string;
    fields?: { path: string; message: string }[];
    currentVersion?: number;
    currentDraft?: number;
    requestId?: string;
  };
}

/** A tenant with an ADMIN key. */
export interface ApiTenant {
  tenantId: string;
  key: string;
  keyId: string;
}

/** The API over real HTTP on a database of its own. Log lines are kept for the test to read. */
export class ApiTestServer {
  readonly services: Services;
  readonly http: HttpServer;
  readonly url: string;
  readonly logLines: string[];
  readonly database: TestDatabase;

  private constructor(
    services: Services,
    http: HttpServer,
    url: string,
    logLines: string[],
    database: TestDatabase,
  ) {
    this.services = services;
    this.http = http;
    this.url = url;
    this.logLines = logLines;
    this.database = database;
  }

  static async start(options: ApiTestOptions = {}): Promise<ApiTestServer> {
    const database = await createTestDatabase();
    const logLines: string[] = [];
    const log = createLog('debug', { write: (line: string) => void logLines.push(line) });
    const db = await openDatabase({
      url: database.url,
      readsMax: 4,
      writesMax: 2,
      applicationName: 'api-test',
    });
    const registry = new ModelRegistry(db);
    const wakeUps = new WakeUps({ url: database.url, log });
    await wakeUps.start();
    const announce = (tenantId: string) => wakeUps.announce(tenantId);
    const recorder = new Recorder({
      db,
      registry,
      log,
      batchesMax: 2,
      announce,
    });
    const contacts = new ContactService(db, registry);
    const catalogue = new CatalogueService({ db, log });
    const looking = openPreviews({ db, registry, log, databaseUrl: database.url, entry: compiledThread });
    const services: Services = {
      db,
      registry,
      recorder,
      jobs: new JobService({ db, wakeUps, log }),
      models: new ModelService(db, (tenantId) => catalogue.seenUse(tenantId)),
      access: new AccessService(db, options.token ? createTokenVerifier(options.token) : null),
      contacts,
      ...openSegments({ db, registry, contacts, wakeUps }),
      bulk: new BulkService(db, contacts),
      identity: new IdentityService({ db, registry, announce: (tenantId) => wakeUps.announce(tenantId) }),
      ...openTransfers({ db, registry, recorder, contacts, log, announce }),
      catalogue,
      analytics: new AnalyticsService(db, registry, compiledFitThread),
      ...looking,
      feed: new FeedReader({ db, wakeUps, log }),
      wakeUps,
      config: loadConfig({ PORT: '0', ...options.env }),
      log,
    };
    const http = await createHttpServer(services);
    const { url } = await http.listen();
    return new ApiTestServer(services, http, url, logLines, database);
  }

  async tenant(): Promise<ApiTenant> {
    const tenantId = await this.services.access.createTenant('Acme');
    const key = { name: 'admin key', role: 'ADMIN', expiresAt: null } as const;
    const { row, text } = await this.services.access.createApiKey(tenantId, key);
    return { tenantId, key: text, keyId: row.id };
  }

  /** A key of the role in the tenant. */
  async key(tenant: ApiTenant, role: Role): Promise<string> {
    const { text } = await this.services.access.createApiKey(tenant.tenantId, {
      name: role,
      role,
      expiresAt: null,
    });
    return text;
  }

  /** Sends an operation; `key` null sends none. */
  async send(
    key: string | null,
    query: string,
    variables?: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as { data?: unknown; errors?: ApiError[] };
    return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [] };
  }

  /** Brings what analytics reads up to date with everything recorded so far. */
  async settleFacts(): Promise<void> {
    const { db, registry, log } = this.services;
    const worker = new FactWorker({ db, registry, log });
    while (await worker.serveNext());
  }

  async stop(): Promise<void> {
    const { feed, wakeUps, recorder, catalogue, ruleResults, threads, db } = this.services;
    await this.http.close();
    feed.close();
    await recorder.close();
    await catalogue.close();
    await ruleResults.close();
    await threads.close();
    await wakeUps.stop();
    await db.close();
    await this.database.drop();
  }
}
