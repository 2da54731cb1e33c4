import { afterAll, beforeAll, expect, test } from 'vitest';
import { GraphqlClient } from '../../src/simulation/graphql-client.js';
import { Simulation, SimulationRefused } from '../../src/simulation/simulation.js';
import { Traffic } from '../../src/simulation/traffic.js';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
  tenant = await server.tenant();
  await server.services.models.createFromPreset(
    { tenantId: tenant.tenantId, name: 'test' },
    'STARTER',
    'starter',
    null,
  );
});

afterAll(() => server.stop());

function simulate(key: string): Simulation {
  const client = new GraphqlClient(`${server.url}/graphql`, key);
  return new Simulation({ client, traffic: new Traffic({ seed: 3, leads: 30 }), rate: 200 });
}

test('the API takes everything that simulated leads do', async () => {
  const simulation = simulate(await server.key(tenant, 'INGEST'));
  const stop = new AbortController();
  const running = simulation.run(stop.signal);
  await expect.poll(() => simulation.progress().sent, { timeout: 30_000 }).toBeGreaterThan(250);
  stop.abort();
  await running;
  expect(simulation.progress()).toMatchObject({ errors: 0, lastError: null });
  const query = '{ contacts(first: 100) { nodes { email firstName score { total } } } }';
  const { data } = await server.send(tenant.key, query);
  expect(data.contacts.nodes.length).toBeGreaterThan(10);
  expect(data.contacts.nodes.every((node: { firstName: string | null }) => node.firstName)).toBe(true);
});

test('a key that may only read is refused', async () => {
  const simulation = simulate(await server.key(tenant, 'VIEWER'));
  await expect(simulation.run(new AbortController().signal)).rejects.toThrow(SimulationRefused);
});
