import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { IngestKit } from '../support/ingest-kit.js';
import { ServerProcess } from '../support/server-process.js';

const RECORD =
  'mutation ($input: RecordActionInput!) { recordAction(input: $input) { action { id } contact { id } } }';
const MERGE = 'mutation ($input: MergeContactsInput!) { mergeContacts(input: $input) { merge { id } } }';
const UNMERGE = 'mutation ($input: UnmergeContactInput!) { unmergeContact(input: $input) { merge { id } } }';
const CONTACTS = 8;
const ROUNDS = 40;

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
  const server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'off' });
  servers.push(server);
  return server;
}

const email = (nth: number) => `merged${nth % CONTACTS}@example.com`;

it('two servers record and merge while one of them is killed: every merge is there as a whole or not at all, every answered action once', async () => {
  const [doomed, survivor] = [await startServer(), await startServer()];
  const answered = new Set<string>();
  let isKilled = false;
  /** Sends an operation; a server that dies under it answers nothing. */
  const ask = async (server: ServerProcess, query: string, input: object) => {
    const answer = await server
      .request<Record<string, { action?: { id: string } }>>(query, { input })
      .catch(() => null);
    const id = answer?.data?.recordAction?.action?.id;
    if (id) answered.add(id);
    return answer;
  };
  const ids: string[] = [];
  for (let nth = 0; nth < CONTACTS; nth++) {
    const { recordAction } = await survivor.ask<{
      recordAction: { action: { id: string }; contact: { id: string } };
    }>(RECORD, { input: { contact: { email: email(nth) }, type: 'email_opened' } });
    ids.push(recordAction.contact.id);
    answered.add(recordAction.action.id);
  }
  const act = async (server: ServerProcess, lane: number) => {
    for (let nth = 0; nth < ROUNDS; nth++) {
      if (isKilled && server === doomed) return;
      await ask(server, RECORD, {
        contact: { email: email(nth * 3 + lane) },
        type: 'clicked_link',
        idempotencyKey: `${lane}-${nth}`,
      });
    }
  };
  const rearrange = async (server: ServerProcess, shift: number) => {
    for (let round = 0; round < ROUNDS / 2; round++) {
      if (isKilled && server === doomed) return;
      const [into, from] = [ids[(round + shift) % CONTACTS], ids[(round * 3 + shift + 1) % CONTACTS]];
      await ask(server, MERGE, { into: { id: into }, from: { id: from } });
      if (round % 2) await ask(server, UNMERGE, { contactId: from });
      if (server === doomed && round === ROUNDS / 4) {
        isKilled = true;
        // In the middle of whatever it does: the next merge is under way.
        void ask(server, MERGE, {
          into: { id: ids[round % CONTACTS] },
          from: { id: ids[(round + 1) % CONTACTS] },
        });
        await server.kill('SIGKILL');
      }
    }
  };
  await Promise.all([
    act(doomed, 0),
    act(doomed, 1),
    act(survivor, 2),
    act(survivor, 3),
    rearrange(doomed, 0),
    rearrange(survivor, 4),
  ]);
  expect(survivor.output()).not.toMatch(/"level":"error"/);
  const kit = await IngestKit.open(database.url);
  const [row] = await kit.db.dataSource.query<{ id: string }[]>(
    'SELECT id FROM tenants ORDER BY created_at LIMIT 1',
  );
  Object.defineProperty(kit, 'tenantId', { value: row?.id });
  const halves = await kit.query<{ id: string }>(
    `SELECT c.id FROM contacts c
     LEFT JOIN contact_merges m ON m.tenant_id = c.tenant_id AND m.from_id = c.id AND m.undone_at IS NULL
     WHERE c.tenant_id = $1 AND ((c.merged_into IS NULL) <> (m.id IS NULL) OR (c.merged_into IS NOT NULL AND (
       EXISTS (SELECT FROM timeline t WHERE t.tenant_id = c.tenant_id AND t.contact_id = c.id)
       OR EXISTS (SELECT FROM contact_scores s WHERE s.tenant_id = c.tenant_id AND s.contact_id = c.id)
       OR EXISTS (SELECT FROM contact_identities i WHERE i.tenant_id = c.tenant_id AND i.contact_id = c.id))))`,
  );
  expect(halves).toEqual([]);
  const actions = await kit.query<{ id: string; contact_id: string }>(
    'SELECT id, contact_id FROM timeline WHERE tenant_id = $1 AND kind = 1',
  );
  expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
  expect([...answered].filter((id) => !actions.some((action) => action.id === id))).toEqual([]);
  const standing = await kit.query<{ id: string }>(
    'SELECT id FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL',
  );
  for (const { id } of standing) expect(await kit.differencesFromReplay(id)).toEqual([]);
  const merges = await kit.query('SELECT 1 FROM contact_merges WHERE tenant_id = $1');
  expect(merges.length).toBeGreaterThan(5);
  await kit.close();
});
