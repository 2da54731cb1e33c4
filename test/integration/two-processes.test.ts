import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { IngestKit } from '../support/ingest-kit.js';
import { LiveClient, type LiveData, type LiveEvent } from '../support/live-client.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

const WAIT_MS = 60_000;
const RECORD =
  'mutation ($input: RecordActionInput!) { recordAction(input: $input) { duplicate cursor scores { total } } }';

const WATCH = 'subscription ($after: String) { scoreChanged(after: $after) { cursor contactId totalAfter } }';

let database: TestDatabase;
let servers: ServerProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  servers = [];
});

afterAll(async () => {
  await database.drop();
});

async function startServer(): Promise<ServerProcess> {
  const server = await ServerProcess.start({ DATABASE_URL: database.url });
  servers.push(server);
  return server;
}

function changeIn(data: LiveData): LiveEvent {
  if (!data.scoreChanged) throw new Error('an event without its change');
  return data.scoreChanged;
}

function act(server: ServerProcess, email: string, type: string, idempotencyKey: string): Promise<unknown> {
  return server.ask(RECORD, { input: { contact: { email }, type, idempotencyKey } });
}

/** Sends until it is answered: what a well-behaved integrator does when a server dies under the request. */
async function actUntilAnswered(email: string, type: string, idempotencyKey: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const server = servers[Math.floor(Math.random() * servers.length)];
      if (!server) throw new Error('no server');
      await act(server, email, type, idempotencyKey);
    },
    { timeout: WAIT_MS, interval: 50 },
  );
}

/** A look at the database from outside, as the tenant that the servers made. */
async function inspect(): Promise<{ kit: IngestKit; tenantId: string }> {
  const kit = await IngestKit.open(database.url);
  const [row] = await kit.db.dataSource.query<{ id: string }[]>(
    'SELECT id FROM tenants ORDER BY created_at LIMIT 1',
  );
  Object.defineProperty(kit, 'tenantId', { value: row?.id });
  return { kit, tenantId: row?.id ?? '' };
}

describe('two server processes on one database', () => {
  it('a subscriber on the one, writes on the other, a kill -9 in the middle, a reconnect by cursor: no gap, no repeat', async () => {
    const reader = await startServer();
    const writer = await startServer();
    const client = await LiveClient.connect(reader.webSocketUrl, TEST_KEY);
    const { feedCursor } = await reader.ask<{ feedCursor: string }>('{ feedCursor }');
    const changes = client.subscribe(WATCH, { after: feedCursor });
    const seen: LiveEvent[] = [];
    const sending = (async () => {
      for (let index = 0; index < 120; index++)
        await actUntilAnswered(`live${index % 10}@example.com`, 'email_opened', `live-${index}`);
    })();
    for (let index = 0; index < 30; index++) seen.push(changeIn(await changes.data()));
    await reader.kill('SIGKILL');
    servers = servers.filter((server) => server !== reader);
    const second = await startServer();
    const again = await LiveClient.connect(second.webSocketUrl, TEST_KEY);
    const rest = again.subscribe(WATCH, { after: seen.at(-1)?.cursor });
    await sending;
    expect(writer.output()).not.toMatch(/"level":"error"/);
    const { kit } = await inspect();
    const events = await kit.query<{ contact_id: string; total_after: number }>(
      'SELECT contact_id, total_after FROM score_events WHERE tenant_id = $1 ORDER BY position',
    );
    while (seen.length < events.length) seen.push(changeIn(await rest.data()));
    expect(new Set(seen.map((change) => change.cursor)).size).toBe(seen.length);
    expect(seen.map((change) => [change.contactId, change.totalAfter])).toEqual(
      events.map((event) => [event.contact_id, event.total_after]),
    );
    await again.close();
    await kit.close();
  });

  it('writing to the same contacts while time passes and models are published: no lost update, every score equal to its replay', async () => {
    const [first, second] = [await startServer(), await startServer()];
    const { scoringModel } = await first.ask<{ scoringModel: { id: string; version: number } }>(
      '{ scoringModel(key: "starter") { id version } }',
    );
    const emails = Array.from({ length: 20 }, (_, index) => `both${index}@example.com`);
    const types = ['email_opened', 'clicked_link', 'replied_to_email', 'email_bounced'];
    const write = async (server: ServerProcess, name: string) => {
      await Promise.all(
        Array.from({ length: 8 }, async (_, lane) => {
          for (let index = 0; index < 40; index++) {
            const email = emails[(index * 7 + lane) % emails.length] ?? '';
            // Instants around award expiries, so that boundaries of time fall due while this runs.
            const occurredAt = new Date(Date.now() - 86_400_000 + ((index * 131) % 3_000)).toISOString();
            const input = {
              contact: { email },
              type: types[(index + lane) % types.length],
              idempotencyKey: `${name}-${lane}-${index}`,
            };
            const { errors } = await server.request(RECORD, {
              input: index % 3 === 0 ? { ...input, occurredAt } : input,
            });
            expect(errors).toBeUndefined();
          }
        }),
      );
    };
    const publish = async () => {
      for (let round = 0; round < 4; round++) {
        const rule = {
          key: 'opened_today',
          name: 'Opened lately',
          action: { actionType: 'email_opened', points: 3 + round, expiresAfterDays: 1 },
        };
        await first.ask(
          'mutation ($input: ChangeScoringModelInput!) { changeScoringModel(input: $input) { model { version } } }',
          {
            input: {
              id: scoringModel.id,
              expectedVersion: scoringModel.version + round,
              changes: [{ putRule: { scoreSet: await firstSet(first), rule } }],
            },
          },
        );
      }
    };
    await Promise.all([write(first, 'a'), write(second, 'b'), publish()]);
    await vi.waitFor(
      async () => {
        const { scoringModel: now } = await second.ask<{
          scoringModel: { recalculation: { state: string } };
        }>('{ scoringModel(key: "starter") { recalculation { state } } }');
        expect(now.recalculation.state).toBe('DONE');
      },
      { timeout: WAIT_MS, interval: 100 },
    );
    const { kit } = await inspect();
    const contacts = await kit.query<{ id: string; actions: string }>(
      `SELECT c.id, count(*) FILTER (WHERE t.kind = 1) AS actions FROM contacts c
       JOIN timeline t ON t.tenant_id = c.tenant_id AND t.contact_id = c.id
       WHERE c.tenant_id = $1 AND c.email LIKE 'both%' GROUP BY c.id`,
    );
    expect(contacts.reduce((sum, contact) => sum + Number(contact.actions), 0)).toBe(2 * 8 * 40);
    for (const contact of contacts) {
      expect(await kit.differencesFromReplay(contact.id)).toEqual([]);
      expect((await kit.scoreRow(contact.id)).version).toBe(scoringModel.version + 4);
    }
    const [feed] = await kit.query<{ position: string; events: string; contiguous: boolean }>(
      `SELECT f.position, count(*) AS events, max(e.position) - min(e.position) + 1 = count(*) AS contiguous
       FROM tenant_feeds f JOIN score_events e USING (tenant_id) WHERE tenant_id = $1 GROUP BY f.position`,
    );
    expect(feed).toMatchObject({ position: feed?.events, contiguous: true });
    await kit.close();
  });
});

async function firstSet(server: ServerProcess): Promise<string> {
  const { scoringModel } = await server.ask<{
    scoringModel: { definition: { scoreSets: { key: string }[] } };
  }>('{ scoringModel(key: "starter") { definition } }');
  return scoringModel.definition.scoreSets[0]?.key ?? '';
}
