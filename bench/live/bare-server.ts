import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { BareMessage, BareRequest } from './bare-protocol.js';

/** Bare `ws`: sends one and the same message to every open socket again and again, as fast as they take it. */
const WAITING_BYTES_MAX = 128 * 1024;

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  maxPayload: 1024,
});

async function sendOn(bytes: Buffer): Promise<void> {
  for (;;) {
    for (const socket of server.clients) {
      if (socket.bufferedAmount <= WAITING_BYTES_MAX) socket.send(bytes, { binary: false });
    }
    await setImmediate();
  }
}

process.on('message', (request: BareRequest) => {
  if (request.kind === 'send') void sendOn(Buffer.from(request.text));
  const { port } = server.address() as AddressInfo;
  process.send?.({ kind: 'listening', port, pid: process.pid } satisfies BareMessage);
});
process.on('disconnect', () => process.exit(0));
server.once('listening', () => process.send?.({ kind: 'ready' } satisfies BareMessage));
