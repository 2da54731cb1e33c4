import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './bench-database.js';
import { modelOfRules, starterModel } from './bench-models.js';
import type { BenchSession, LoadShape } from './bench-session.js';
import type { BenchTenant } from './bench-tenants.js';
import { type ProfileShare, summariseProfile } from './profile-summary.js';
import { BULK_ACTIONS, LOAD_SHAPES, note } from './run-comparison.js';
import { Series } from './series.js';

const FUNCTIONS_SHOWN = 30;
const STATEMENTS_SHOWN = 12;
const STATEMENT_CHARS = 100;

interface Phase {
  name: string;
  tenant: BenchTenant;
  shape: LoadShape;
}

/** Runs each load once, unmeasured by any yardstick, and prints where the time of the server and the database goes. */
export async function runProfile(session: BenchSession, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const phases = await makePhases(session);
  await session.startServer();
  await session.settle();
  for (const phase of phases) {
    // Once for the compiler, so that the profile shows the optimised code.
    await session.measure(phase.tenant, phase.shape);
    await profilePhase(session, phase, dir);
  }
}

async function makePhases(session: BenchSession): Promise<Phase[]> {
  const { contacts, bulkContacts } = session.options;
  const starter = { model: starterModel(), history: 10 };
  const product = await session.makeTenant({ name: 'product', ...starter, contacts });
  const bulk = await session.makeTenant({ name: 'bulk', ...starter, contacts: bulkContacts });
  const rules = await session.makeTenant({
    name: '200 rules',
    history: 10,
    model: modelOfRules(200),
    contacts,
  });
  const single = LOAD_SHAPES.slice(0, 1).map((load) => ({ ...load, tenant: product }));
  const many = {
    name: 'recordAction, 256 connections',
    tenant: product,
    shape: { callers: 256, actionsPerRequest: 1 },
  };
  const bulks = LOAD_SHAPES.slice(1).map((load) => ({ ...load, tenant: bulk }));
  const ruled = {
    name: `200 rules, recordActions of ${BULK_ACTIONS}`,
    tenant: rules,
    shape: { callers: 2, actionsPerRequest: BULK_ACTIONS },
  };
  return [...single, many, ...bulks, ruled];
}

async function profilePhase(
  session: BenchSession,
  { name, tenant, shape }: Phase,
  dir: string,
): Promise<void> {
  const { adminUrl } = session.database;
  const profiler = session.server?.profiler;
  await run(adminUrl, 'SELECT pg_stat_statements_reset()').catch(() => []);
  await profiler?.start();
  const measurement = await session.measure(tenant, shape);
  const profile = await profiler?.stop();
  console.log(`\n== ${name}`);
  note(new Series('with the profiler'), measurement);
  if (profile) {
    const file = path.join(dir, `${name.replaceAll(/\W+/g, '-')}.cpuprofile`);
    await writeFile(file, JSON.stringify(profile));
    const summary = summariseProfile(profile, FUNCTIONS_SHOWN);
    console.log(
      `  idle ${summary.idlePercent.toFixed(0)} %; of the rest, self time by part and by function (${file}):`,
    );
    printShares(summary.parts.slice(0, STATEMENTS_SHOWN));
    console.log('');
    printShares(summary.functions);
  }
  const statements = await run(
    adminUrl,
    `SELECT calls, rows, total_exec_time / calls AS ms, 100 * total_exec_time / sum(total_exec_time) OVER () AS percent,
       shared_blks_hit::float8 / nullif(rows, 0) AS hits, wal_bytes::float8 / nullif(rows, 0) AS wal,
       regexp_replace(query, '\\s+', ' ', 'g') AS query
     FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT ${STATEMENTS_SHOWN}`,
  ).catch(() => []);
  console.log(
    '\n  statements: share of execution, calls, rows and ms a call, pages touched and bytes of WAL a row',
  );
  for (const { percent, calls, rows, ms, hits, wal, query } of statements) {
    const perCall = (Number(rows) / Number(calls)).toFixed(1);
    const text = String(query).slice(0, STATEMENT_CHARS);
    const figures = `${Number(ms).toFixed(3)} ms, ${Number(hits).toFixed(1)} pages, ${Number(wal).toFixed(0)} B`;
    console.log(
      `  ${Number(percent).toFixed(1).padStart(5)} %  ${calls} x ${perCall} rows, ${figures}  ${text}`,
    );
  }
}

function printShares(shares: readonly ProfileShare[]): void {
  for (const { name, percent } of shares) console.log(`  ${percent.toFixed(1).padStart(5)} %  ${name}`);
}
