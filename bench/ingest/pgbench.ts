import { spawn } from 'node:child_process';
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BenchTenant } from './bench-tenants.js';
import { contactIdSql } from './preload-statements.js';
import type { RowTexts } from './row-widths.js';

/** How an event gets its position: the tenant's gapless counter, as the product promises, or a plain sequence. */
export type PgbenchVariant = 'gapless' | 'sequence';

/** What one run is to do. */
export interface PgbenchRun {
  databaseUrl: string;
  tenant: BenchTenant;
  texts: RowTexts;
  variant: PgbenchVariant;
  clients: number;
  durationMs: number;
}

export const PGBENCH_MISSING =
  'pgbench was not found, on PATH or in /usr/lib/postgresql: that yardstick is left out. It comes with ' +
  '`apt-get install postgresql-contrib` (Debian, Ubuntu), `dnf install postgresql-contrib` or `brew install postgresql`.';
/** Positions of the variant `sequence`; made by `POSITIONS_SQL`. */
export const POSITIONS_SQL = 'CREATE SEQUENCE bench_positions START 1000000000';
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const THREADS_MAX = 2;

/** Finds the program, or null. */
export async function findPgbench(): Promise<string | null> {
  const onPath = (process.env.PATH ?? '').split(path.delimiter);
  const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
  const debian = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(DEBIAN_FOLDER, version, 'bin'));
  for (const folder of [...debian, ...onPath]) {
    const file = path.join(folder, 'pgbench');
    const found = await access(file).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return null;
}

/**
 * One action a transaction: lock the score, insert the timeline entry, update the score, insert the event. The feed's
 * counter comes last, so that its lock is held as briefly as can be. All indexed columns change as the product changes them.
 */
function script(variant: PgbenchVariant): string {
  const id = contactIdSql(':contact::int');
  const event = (position: string, from: string) =>
    `INSERT INTO score_events (tenant_id, position, contact_id, model_id, version, at, recorded_at, cause, action_at,
      action_seq, points, total_before, total_after, stage_before, stage_after, reasons)
    SELECT :tenant::uuid, ${position}, ${id}, :model::uuid, 1, now(), now(), 'ACTION', now(), 1, 5, :before::int,
      (:before::int + 5) % 80, 'cold', 'cold', :reasons::text ${from}`;
  const insertEvent =
    variant === 'sequence'
      ? `${event(`nextval('bench_positions')`, '')};`
      : `WITH feed AS (UPDATE tenant_feeds SET position = position + 1 WHERE tenant_id = :tenant::uuid RETURNING position)
        ${event('feed.position', 'FROM feed')};`;
  const statements = [
    `\\set contact random(0, :contacts - 1)`,
    'BEGIN;',
    `SELECT total AS before, state FROM contact_scores
      WHERE tenant_id = :tenant::uuid AND contact_id = ${id} AND model_id = :model::uuid FOR NO KEY UPDATE \\gset`,
    `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, body, recorded_at)
      VALUES (:tenant::uuid, ${id}, clock_timestamp(), nextval('recording_batches'), gen_random_uuid(), 1, 'email_opened',
        :body::text, now());`,
    `UPDATE contact_scores SET total = (:before::int + 5) % 80, previous_total = :before::int, stage = 'cold',
        dimensions = '{5,0}', as_of = now(), folded_at = now(), last_activity_at = now(),
        due_at = now() + interval '30 days', state = :newstate::text
      WHERE tenant_id = :tenant::uuid AND contact_id = ${id} AND model_id = :model::uuid;`,
    insertEvent,
    'COMMIT;',
  ];
  return `${statements.map((statement) => statement.replaceAll(/\s*\n\s*/g, ' ')).join('\n')}\n`;
}

/** Runs pgbench. @returns transactions a second. @throws Error with what it said when it failed. */
export async function runPgbench(program: string, run: PgbenchRun): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'leadpulse-pgbench-'));
  const file = path.join(folder, 'action.sql');
  try {
    await writeFile(file, script(run.variant));
    const { hostname, port, username, password, pathname } = new URL(run.databaseUrl);
    const { tenantId, modelId, contacts } = run.tenant;
    const variables = { tenant: tenantId, model: modelId, contacts, newstate: run.texts.state, ...run.texts };
    const said = await execute(
      program,
      [
        ...['--protocol=prepared', '--no-vacuum', `--file=${file}`, `--client=${run.clients}`],
        ...[
          `--jobs=${Math.min(THREADS_MAX, run.clients)}`,
          `--time=${Math.max(1, Math.round(run.durationMs / 1_000))}`,
        ],
        ...Object.entries(variables).map(([name, value]) => `--define=${name}=${value}`),
        ...['-h', hostname, '-p', port || '5432', '-U', decodeURIComponent(username), pathname.slice(1)],
      ],
      { PGPASSWORD: decodeURIComponent(password), PGOPTIONS: `-c app.tenant=${tenantId}` },
    );
    return numberAfter(said, /tps = ([\d.]+)/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function numberAfter(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`pgbench said nothing of the kind ${pattern}:\n${text}`);
  return Number(found);
}

function execute(program: string, args: string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        said += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(said);
      else reject(new Error(`pgbench ended with code ${code}:\n${said}`));
    });
  });
}
