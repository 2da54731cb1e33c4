import { run } from './bench-database.js';
import { starterModel } from './bench-models.js';
import type { BenchSession, LoadShape } from './bench-session.js';
import type { BenchTenant } from './bench-tenants.js';
import { findPgbench, PGBENCH_MISSING, type PgbenchVariant, POSITIONS_SQL, runPgbench } from './pgbench.js';
import { type RowTexts, readRowTexts } from './row-widths.js';
import { type Measurement, microsecondsPerAction, Series } from './series.js';
import { runSetBased } from './set-based.js';

const PGBENCH_CLIENTS = [1, 4, 16, 64];
const SINGLE_CONNECTIONS = [1, 64, 256];
const BULK_IN_FLIGHT = [1, 2, 4];
/** Actions of one bulk mutation. */
export const BULK_ACTIONS = 1_000;

/** The product and the yardsticks, measured in turns. */
export interface Comparison {
  /** By number of clients. */
  pgbench: Record<PgbenchVariant, Map<number, Series>>;
  setBased: Series | null;
  /** Single mutations by connections. */
  singles: Map<number, Series>;
  /** Bulk mutations by requests in flight. */
  bulks: Map<number, Series>;
  /** What a reader has to know about this run. */
  notes: string[];
}

interface Tenants {
  product: BenchTenant;
  bulk: BenchTenant;
  gapless: BenchTenant;
  sequence: BenchTenant;
  setBased: BenchTenant;
}

/** Makes the tenants, then measures yardsticks and product in turns. */
export async function runComparison(session: BenchSession): Promise<Comparison> {
  const { options } = session;
  const tenants = await makeTenants(session);
  await session.startServer();
  await session.settle();
  const comparison = await emptyComparison(session);
  const texts = await warmUp(session, tenants);
  const { state, reasons, body } = texts;
  comparison.notes.push(
    `Texts of a row, in the yardsticks as the product writes them: state ${state.length}, reasons ${reasons.length}, properties ${body.length} bytes.`,
  );
  const pgbench = options.yardsticks ? await findPgbench() : null;
  if (options.yardsticks && !pgbench) comparison.notes.push(PGBENCH_MISSING);
  for (let round = 0; round < options.rounds; round++) {
    console.log(`  round ${round + 1} of ${options.rounds}`);
    if (pgbench) await pgbenchRound(session, pgbench, tenants, texts, comparison);
    await productRound(session, tenants.product, comparison.singles, 1);
    if (comparison.setBased) {
      const work = () => runSetBased(session.database.url, tenants.setBased, texts, options.windowMs);
      note(comparison.setBased, await session.measureYardstick(work));
    }
    await productRound(session, tenants.bulk, comparison.bulks, BULK_ACTIONS);
  }
  for (const tenant of [tenants.product, tenants.bulk]) {
    const { actions, events } = await session.countEvents(tenant);
    comparison.notes.push(
      `The product recorded ${actions} actions in the ${tenant.contacts} contacts and published ${events} changes.`,
    );
  }
  return comparison;
}

async function makeTenants(session: BenchSession): Promise<Tenants> {
  const { contacts, bulkContacts, yardsticks } = session.options;
  const small = { model: starterModel(), contacts, history: 10 };
  const large = { model: starterModel(), contacts: bulkContacts, history: 3 };
  const product = await session.makeTenant({ name: 'product', ...small });
  const bulk = await session.makeTenant({ name: 'product in bulk', ...large });
  if (!yardsticks) return { product, bulk, gapless: product, sequence: product, setBased: bulk };
  return {
    product,
    bulk,
    gapless: await session.makeTenant({ name: 'pgbench', ...small }),
    sequence: await session.makeTenant({ name: 'pgbench with a sequence', ...small }),
    setBased: await session.makeTenant({ name: 'set-based SQL', ...large }),
  };
}

async function emptyComparison({ options, database }: BenchSession): Promise<Comparison> {
  const of = (numbers: number[], name: (n: number) => string) =>
    new Map(numbers.map((n) => [n, new Series(name(n))]));
  const clients = (words: string) =>
    of(options.yardsticks ? PGBENCH_CLIENTS : [], (n) => `pgbench${words}, ${n} clients`);
  if (options.yardsticks) await run(database.url, POSITIONS_SQL);
  return {
    pgbench: { gapless: clients(''), sequence: clients(' with a plain sequence') },
    setBased: options.yardsticks ? new Series(`set-based SQL, ${options.bulkContacts} rows at a time`) : null,
    singles: of(SINGLE_CONNECTIONS, (n) => `recordAction, ${n} connections`),
    bulks: of(BULK_IN_FLIGHT, (n) => `recordActions of ${BULK_ACTIONS}, ${n} in flight`),
    notes: [],
  };
}

/** Brings the product to its working temperature, and sees how wide its rows are. */
async function warmUp(session: BenchSession, tenants: Tenants): Promise<RowTexts> {
  await session.measure(tenants.product, { callers: 64, actionsPerRequest: 1 });
  await session.measure(tenants.bulk, { callers: 2, actionsPerRequest: BULK_ACTIONS });
  return readRowTexts(session.database.url, tenants.product);
}

async function pgbenchRound(
  session: BenchSession,
  program: string,
  tenants: Tenants,
  texts: RowTexts,
  { pgbench }: Comparison,
): Promise<void> {
  const { options, database } = session;
  for (const variant of ['gapless', 'sequence'] as const) {
    const tenant = tenants[variant];
    for (const [clients, series] of pgbench[variant]) {
      const load = {
        databaseUrl: database.url,
        tenant,
        texts,
        variant,
        clients,
        durationMs: options.windowMs,
      };
      note(series, await session.measureYardstick(() => runPgbench(program, load)));
    }
  }
}

async function productRound(
  session: BenchSession,
  tenant: BenchTenant,
  series: ReadonlyMap<number, Series>,
  actionsPerRequest: number,
): Promise<void> {
  for (const [callers, one] of series)
    note(one, await session.measure(tenant, { callers, actionsPerRequest }));
}

/** Adds a measurement and shows it. */
export function note(series: Series, measurement: Measurement): void {
  series.rounds.push(measurement);
  const { actionsPerSecond, p50Ms, p99Ms, cores } = measurement;
  const latency = p50Ms === null ? '' : `  p50 ${p50Ms.toFixed(1)} ms  p99 ${p99Ms?.toFixed(1)} ms`;
  const cost = microsecondsPerAction(measurement);
  const used =
    cores && cost
      ? `  cores (us an action): server ${cores.server.toFixed(2)} (${cost.server.toFixed(0)}), database ${cores.database.toFixed(2)} (${cost.database.toFixed(0)}), load ${cores.load.toFixed(2)} (${cost.load.toFixed(0)})`
      : '';
  console.log(`    ${series.name}: ${Math.round(actionsPerSecond)} /s${latency}${used}`);
}

/** The loads that the scaling and the profiles use. */
export const LOAD_SHAPES: { name: string; shape: LoadShape }[] = [
  { name: 'recordAction, 64 connections', shape: { callers: 64, actionsPerRequest: 1 } },
  {
    name: `recordActions of ${BULK_ACTIONS}, 2 in flight`,
    shape: { callers: 2, actionsPerRequest: BULK_ACTIONS },
  },
];
