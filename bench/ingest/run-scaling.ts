import { modelOfRules, starterModel } from './bench-models.js';
import type { BenchSession } from './bench-session.js';
import type { BenchTenant, TenantContent } from './bench-tenants.js';
import { LOAD_SHAPES, note } from './run-comparison.js';
import { Series } from './series.js';

/** What an action costs on a small and on a large tenant, under one load. */
export interface ScalingPair {
  /** `10 -> 10,000 actions of history`, with the load. */
  name: string;
  small: Series;
  large: Series;
}

const FEW_RULES = 10;
const MANY_RULES = 200;
const SHORT_HISTORY = 10;

interface PairOfTenants {
  name: string;
  small: BenchTenant;
  large: BenchTenant;
}

/** Measures the three pairs, small and large in turns. */
export async function runScaling(session: BenchSession): Promise<ScalingPair[]> {
  const history = await historyPair(session);
  const pairs = [history, await rulesPair(session), await contactsPair(session)];
  await session.settle();
  await session.startServer();
  // A server that has just been started is still being compiled.
  for (const { shape } of LOAD_SHAPES) await session.measure(history.small, shape);
  const measured: ScalingPair[] = [];
  for (const { name, small, large } of pairs) {
    for (const { name: load, shape } of LOAD_SHAPES) {
      const pair = {
        name: `${name}; ${load}`,
        small: new Series(`${name}, small; ${load}`),
        large: new Series(`${name}, large; ${load}`),
      };
      for (let round = 0; round < session.options.rounds; round++) {
        note(pair.small, await session.measure(small, shape));
        note(pair.large, await session.measure(large, shape));
      }
      measured.push(pair);
    }
  }
  return measured;
}

async function makePair(
  session: BenchSession,
  name: string,
  small: Omit<TenantContent, 'name'>,
  large: Omit<TenantContent, 'name'>,
): Promise<PairOfTenants> {
  return {
    name,
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
