import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { BenchDatabase } from '../ingest/bench-database.js';
import { run } from '../ingest/bench-database.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { coresBetween, readCpu } from '../ingest/process-cpu.js';
import type { ServerProcess } from '../ingest/server-process.js';
import { makeDue } from './make-due.js';

/** A tenant, and how many of its contacts fall due at once. */
export interface DueCase {
  name: string;
  contacts: number;
  due: number;
}

/** What one group took. */
export interface DueMeasurement {
  due: number;
  /** From the instant at which they fell due until the last of them was written. */
  seconds: number;
  /** Processor time of the server and of PostgreSQL for each of them, microseconds; null where it cannot be read. */
  serverUs: number | null;
  databaseUs: number | null;
  /** Cores in use by both while nothing is due. */
  idleCores: number | null;
}

/** The measurements of one case, a round each. */
export interface DueSeries extends DueCase {
  rounds: DueMeasurement[];
}

const POLL_MS = 20;
/** How long before the instant the machine is looked at while nothing is due. */
const IDLE_MS = 3_000;
const MARGIN_MS = 500;
const US_PER_SECOND = 1_000_000;

/** Lets a group of contacts fall due and watches the server. @throws Error when nothing fell due in time. */
export async function measureDue(
  database: BenchDatabase,
  { pid }: ServerProcess,
  tenant: BenchTenant,
  { contacts, due }: DueCase,
): Promise<DueMeasurement> {
  const every = Math.floor(contacts / due);
  const group = await makeDue(database.url, tenant, 0, every);
  await run(database.adminUrl, 'VACUUM ANALYZE contact_scores, timeline');
  await run(database.adminUrl, 'CHECKPOINT');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await delay(Math.max(0, group.dueAtMs - Date.now() - IDLE_MS - MARGIN_MS));
    const before = readCpu(pid, database.postmasterPid);
    await delay(Math.max(0, group.dueAtMs - Date.now() - MARGIN_MS));
    const atRest = readCpu(pid, database.postmasterPid);
    if (Date.now() >= group.dueAtMs) throw new Error('the group fell due before it could be watched');
    await untilDone(client, tenant, group.dueAtMs);
    const seconds = (Date.now() - group.dueAtMs) / 1_000;
    const idle = coresBetween(before, atRest);
    const used = coresBetween(atRest, readCpu(pid, database.postmasterPid));
    const each = (cores: number) => (cores * (seconds + MARGIN_MS / 1_000) * US_PER_SECOND) / group.due;
    return {
      due: group.due,
      seconds,
      serverUs: used && each(used.server),
      databaseUs: used && each(used.database),
      idleCores: idle && idle.server + idle.database,
    };
  } finally {
    await client.end();
  }
}

async function untilDone(client: pg.Client, { tenantId }: BenchTenant, dueAtMs: number): Promise<void> {
  for (;;) {
    await delay(POLL_MS);
    const { rows } = await client.query<{ is_done: boolean }>({
      name: 'feed_due',
      text: 'SELECT due_at IS NULL OR due_at > $2 AS is_done FROM tenant_feeds WHERE tenant_id = $1',
      values: [tenantId, new Date(dueAtMs)],
    });
    if (rows[0]?.is_done) return;
  }
}
