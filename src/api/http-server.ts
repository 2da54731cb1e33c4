import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { createApollo } from './apollo.js';
import { addBodyDeadline } from './body-deadline.js';
import { addCors } from './cors.js';
import { createGraphqlRoute } from './graphql-route.js';
import { addHealthRoutes } from './health-routes.js';
import { addHttpErrors } from './http-errors.js';
import { EventStreamServer } from './live/event-stream-server.js';
import type { LiveLimits } from './live/live-limits.js';
import { createLiveShared, type LiveShared } from './live/live-shared.js';
import { openPersistedOperations } from './persisted/operation-manifest.js';
import type { PersistedOperations } from './persisted/persisted-operations.js';
import { PreparedOperations } from './prepared-operations.js';
import { QueryCost } from './query-cost.js';
import { buildApiSchema } from './schema/build-schema.js';
import type { Services } from './services.js';
import { addExportRoutes } from './transfer/export-routes.js';
import { addImportRoutes } from './transfer/import-routes.js';

const REQUEST_ID = /^[\w.:-]{1,128}$/;
/** How long a client may take to send a request, in ms; slower ones only hold connections. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than load balancers keep idle connections, so that none is cut while a request is on its way. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** What may be other than the configuration says, or is read from it already. */
export interface HttpServerOptions {
  liveLimits?: Partial<LiveLimits>;
  persisted?: PersistedOperations;
}

/** The HTTP side of the server. */
export interface HttpServer {
  app: FastifyInstance;
  /** What it has in common with the WebSocket beside it. */
  live: LiveShared;
  streams: EventStreamServer;
  /** Begins to listen. @throws Error that says what to do when the port is taken. */
  listen(): Promise<{ url: string; port: number }>;
  /** `/readyz` answers 503 from now on, so that load balancers look elsewhere; requests are still served. */
  drain(): void;
  /** Ends event streams, stops listening and waits for the requests under way, at most `SHUTDOWN_TIMEOUT_MS`; the rest is cut off. */
  close(): Promise<void>;
}

/**
 * The server with GraphQL at `/graphql` and health at `/livez` and `/readyz`; other routes may be added before it listens.
 * @throws Error when the list of operations cannot be used.
 */
export async function createHttpServer(
  services: Services,
  { liveLimits = {}, persisted = openPersistedOperations(services.config) }: HttpServerOptions = {},
): Promise<HttpServer> {
  const { config, log } = services;
  const schema = buildApiSchema();
  const cost = new QueryCost(schema);
  const prepared = new PreparedOperations(schema, cost);
  const apollo = createApollo({ schema, cost, prepared, log, introspection: config.introspection });
  await apollo.start();
  const live = createLiveShared({ schema, services, persisted, changed: liveLimits });
  const streams = new EventStreamServer(live);
  const app = Fastify({
    bodyLimit: config.maxBodyBytes,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    genReqId: requestIdOf,
    // Names like these are data here; nothing copies them by assignment.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  addBodyDeadline(app, REQUEST_TIMEOUT_MS, (path) => path.startsWith('/import/'));
  addCors(app, config.corsOrigins);
  addHttpErrors(app, services);
  const health = addHealthRoutes(app, services);
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: createGraphqlRoute({ services, apollo, prepared, persisted, streams }),
  });
  addImportRoutes(app, services);
  addExportRoutes(app, services, schema);
  return {
    app,
    live,
    streams,
    listen: () => listen(app, config.host, config.port),
    drain: health.drain,
    close: async () => {
      health.drain();
      await streams.drain();
      const cutOff = setTimeout(() => app.server.closeAllConnections(), config.shutdownTimeoutMs);
      await app.close();
      clearTimeout(cutOff);
      await apollo.stop();
    },
  };
}

/** The caller's own request id when it is a sensible one, so that logs on both sides can be matched. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<{ url: string; port: number }> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw listenError(error, host, port);
  }
  const address = app.server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const shown = address.address === '0.0.0.0' || address.address === '::' ? 'localhost' : name;
  return { url: `http://${shown}:${address.port}`, port: address.port };
}

function listenError(error: unknown, host: string, port: number): Error {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  const words: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program. Stop that one, or choose another port: PORT=${port + 1} (PORT=0 takes any free one).`,
    EACCES: `This user may not listen on port ${port}. Choose one above 1023, such as PORT=4000.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set HOST to one that is, such as 127.0.0.1 or 0.0.0.0.`,
    ENOTFOUND: `There is no host called ${host}. Set HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0.`,
  };
  const message = typeof code === 'string' ? words[code] : undefined;
  if (message !== undefined) return new Error(message, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
