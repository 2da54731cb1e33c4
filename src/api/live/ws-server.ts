import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { handleProtocols, type Server } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Viewer } from '../../access/viewer.js';
import { CLOSE_CODES } from './live-limits.js';
import type { Release } from './live-quota.js';
import type { LiveShared } from './live-shared.js';
import { LiveSocket } from './live-socket.js';
import { createSubscriptionProtocol, type SocketState } from './subscription-protocol.js';
import { WaitingBytes } from './waiting-bytes.js';

const PATH = '/graphql';
const RETRY_AFTER_S = 5;

export interface LiveServerOptions {
  /** Its upgrade requests are answered here. */
  httpServer: HttpServer;
  live: LiveShared;
}

/** GraphQL subscriptions over WebSocket, at the path and port of the HTTP server. */
export class LiveServer {
  readonly #httpServer: HttpServer;
  readonly #live: LiveShared;
  readonly #protocol: Server<SocketState>;
  readonly #sockets: WebSocketServer;
  readonly #open = new Set<LiveSocket>();
  readonly #waiting: WaitingBytes;
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    this.#upgrade(request, socket, head);
  #draining = false;

  constructor({ httpServer, live }: LiveServerOptions) {
    this.#httpServer = httpServer;
    this.#live = live;
    this.#waiting = new WaitingBytes(live.limits.allBufferedBytesMax);
    this.#protocol = createSubscriptionProtocol(live);
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: live.limits.messageBytesMax,
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
    this.#live.keys.stop();
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
    const release = this.#draining ? null : this.#live.quota.connect();
    if (!release) {
      refuse(socket, '503 Service Unavailable', `Retry-After: ${RETRY_AFTER_S}\r\n`);
      return;
    }
    // Also when the handshake fails, of which ws tells nobody.
    socket.once('close', release);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      // What an HTTP server without TLS hands over is a socket.
      this.#accept(webSocket, socket as Socket),
    );
  }

  #accept(webSocket: WebSocket, connection: Socket): void {
    const { services, limits } = this.#live;
    const socket = new LiveSocket({
      socket: webSocket,
      connection,
      limits,
      waiting: this.#waiting,
      log: services.log,
    });
    this.#open.add(socket);
    let leave: Release = () => {};
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
        onAccepted: (authorization, viewer, subscriptions) => {
          if (!this.#open.has(socket)) return false;
          const entered = this.#enter(socket, authorization, viewer);
          if (!entered) return false;
          leave = entered;
          socket.countBy(subscriptions);
          return true;
        },
      },
    );
    webSocket.once('close', (code, reason) => {
      this.#open.delete(socket);
      leave();
      void this.#handle(socket, () => closed(code, String(reason)));
    });
  }

  /** Counts a socket among those of its key and watches the key; null when there are too many, and the socket closes. */
  #enter(socket: LiveSocket, authorization: string, viewer: Viewer): Release | null {
    const { quota, keys } = this.#live;
    const release = quota.connectAs(viewer);
    if (!release) {
      socket.close(CLOSE_CODES.tryAgainLater, 'Too many connections of this key');
      return null;
    }
    const unwatch = keys.watch(authorization, () => socket.close(CLOSE_CODES.forbidden, 'Forbidden'));
    return () => {
      unwatch();
      release();
    };
  }

  /** Runs what a message asks for; it ends with the subscription that the message began. */
  async #handle(socket: LiveSocket, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#live.services.log.error({ err: error }, 'a socket failed');
      socket.close(CLOSE_CODES.internal, 'Internal server error');
    }
  }
}

function refuse(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
