import { type CompiledModel, compileModel } from '../src/scoring/compile-model.js';
import { evaluate } from '../src/scoring/evaluate.js';
import { foldEntry } from '../src/scoring/fold-entry.js';
import { nextChange } from '../src/scoring/next-change.js';
import { PRESETS, type PresetName } from '../src/scoring/presets.js';
import { replayer } from '../src/scoring/replay.js';
import { emptyState, parseState, type ScoreState, serializeState } from '../src/scoring/score-state.js';
import type { TimelineEntry } from '../src/scoring/timeline-entry.js';

/**
 * Measures the scoring core on one core over generated leads:
 * `npx tsc --noEmit false --outDir dist/bench && node dist/bench/bench/scoring.js`.
 * Prints operations per second (best of `ROUNDS`) and the size of the states.
 */
const LEADS = 2_000;
const ENTRIES_PER_LEAD = 15;
const ROUNDS = 6;
const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** A small generator of repeatable chance (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ACTION_TYPES = [
  ...['email_opened', 'email_opened', 'email_opened', 'clicked_link', 'clicked_link', 'email_delivered'],
  ...[
    'replied_to_email',
    'visited_pricing_page',
    'visited_sales_page',
    'downloaded_resource',
    'time_on_site',
  ],
];

function leadTimeline(random: () => number): TimelineEntry[] {
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  let atMs = START_MS + Math.floor(random() * 1_000 * HOUR_MS);
  const profile = {
    jobTitle: pick(['VP of Sales', 'Engineer', 'CTO', 'Marketing manager']),
    companySize: pick([5, 80, 300]),
    industry: 'saas',
    country: 'DE',
  };
  const entries: TimelineEntry[] = [{ kind: 'profile', atMs, set: profile }];
  while (entries.length < ENTRIES_PER_LEAD) {
    atMs += Math.floor(random() * 200 * HOUR_MS);
    const properties = { minutes: Math.floor(random() * 20), resource: 'ebook', url: '/pricing' };
    entries.push({ kind: 'action', atMs, type: pick(ACTION_TYPES), properties });
  }
  return entries;
}

type Step = (model: CompiledModel, state: ScoreState, entry: TimelineEntry) => ScoreState;

const STEPS: Record<string, Step> = {
  fold: (model, state, entry) => {
    foldEntry(model, state, entry);
    return state;
  },
  'fold + evaluate': (model, state, entry) => {
    foldEntry(model, state, entry);
    evaluate(model, state, entry.atMs);
    return state;
  },
  'fold + evaluate + nextChange': (model, state, entry) => {
    foldEntry(model, state, entry);
    evaluate(model, state, entry.atMs);
    nextChange(model, state, entry.atMs);
    return state;
  },
  'parse + fold + evaluate + serialize': (model, state, entry) => {
    foldEntry(model, state, entry);
    evaluate(model, state, entry.atMs);
    return parseState(serializeState(state));
  },
  'parse + fold + evaluate + nextChange + serialize': (model, state, entry) => {
    foldEntry(model, state, entry);
    evaluate(model, state, entry.atMs);
    nextChange(model, state, entry.atMs);
    return parseState(serializeState(state));
  },
};

/** Operations per second of the best round. */
function measure(model: CompiledModel, leads: TimelineEntry[][], step: Step): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    for (const entries of leads) {
      let state = emptyState(model);
      for (const entry of entries) state = step(model, state, entry);
    }
    const operations = leads.length * ENTRIES_PER_LEAD;
    best = Math.max(best, (operations / (performance.now() - startMs)) * 1_000);
  }
  return Math.round(best);
}

function stateSizes(model: CompiledModel, leads: TimelineEntry[][]): { mean: number; max: number } {
  const sizes = leads.map((entries) => {
    const state = emptyState(model);
    for (const entry of entries) foldEntry(model, state, entry);
    return serializeState(state).length;
  });
  const mean = Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
  return { mean, max: Math.max(...sizes) };
}

for (const preset of Object.keys(PRESETS) as PresetName[]) {
  const definition = PRESETS[preset]('bench', 'Bench');
  const model = compileModel(definition);
  const random = seededRandom(7);
  const leads = Array.from({ length: LEADS }, () => leadTimeline(random));
  console.log(`${preset}: ${JSON.stringify(stateSizes(model, leads))} bytes a state`);
  for (const [name, step] of Object.entries(STEPS)) {
    console.log(`  ${name}: ${measure(model, leads, step).toLocaleString('en')} /s`);
  }
  const replayOne = replayer(definition);
  const startMs = performance.now();
  for (const entries of leads) replayOne(entries, entries.at(-1)?.atMs ?? 0);
  const perSecond = (leads.length / (performance.now() - startMs)) * 1_000;
  console.log(`  replay of ${ENTRIES_PER_LEAD} entries: ${Math.round(perSecond).toLocaleString('en')} /s`);
}
