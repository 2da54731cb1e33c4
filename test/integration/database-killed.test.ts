import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ServerProcess } from '../support/server-process.js';

const WAIT_MS = 60_000;
const RECORD =
  'mutation ($input: RecordActionInput!) { recordAction(input: $input) { duplicate scores { total } } }';

let dataDir: string;
let server: ServerProcess;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'leadpulse-killed-'));
  server = await ServerProcess.start({ DATA_DIR: dataDir, SAMPLE_DATA: 'off' });
});

afterAll(async () => {
  const placed = dataPath();
  await server?.kill();
  rmSync(path.dirname(placed), { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
});

/** Where the embedded PostgreSQL keeps its data: elsewhere, when its user cannot enter the folder. */
function dataPath(): string {
  const moved = path.join(dataDir, 'location.json');
  if (!existsSync(moved)) return path.join(dataDir, 'postgres');
  return (JSON.parse(readFileSync(moved, 'utf8')) as { dataPath: string }).dataPath;
}

function killPostgres(): void {
  const [pid] = readFileSync(path.join(dataPath(), 'postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGKILL');
}

it('kill -9 of PostgreSQL under load: the server goes on, and every acknowledged action is there once', async () => {
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let index = 0; index < 40; index++) {
      const input = {
        contact: { email: `lane${lane}@example.com` },
        type: 'email_opened',
        idempotencyKey: `${lane}-${index}`,
      };
      await vi.waitFor(() => server.ask(RECORD, { input }), { timeout: WAIT_MS, interval: 100 });
      if (lane === 0 && index === 15) killPostgres();
    }
  });
  await Promise.all(lanes);
  const { contacts } = await server.ask<{
    contacts: { nodes: { timeline: { nodes: { kind: string }[] } }[] };
  }>('{ contacts(first: 50) { nodes { timeline(first: 100) { nodes { kind } } } } }');
  const actions = contacts.nodes.map(
    (contact) => contact.timeline.nodes.filter((entry) => entry.kind === 'ACTION').length,
  );
  expect(actions).toEqual(Array(8).fill(40));
});
