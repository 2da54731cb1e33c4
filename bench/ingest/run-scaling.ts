import { modelOfRules, starterModel } from './bench-models.js';
import type { BenchSession } from './bench-session.js';
import type { BenchTenant, TenantContent } from './bench-tenants.js';
import { BULK_ACTIONS, LOAD_SHAPES, note } from './run-comparison.js';
import { type Measurement, Series } from './series.js';

/** What an action costs on a small and on a large tenant, under one load. */
export interface ScalingPair {
  /** `10 -> 10,000 actions of history`, with the load. */
  name: string;
  small: Series;
  large: Series;
  /** The large one in the first seconds after a checkpoint, before `SETTLE_ACTIONS`; null where that makes no difference. */
  afterCheckpoint: Series | null;
}

const FEW_RULES = 10;
const MANY_RULES = 200;
const SHORT_HISTORY = 10;
/**
 * Written to a large tenant before it is measured: of its 50,000 pages of scores, 19 of 20 have been touched by then. Whoever
 * touches a page first after a checkpoint logs all of it, which at a million contacts is nearly every action of the
 * first seconds, and few later on.
 */
const SETTLE_ACTIONS = 150_000;
const SETTLE_ROUNDS_MAX = 20;
const WIDE_CONTACTS_MIN = 100_000;

interface PairOfTenants {
  name: string;
  /** Whether the large one has so many pages that it has to be settled. */
  isWide: boolean;
  small: BenchTenant;
  large: BenchTenant;
}

/** Measures the three pairs, small and large in turns. */
export async function runScaling(session: BenchSession): Promise<ScalingPair[]> {
  const history = await historyPair(session);
  const pairs = [history, await rulesPair(session), await contactsPair(session)];
  await session.startServer();
  await session.settle();
  // A server that has just been started is still being compiled.
  for (const { shape } of LOAD_SHAPES) await session.measure(history.small, shape);
  const measured: ScalingPair[] = [];
  for (const { name, isWide, small, large } of pairs) {
    const fresh = isWide ? await settleTenant(session, large) : null;
    for (const { name: load, shape } of LOAD_SHAPES) {
      const pair = {
        name: `${name}; ${load}`,
        small: new Series(`${name}, small; ${load}`),
        large: new Series(`${name}, large; ${load}`),
        afterCheckpoint: null as Series | null,
      };
      if (fresh && shape.actionsPerRequest > 1) {
        pair.afterCheckpoint = new Series(`${name}, large, right after a checkpoint; ${load}`);
        note(pair.afterCheckpoint, fresh);
      }
      for (let round = 0; round < session.options.rounds; round++) {
        note(pair.small, await session.measure(small, shape));
        note(pair.large, await session.measure(large, shape));
      }
      measured.push(pair);
    }
  }
  return measured;
}

/** Touches most of a tenant's pages. @returns how quick that was at first. */
async function settleTenant(session: BenchSession, tenant: BenchTenant): Promise<Measurement> {
  await session.settle();
  const shape = { callers: 2, actionsPerRequest: BULK_ACTIONS };
  const start = tenant.turns;
  const first = await session.measure(tenant, shape);
  for (let round = 0; round < SETTLE_ROUNDS_MAX && tenant.turns - start < SETTLE_ACTIONS; round++) {
    await session.measure(tenant, shape);
  }
  return first;
}

async function makePair(
  session: BenchSession,
  name: string,
  small: Omit<TenantContent, 'name'>,
  large: Omit<TenantContent, 'name'>,
): Promise<PairOfTenants> {
  return {
    name,
    isWide: large.contacts > WIDE_CONTACTS_MIN,
    small: await session.makeTenant({ name: `${name}, small`, ...small }),
    large: await session.makeTenant({ name: `${name}, large`, ...large }),
  };
}

function historyPair(session: BenchSession): Promise<PairOfTenants> {
  const { historyContacts: contacts, longHistory } = session.options;
  const base = { model: starterModel(), contacts };
  const name = `history of ${SHORT_HISTORY} -> ${longHistory} actions (${contacts} contacts)`;
  return makePair(session, name, { ...base, history: SHORT_HISTORY }, { ...base, history: longHistory });
}

function rulesPair(session: BenchSession): Promise<PairOfTenants> {
  const base = { contacts: session.options.contacts, history: SHORT_HISTORY };
  const few = { ...base, model: modelOfRules(FEW_RULES) };
  return makePair(session, `${FEW_RULES} -> ${MANY_RULES} rules`, few, {
    ...base,
    model: modelOfRules(MANY_RULES),
  });
}

function contactsPair(session: BenchSession): Promise<PairOfTenants> {
  const { contacts, manyContacts } = session.options;
  const base = { model: starterModel(), history: 1 };
  return makePair(
    session,
    `${contacts} -> ${manyContacts} contacts`,
    { ...base, contacts },
    { ...base, contacts: manyContacts },
  );
}
