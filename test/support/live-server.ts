import { randomUUID } from 'node:crypto';
import { type ExecutionResult, type GraphQLSchema, graphql } from 'graphql';
import { AccessService } from '../../src/access/access-service.js';
import type { Role } from '../../src/access/roles.js';
import { createTokenVerifier, type TokenSettings } from '../../src/access/token-verifier.js';
import { AnalyticsService } from '../../src/analytics/analytics-service.js';
import { createHttpServer, type HttpServer } from '../../src/api/http-server.js';
import type { AbortableStream } from '../../src/api/live/abortable-stream.js';
import type { Frame } from '../../src/api/live/fan-out/frame.js';
import { frameStream } from '../../src/api/live/fan-out/frame-stream.js';
import type { LiveOperations } from '../../src/api/live/fan-out/live-operations.js';
import type { LiveLimits } from '../../src/api/live/live-limits.js';
import { LiveServer } from '../../src/api/live/ws-server.js';
import { createLoaders } from '../../src/api/loaders.js';
import { maskError } from '../../src/api/mask-error.js';
import { RequestContext } from '../../src/api/request-context.js';
import { buildApiSchema } from '../../src/api/schema/build-schema.js';
import type { Services } from '../../src/api/services.js';
import { BulkService } from '../../src/bulk/bulk-service.js';
import { CatalogueService } from '../../src/catalogue/catalogue-service.js';
import { loadConfig } from '../../src/config.js';
import { ContactService } from '../../src/contacts/contact-service.js';
import { type FeedLimits, FeedReader } from '../../src/feed/feed-reader.js';
import { WakeUps } from '../../src/feed/wake-ups.js';
import { IdentityService } from '../../src/identity/identity-service.js';
import { Recorder } from '../../src/ingest/recorder.js';
import { JobService } from '../../src/jobs/job-service.js';
import { createLog } from '../../src/log.js';
import { ModelService } from '../../src/models/model-service.js';
import { openPreviews } from '../../src/preview/open-previews.js';
import { openSegments } from '../../src/segments/open-segments.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { openTransfers } from '../../src/transfer/open-transfers.js';
import { LiveClient } from './live-client.js';
import { compiledFitThread, compiledThread } from './thread-entry.js';

let schema: GraphQLSchema | undefined;

/** One schema is enough for all servers of a test process. */
function apiSchema(): GraphQLSchema {
  schema ??= buildApiSchema();
  return schema;
}

export interface LiveTestServerOptions {
  live?: Partial<LiveLimits>;
  feed?: Partial<FeedLimits>;
  /** Any free one when absent. */
  port?: number;
  /** Environment variables of the server. */
  env?: Record<string, string>;
  token?: TokenSettings;
}

/** A tenant with an ADMIN key. */
export interface LiveTenant {
  tenantId: string;
  apiKey: string;
  keyId: string;
}

/** The services, the HTTP server and the WebSocket server of one process, without what is around them. */
export class LiveTestServer {
  readonly services: Services;
  readonly live: LiveServer;
  readonly port: number;
  readonly http: HttpServer;
  readonly #clients: LiveClient[] = [];

  private constructor(services: Services, http: HttpServer, port: number) {
    this.services = services;
    this.http = http;
    this.port = port;
    this.live = new LiveServer({ httpServer: http.app.server, live: http.live });
  }

  static async start(databaseUrl: string, options: LiveTestServerOptions = {}): Promise<LiveTestServer> {
    const db = await openDatabase({
      url: databaseUrl,
      readsMax: 4,
      writesMax: 2,
      applicationName: 'live-test',
    });
    const services = await createServices(db, databaseUrl, options);
    const http = await createHttpServer(services, { liveLimits: options.live });
    const { port } = await http.listen();
    return new LiveTestServer(services, http, port);
  }

  get operations(): LiveOperations {
    return this.http.live.operations;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/graphql`;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.port}/graphql`;
  }

