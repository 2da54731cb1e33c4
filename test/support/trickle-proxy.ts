import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Between two bytes, in ms. */
const BYTE_GAP_MS = 1_000;

/**
 * A network that lets a server's answers through byte by byte, one a second, once it is told to; until then, and what clients send,
 * goes through as it comes. For one connection at a time.
 */
export class TrickleProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  #upstream: Socket | null = null;
  #downstream: Socket | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port where the server listens on this machine. */
  static async start(port: number): Promise<TrickleProxy> {
    const server = createServer();
    const proxy = new TrickleProxy(server);
    server.on('connection', (downstream) => proxy.#join(downstream, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on one byte a second. */
  trickle(): void {
    const [upstream, downstream] = [this.#upstream, this.#downstream];
    if (!upstream || !downstream) throw new Error('nobody has connected');
    upstream.unpipe(downstream);
    upstream.pause();
    this.#timer = setInterval(() => {
      const byte: Buffer | null = upstream.read(1);
      if (byte) downstream.write(byte);
    }, BYTE_GAP_MS);
  }

  /** Cuts the connection: whoever reads a byte a second would not see its end for hours. */
  cut(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(downstream: Socket, upstream: Socket): void {
    this.#upstream = upstream;
    this.#downstream = downstream;
    for (const [socket, other] of [
      [upstream, downstream],
      [downstream, upstream],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    downstream.pipe(upstream);
    upstream.pipe(downstream);
  }
}
