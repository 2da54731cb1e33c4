import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { GraphqlClient } from '../../src/simulation/graphql-client.js';
import { Simulation, SimulationRefused } from '../../src/simulation/simulation.js';
import { describeProgress, describeSummary } from '../../src/simulation/status-line.js';
import { Traffic } from '../../src/simulation/traffic.js';

interface Received {
  authorization: string | undefined;
  variables: { input: { idempotencyKey: string } };
}

const OK = { data: { recordAction: { duplicate: false } } };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function failure(code: string) {
  return { errors: [{ message: 'No.', extensions: { code } }] };
}

/** A stand-in for the API that answers as the test says. */
async function stubServer(answer: (received: Received, number: number) => object | Promise<object>) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { variables } = JSON.parse(Buffer.concat(chunks).toString()) as Pick<Received, 'variables'>;
    const next = { authorization: request.headers.authorization, variables };
    received.push(next);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(await answer(next, received.length)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  return { url, received };
}

function simulate(url: string, rate = 1_000): Simulation {
  const client = new GraphqlClient(url, 'the-key');
  return new Simulation({ client, traffic: new Traffic({ seed: 1, leads: 10 }), rate });
}

test('every step is sent once, with the key and an idempotency key of its own', async () => {
  const stop = new AbortController();
  const { url, received } = await stubServer((_, number) => {
    if (number >= 20) stop.abort();
    return OK;
  });
  const simulation = simulate(url);
  await simulation.run(stop.signal);
  const keys = received.map((each) => each.variables.input.idempotencyKey);
  expect(new Set(keys).size).toBe(received.length);
  expect(received[0]?.authorization).toBe('Bearer the-key');
  expect(simulation.progress()).toMatchObject({ sent: received.length, errors: 0, inFlight: 0 });
});

test('what the server could not take is sent again under the same key', async () => {
  const stop = new AbortController();
  const { url, received } = await stubServer((_, number) => {
    if (number === 1) return failure('UNAVAILABLE');
    if (number > 5) stop.abort();
    return OK;
  });
  const simulation = simulate(url, 5);
  await simulation.run(stop.signal);
  const keys = received.map((each) => each.variables.input.idempotencyKey);
  expect(keys.filter((key) => key === keys[0])).toHaveLength(2);
  expect(simulation.progress()).toMatchObject({ errors: 0, retries: 1 });
});

test('a fault of one step is counted and the others go on', async () => {
  const stop = new AbortController();
  const { url } = await stubServer((_, number) => {
    if (number >= 10) stop.abort();
    return number === 3 ? failure('BAD_USER_INPUT') : OK;
  });
  const simulation = simulate(url);
  await simulation.run(stop.signal);
  expect(simulation.progress()).toMatchObject({ errors: 1, lastError: 'BAD_USER_INPUT: No.' });
});

test('a key that is refused ends it', async () => {
  const { url } = await stubServer(() => failure('FORBIDDEN'));
  await expect(simulate(url).run(new AbortController().signal)).rejects.toThrow(SimulationRefused);
});

test('a slow server is never asked more than 32 things at once, and the rest is left out', async () => {
  const stop = new AbortController();
  const waiting: (() => void)[] = [];
  let most = 0;
  const { url } = await stubServer(async () => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      most = Math.max(most, waiting.length);
    });
    return OK;
  });
  const simulation = simulate(url, 2_000);
  const running = simulation.run(stop.signal);
  await expect.poll(() => waiting.length).toBe(32);
  await expect.poll(() => simulation.progress().elapsedMs, { timeout: 10_000 }).toBeGreaterThan(1_500);
  expect(most).toBe(32);
  const timer = setInterval(() => {
    for (const answer of waiting.splice(0)) answer();
  }, 5);
  await expect.poll(() => simulation.progress().leftOut, { timeout: 10_000 }).toBeGreaterThan(1_000);
  stop.abort();
  await running;
  clearInterval(timer);
  const progress = simulation.progress();
  expect(describeSummary(progress)).toContain('could not keep up');
  expect(describeProgress({ ...progress, leftOut: 0 }, progress)).toContain('the server cannot keep up');
});

test('a server that is gone is told apart from one that refuses', async () => {
  const { url } = await stubServer(() => ({ hello: 'no GraphQL here' }));
  const other = await new GraphqlClient(url, 'key').send('{ a }', {});
  expect(other).toMatchObject({ kind: 'REFUSED', message: expect.stringContaining('HTTP 200') });
  const server = servers.pop();
  await new Promise((resolve) => {
    server?.close(resolve);
    server?.closeAllConnections();
  });
  const gone = await new GraphqlClient(url, 'key').send('{ a }', {});
  expect(gone).toEqual({ kind: 'UNREACHABLE', message: 'ECONNREFUSED' });
});