  /** A tenant with a key of the role. */
  async tenant(role: Role = 'ADMIN'): Promise<LiveTenant> {
    const { access } = this.services;
    const tenantId = await access.createTenant('Acme');
    const { row, text } = await access.createApiKey(tenantId, { name: 'test', role, expiresAt: null });
    return { tenantId, apiKey: text, keyId: row.id };
  }

  /** A client that has introduced itself; closed with the server. */
  async client(apiKey: string): Promise<LiveClient> {
    const client = await LiveClient.connect(this.url, apiKey);
    this.#clients.push(client);
    return client;
  }

  /** Answers a query as over HTTP. */
  async query(
    apiKey: string,
    source: string,
    variableValues: Record<string, unknown> = {},
  ): Promise<ExecutionResult> {
    const viewer = await this.services.access.authenticate(`Bearer ${apiKey}`);
    const loaders = createLoaders(this.services, viewer);
    const contextValue = { viewer, requestId: randomUUID(), services: this.services, loaders };
    const result = await graphql({ schema: apiSchema(), source, variableValues, contextValue });
    const mask = (error: unknown) => maskError(error, contextValue.requestId, this.services.log);
    return JSON.parse(JSON.stringify({ data: result.data, errors: result.errors?.map(mask) }));
  }

  /** Subscribes past any transport. @throws Error when the subscription is refused. */
  async payloads(
    apiKey: string,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<AbortableStream<string>> {
    const viewer = await this.services.access.authenticate(`Bearer ${apiKey}`);
    const context = new RequestContext(this.services, viewer, randomUUID());
    const args = this.http.live.preparer.prepare({ query, variables }, context);
    if (!('schema' in args)) throw new Error(args.join());
    const opened = await this.operations.open(args);
    if ('errors' in opened) throw new Error(opened.errors.join());
    return payloadsOf(frameStream(opened));
  }

  async stop(): Promise<void> {
    const { feed, wakeUps, recorder, catalogue, ruleResults, threads, db } = this.services;
    for (const client of this.#clients) client.socket.terminate();
    await this.live.drain();
    await this.http.close();
    feed.close();
    await recorder.close();
    await catalogue.close();
    await ruleResults.close();
    await threads.close();
    await wakeUps.stop();
    await db.close();
  }
}

/** The payloads of frames, as JSON texts. */
function payloadsOf(frames: AbortableStream<Frame>): AbortableStream<string> {
  const payload = (step: IteratorResult<Frame>): IteratorResult<string> =>
    step.done ? { done: true, value: undefined } : { done: false, value: step.value.payload };
  const stream: AbortableStream<string> = {
    next: () => frames.next().then(payload),
    return: () => frames.return().then(payload),
    throw: (error) => frames.throw(error).then(payload),
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

async function createServices(
  db: Database,
  url: string,
  { feed, port, env, token }: LiveTestServerOptions,
): Promise<Services> {
  const log = createLog('silent');
  const registry = new ModelRegistry(db);
  const wakeUps = new WakeUps({ url, log });
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
  const looking = openPreviews({ db, registry, log, databaseUrl: url, entry: compiledThread });
  return {
    db,
    registry,
    recorder,
    jobs: new JobService({ db, wakeUps, log }),
    models: new ModelService(db, (tenantId) => catalogue.seenUse(tenantId)),
    access: new AccessService(db, token ? createTokenVerifier(token) : null),
    contacts,
    ...openSegments({ db, registry, contacts, wakeUps }),
    bulk: new BulkService(db, contacts),
    identity: new IdentityService({ db, registry, announce: (tenantId) => wakeUps.announce(tenantId) }),
    ...openTransfers({ db, registry, recorder, contacts, log, announce }),
    catalogue,
    analytics: new AnalyticsService(db, registry, compiledFitThread),
    ...looking,
    feed: new FeedReader({ db, wakeUps, log, limits: feed }),
    wakeUps,
    config: loadConfig({ PORT: String(port ?? 0), ...env }),
    log,
  };
}
