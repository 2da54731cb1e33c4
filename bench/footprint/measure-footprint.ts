import { ACTION_PROPERTIES, actionOfTurn, emailOf } from '../ingest/bench-actions.js';
import { type BenchDatabase, run } from '../ingest/bench-database.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { waitForSegments } from '../ingest/wait-for-segments.js';
import { ask } from '../rescore/graphql.js';

const PER_REQUEST = 1_000;
const IN_FLIGHT = 2;
const RECORD =
  'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded rejected { message } } }';

/** Bytes of one table: rows with what is stored beside them, and indexes. */
export interface TableBytes {
  name: string;
  rows: number;
  indexes: number;
}

/** What recording took, per action. */
export interface Footprint {
  actions: number;
  /** Tables that grew, in bytes an action. */
  tables: TableBytes[];
  /** Bytes of log an action: in the first lap after a checkpoint, which logs whole pages, and in the later ones. */
  walFirstLap: number;
  walLaterLaps: number;
  seconds: number;
}

export interface FootprintRun {
  laps: number;
  /** Whether each action carries an idempotency key. */
  keys: boolean;
}

/** Records one action for every contact in each lap, over HTTP as an integrator does, and weighs the tables before and after. */
export async function measureFootprint(
  { adminUrl }: BenchDatabase,
  port: number,
  tenant: BenchTenant,
  { laps, keys }: FootprintRun,
): Promise<Footprint> {
  await waitForSegments(adminUrl);
  await run(adminUrl, 'VACUUM ANALYZE');
  await run(adminUrl, 'CHECKPOINT');
  const before = await weigh(adminUrl);
  const wal: number[] = [];
  const startedAtMs = performance.now();
  for (let lap = 0; lap < laps; lap++) {
    const from = await walPosition(adminUrl);
    await recordLap(port, tenant, keys);
    wal.push(((await walPosition(adminUrl)) - from) / tenant.contacts);
  }
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await waitForSegments(adminUrl);
  const after = await weigh(adminUrl);
  const actions = laps * tenant.contacts;
  const tables = after.map(({ name, rows, indexes }) => {
    const was = before.find((table) => table.name === name);
    return {
      name,
      rows: (rows - (was?.rows ?? 0)) / actions,
      indexes: (indexes - (was?.indexes ?? 0)) / actions,
    };
  });
  const [first = 0, ...later] = wal;
  const walLaterLaps = later.reduce((sum, bytes) => sum + bytes, 0) / later.length;
  return { actions, tables, walFirstLap: first, walLaterLaps, seconds };
}

async function recordLap(port: number, tenant: BenchTenant, keys: boolean): Promise<void> {
  const end = tenant.turns + tenant.contacts;
  const send = async () => {
    while (tenant.turns < end) {
      const first = tenant.turns;
      tenant.turns = Math.min(first + PER_REQUEST, end);
      const turns = Array.from({ length: tenant.turns - first }, (_, index) => first + index);
      const input = turns.map((turn) => inputOf(tenant, turn, keys));
      const { recordActions } = await ask<{ recordActions: { recorded: number } }>(
        port,
        tenant.apiKey,
        RECORD,
        {
          input,
        },
      );
      if (recordActions.recorded !== input.length) throw new Error('actions were rejected');
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
}

function inputOf(tenant: BenchTenant, turn: number, keys: boolean): object {
  const { contact, type } = actionOfTurn(turn, tenant.contacts, tenant.history);
  const action = { contact: { email: emailOf(contact) }, type, properties: ACTION_PROPERTIES };
  // As long as a UUID, which is what most senders take.
  return keys
    ? { ...action, idempotencyKey: `0192f3a4-5b6c-7d8e-${String(turn).padStart(17, '0')}` }
    : action;
}

async function weigh(adminUrl: string): Promise<TableBytes[]> {
  const rows = await run(
    adminUrl,
    `SELECT relname AS name, pg_table_size(relid)::float8 AS rows, pg_indexes_size(relid)::float8 AS indexes
     FROM pg_stat_user_tables ORDER BY relname`,
  );
  return rows as unknown as TableBytes[];
}

async function walPosition(adminUrl: string): Promise<number> {
  const [row] = await run(adminUrl, `SELECT (pg_current_wal_insert_lsn() - '0/0')::float8 AS bytes`);
  return Number(row?.bytes);
}
