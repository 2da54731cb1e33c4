import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { GraphqlClient } from '../simulation/graphql-client.js';
import { Simulation, SimulationRefused } from '../simulation/simulation.js';
import { describeSummary, showStatus } from '../simulation/status-line.js';
import { LEADS_MAX, Traffic } from '../simulation/traffic.js';
import { onStopSignal } from '../stop-signals.js';
import { checkUrl, findKey, refusedKey, unusable } from './server-access.js';

const RATE_MAX = 5_000;
const DURATION_SECONDS_MAX = 7 * 86_400;
const SEED_MAX = 2 ** 32 - 1;
const MS_PER_SECOND = 1_000;
const KEY_ADVICE =
  'Give one that may record with --key; `leadpulse keys create --role INGEST --name simulation` makes one.';

interface SimulateOptions {
  url: string;
  key?: string;
  rate: number;
  leads: number;
  seed: number;
  duration?: number;
}

/** `leadpulse simulate`: lets made-up leads act on a running server. */
export function registerSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('drive a running server with realistic live traffic, until Ctrl-C')
    .option('--url <url>', 'address of the API', 'http://127.0.0.1:4000/graphql')
    .option('--key <key>', 'API key; else LEADPULSE_API_KEY, else BOOTSTRAP_API_KEY')
    .option('--rate <number>', `actions a second, up to ${RATE_MAX}`, numberUpTo(RATE_MAX, 0.01), 5)
    .option('--leads <number>', `how many leads act, up to ${LEADS_MAX}`, wholeUpTo(LEADS_MAX, 1), 200)
    .option('--seed <number>', 'the same seed lets the same leads do the same', wholeUpTo(SEED_MAX, 0), 1)
    .option('--duration <seconds>', 'stop after so long', numberUpTo(DURATION_SECONDS_MAX, 0.1))
    .action(simulate);
}

async function simulate({ url, key, rate, leads, seed, duration }: SimulateOptions): Promise<void> {
  const client = new GraphqlClient(checkUrl(url), findKey(key));
  await checkServer(client, url);
  const simulation = new Simulation({ client, traffic: new Traffic({ seed, leads }), rate });
  const stop = new AbortController();
  onStopSignal(async () => stop.abort());
  const timer = duration === undefined ? undefined : setTimeout(() => stop.abort(), duration * MS_PER_SECOND);
  console.log(`${leads} leads act on ${url}, ${rate} actions a second. Ctrl-C stops them.`);
  const endStatus = showStatus(() => simulation.progress(), process.stdout);
  try {
    await simulation.run(stop.signal);
  } catch (error) {
    if (error instanceof SimulationRefused) throw refusedKey(error.message, KEY_ADVICE);
    throw error;
  } finally {
    clearTimeout(timer);
    endStatus();
    console.log(describeSummary(simulation.progress()));
  }
}

/** Tells what is wrong before anything is sent. */
async function checkServer(client: GraphqlClient, url: string): Promise<void> {
  const answer = await client.send('query SimulateStart { viewer { role } }', {});
  if (answer.kind !== 'OK') throw unusable(answer, url, KEY_ADVICE);
}

function numberUpTo(max: number, min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

function wholeUpTo(max: number, min: number): (text: string) => number {
  const parse = numberUpTo(max, min);
  return (text) => {
    const value = parse(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError('It must be a whole number.');
  };
}
