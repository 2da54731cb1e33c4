import { connect } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addBodyDeadline } from '../../src/api/body-deadline.js';

const DEADLINE_MS = 150;

let app: FastifyInstance;
let port: number;

beforeAll(async () => {
  app = Fastify();
  addBodyDeadline(app, DEADLINE_MS, (path) => path.startsWith('/slow/'));
  app.post('/quick', async ({ body }) => ({ body }));
  app.post('/slow/file', async ({ body }) => ({ body }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});

afterAll(async () => {
  await app.close();
});

/** Sends half a body, and the rest when `finish` is called. What the server said, when it has closed the connection. */
function halfRequest(path: string): { finish(): void; answered: Promise<string>; closed: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 6\r\n\r\n"ab`,
  );
  const closed = new Promise<string>((resolve) => {
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
  const answered = new Promise<string>((resolve) => {
    socket.on('data', (part) => {
      text += part.toString();
      resolve(text);
    });
  });
  return { finish: () => socket.write('cd"'), answered, closed };
}

test('a client that does not send its request in time is cut off', async () => {
  const { closed } = halfRequest('/quick');
  expect(await closed).not.toContain('200 OK');
});

test('an exempt path may take its time', async () => {
  const exempt = halfRequest('/slow/file');
  // Begun later and cut off, so that the first one has outlived the deadline.
  await halfRequest('/quick').closed;
  exempt.finish();
  expect(await exempt.answered).toContain('"abcd"');
});

test('a request that is sent at once is answered, on a connection that stays open', async () => {
  const quick = halfRequest('/quick');
  quick.finish();
  expect(await quick.answered).toContain('"abcd"');
  await halfRequest('/quick').closed;
  quick.finish();
});
