import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLSchema } from 'graphql';
import { handleProtocols, type Server } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Services } from '../services.js';
import { KeyWatch } from './key-watch.js';
import { CLOSE_CODES, DEFAULT_LIVE_LIMITS, type LiveLimits } from './live-limits.js';
import { LiveSocket } from './live-socket.js';
import { createSubscriptionProtocol, type SocketState } from './subscription-protocol.js';

const PATH = '/graphql';
const RETRY_AFTER_S = 5;

export interface LiveServerOptions {
  /** Its upgrade requests are answered here. */
  httpServer: HttpServer;
  schema: GraphQLSchema;
  services: Services;
  /** Beside those of the configuration. */
  limits?: Partial<LiveLimits>;
}

/** GraphQL subscriptions over WebSocket, at the path and port of the HTTP server. */
export class LiveServer {
  readonly #httpServer: HttpServer;
  readonly #services: Services;
  readonly #limits: LiveLimits;
  readonly #protocol: Server<SocketState>;
  readonly #sockets: WebSocketServer;
  readonly #keys: KeyWatch;
  readonly #open = new Set<LiveSocket>();
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    this.#upgrade(request, socket, head);
  #draining = false;

  constructor({ httpServer, schema, services, limits }: LiveServerOptions) {
    const { config, access, log } = services;
    this.#httpServer = httpServer;
    this.#services = services;
    this.#limits = {
      ...DEFAULT_LIVE_LIMITS,
      socketsMax: config.wsConnectionsMax,
      subscriptionsPerSocketMax: config.wsSubscriptionsPerSocketMax,
      ...limits,
    };
    this.#protocol = createSubscriptionProtocol(schema, services, this.#limits);
    this.#keys = new KeyWatch(
      (authorization) => access.authenticate(authorization),
      this.#limits.keyCheckMs,
      log,
    );
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: this.#limits.messageBytesMax,
      perMessageDeflate: false,
      handleProtocols,
    });
    httpServer.on('upgrade', this.#onUpgrade);
  }

  /** Open sockets. */
  get socketCount(): number {
    return this.#open.size;
  }

  /**
   * Lets every client go with 1012 (Service Restart), upon which they connect elsewhere or again, and takes no new ones.
   * Resolves when the last is gone; what does not answer is cut off within `closeMsMax`.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#keys.stop();
    const gone = [...this.#sockets.clients].map(
      (socket) => new Promise((resolve) => socket.once('close', resolve)),
    );
    for (const socket of [...this.#open]) socket.close(CLOSE_CODES.restart, 'Service Restart');
    await Promise.all(gone);
    this.#httpServer.off('upgrade', this.#onUpgrade);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?', 1)[0] !== PATH) {
      refuse(socket, '404 Not Found');
      return;
    }
    if (this.#draining || this.#open.size >= this.#limits.socketsMax) {
      refuse(socket, '503 Service Unavailable', `Retry-After: ${RETRY_AFTER_S}\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket));
  }

  #accept(webSocket: WebSocket): void {
    const socket = new LiveSocket(webSocket, this.#limits, this.#services.log);
    this.#open.add(socket);
    let unwatch = () => {};
    const refused = () => socket.close(CLOSE_CODES.forbidden, 'Forbidden');
    const closed = this.#protocol.opened(
      {
        protocol: webSocket.protocol,
        send: (data) => socket.send(data),
        close: (code, reason) => socket.close(code ?? CLOSE_CODES.internal, reason ?? ''),
        onMessage: (handle) =>
          webSocket.on('message', (data) => void this.#handle(socket, () => handle(String(data)))),
      },
      {
        socket,
        viewer: null,
        onAccepted: (authorization) => {
          if (this.#open.has(socket)) unwatch = this.#keys.watch(authorization, refused);
        },
      },
    );
    webSocket.once('close', (code, reason) => {
      this.#open.delete(socket);
      unwatch();
      void this.#handle(socket, () => closed(code, String(reason)));
    });
  }

  /** Runs what a message asks for; it ends with the subscription that the message began. */
  async #handle(socket: LiveSocket, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#services.log.error({ err: error }, 'a socket failed');
      socket.close(CLOSE_CODES.internal, 'Internal server error');
    }
  }
}

function refuse(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
