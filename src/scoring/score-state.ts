import type { CompiledModel } from './compile-model.js';

/** Numbers per award in `RuleState.live`. */
export const LIVE_AWARD_STRIDE = 3;

/** Numbers per adjustment in `AdjustmentState.expiring`. */
export const EXPIRING_ADJUSTMENT_STRIDE = 2;

/** Awards that can only decay from now on, merged per rule. */
export interface MergedAwards {
  /** How many awards are in the sums. */
  count: number;
  /** The instant of the latest of them, ms since 1970. */
  lastAtMs: number;
  /** The inactivity count K to which the decayed sums are brought. */
  idleIntervals: number;
  positiveDecayed: number;
  negativeDecayed: number;
  /** The same sums as if there were no decay; kept only where the model's decay floor asks for them. */
  positiveUndecayed: number;
  negativeUndecayed: number;
}

/** What one action rule has to remember. */
export interface RuleState {
  merged: MergedAwards | null;
  /** Awards with an expiry or a recency step ahead, oldest first, three numbers each: atMs, base, K at the award. */
  live: number[];
  /** Awards given so far, for a lifetime limit; 0 where the rule has none. */
  givenCount: number;
  /** The instants of the last awards, oldest first, for a windowed limit. */
  givenAtMs: number[];
  /** The last matching action, for `repeat`; null before the first. */
  matchedAtMs: number | null;
}

/** Adjustments that still count. */
export interface AdjustmentState {
  positiveCount: number;
  positivePoints: number;
  negativeCount: number;
  negativePoints: number;
  /** Those that expire, in the order they were made, two numbers each: expiresAtMs, points. */
  expiring: number[];
}

/** The last reset. */
export interface ResetState {
  offset: number;
  atMs: number;
  /** Index of the action rule that made it. */
  rule: number;
}

/**
 * Everything a contact's timeline leaves behind for one version of one model. It holds no attribute values, only what
 * the model's conditions made of them. Sparse: an index without a value has nothing to remember.
 */
export interface ScoreState {
  /** The last entry folded, ms since 1970; 0 before the first. Times are stored relative to it. */
  atMs: number;
  /** The last activity, ms since 1970; null before the first. */
  lastActivityAtMs: number | null;
  /** K at the last activity: whole decay intervals of inactivity up to it. */
  idleIntervals: number;
  reset: ResetState | null;
  adjustments: AdjustmentState | null;
  /** By index of action rule. */
  rules: (RuleState | undefined)[];
  /** By index of activity criterion: its last instants, oldest first, or its count alone where it has no window. */
  activities: (number[] | number | undefined)[];
  /** By index of attribute source: words of 30 condition results each, then the points of its tables. */
  attributes: (number[] | undefined)[];
  /** Indexes of the referenced lists the contact is on, ascending. */
  lists: number[];
}

/** The state of a contact without any entry. It is the same for every model. */
export function emptyState(_model: CompiledModel): ScoreState {
  return {
    atMs: 0,
    lastActivityAtMs: null,
    idleIntervals: 0,
    reset: null,
    adjustments: null,
    rules: [],
    activities: [],
    attributes: [],
    lists: [],
  };
}

/** Raised whenever the meaning of the text changes; a state of another format has to be made anew by replay. */
const STATE_FORMAT = 1;

type Packed = (number | Packed)[];

/**
 * The state as one line of ASCII JSON without control characters. Instants are written relative to the last entry,
 * which makes most of them short; what is empty at the end of a tuple is left out. Written as text right away, without
 * arrays in between for JSON.stringify: this runs for every entry that is recorded.
 */
export function serializeState(state: ScoreState): string {
  const { atMs, lastActivityAtMs, idleIntervals, reset, lists } = state;
  const tuple = new TupleText(STATE_FORMAT);
  tuple.add(atMs);
  tuple.add(packInstant(atMs, lastActivityAtMs));
  tuple.add(idleIntervals);
  tuple.add(rulesText(atMs, state.rules));
  tuple.add(activitiesText(atMs, state.activities));
  tuple.add(attributesText(state.attributes));
  tuple.add(lists.length === 0 ? 0 : `[${lists.join(',')}]`);
  tuple.add(reset === null ? 0 : `[${reset.offset},${atMs - reset.atMs},${reset.rule}]`);
  tuple.add(adjustmentsText(atMs, state.adjustments));
  return tuple.end();
}

/** A JSON array as it grows; zeros at its end are not written, elsewhere 0 stands for absent. */
class TupleText {
  private text: string;
  private zeros = 0;

  constructor(first: number) {
    this.text = `[${first}`;
  }

  /** @param part a number, or the text of a JSON array */
  add(part: number | string): void {
    if (part === 0) {
      this.zeros++;
      return;
    }
    for (; this.zeros > 0; this.zeros--) this.text += ',0';
    this.text += `,${part}`;
  }

  end(): string {
    return `${this.text}]`;
  }
}

/**
 * Reads what `serializeState` wrote.
 * @throws Error when the text is not a state of this format.
 */
export function parseState(text: string): ScoreState {
  const packed = JSON.parse(text) as Packed;
  if (!Array.isArray(packed) || packed[0] !== STATE_FORMAT) {
    throw new Error('The stored score state has another format: replay the timeline.');
  }
  const atMs = numberAt(packed, 1);
  const reset = listAt(packed, 8);
  return {
    atMs,
    lastActivityAtMs: unpackInstant(atMs, numberAt(packed, 2)),
    idleIntervals: numberAt(packed, 3),
    rules: unpackSparse(listAt(packed, 4), (rule) => unpackRule(atMs, rule)),
    activities: unpackSparse(listAt(packed, 5), (activity) => unpackActivity(atMs, activity)),
    attributes: unpackSparse(listAt(packed, 6), (results) => results.slice(1) as number[]),
    lists: listAt(packed, 7) as number[],
    reset:
      reset.length === 0
        ? null
        : { offset: numberAt(reset, 0), atMs: atMs - numberAt(reset, 1), rule: numberAt(reset, 2) },
    adjustments: unpackAdjustments(atMs, listAt(packed, 9)),
  };
}

function numberAt(packed: Packed, index: number): number {
  return (packed[index] ?? 0) as number;
}

function listAt(packed: Packed, index: number): Packed {
  const part = packed[index];
  return part === undefined || part === 0 ? [] : (part as Packed);
}

/** 0 for never, else one more than the distance back from `atMs`. */
function packInstant(atMs: number, instantMs: number | null): number {
  return instantMs === null ? 0 : atMs - instantMs + 1;
}

function unpackInstant(atMs: number, packed: number): number | null {
  return packed === 0 ? null : atMs - packed + 1;
}

function rulesText(atMs: number, rules: ScoreState['rules']): string | 0 {
  let text = '';
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index];
    if (rule === undefined || isForgotten(rule)) continue;
    const tuple = new TupleText(index);
    tuple.add(mergedText(atMs, rule.merged));
    tuple.add(liveText(atMs, rule.live));
    tuple.add(packInstant(atMs, rule.matchedAtMs));
    tuple.add(rule.givenCount);
    for (const givenAtMs of rule.givenAtMs) tuple.add(packInstant(atMs, givenAtMs));
    text += `,${tuple.end()}`;
  }
  return listText(text);
}

/** Entries that each begin with a comma as a JSON array; 0 when there is none. */
function listText(entries: string): string | 0 {
  return entries === '' ? 0 : `[${entries.slice(1)}]`;
}

function isForgotten({ merged, live, matchedAtMs, givenCount, givenAtMs }: RuleState): boolean {
  return merged === null && live.length === 0 && matchedAtMs === null && givenCount + givenAtMs.length === 0;
}

function mergedText(atMs: number, merged: MergedAwards | null): string | 0 {
  if (merged === null) return 0;
  const tuple = new TupleText(merged.count);
  tuple.add(atMs - merged.lastAtMs);
  tuple.add(merged.idleIntervals);
  tuple.add(merged.positiveDecayed);
  tuple.add(merged.positiveUndecayed);
  tuple.add(merged.negativeDecayed);
  tuple.add(merged.negativeUndecayed);
  return tuple.end();
}

function liveText(atMs: number, live: readonly number[]): string | 0 {
  let text = '';
  for (let i = 0; i < live.length; i += LIVE_AWARD_STRIDE) {
    text += `,${atMs - (live[i] as number)},${live[i + 1]},${live[i + 2]}`;
  }
  return listText(text);
}

/** By index: a count as it is, instants in a list of their own. */
function activitiesText(atMs: number, activities: ScoreState['activities']): string | 0 {
  let text = '';
  for (let index = 0; index < activities.length; index++) {
    const activity = activities[index];
    if (typeof activity === 'number') text += `,[${index},${activity}]`;
    else if (activity !== undefined) {
      text += `,[${index},[${activity.map((instantMs) => atMs - instantMs).join(',')}]]`;
    }
  }
  return listText(text);
}

function attributesText(attributes: ScoreState['attributes']): string | 0 {
  let text = '';
  for (let index = 0; index < attributes.length; index++) {
    const results = attributes[index];
    if (results !== undefined) text += `,[${index},${results.join(',')}]`;
  }
  return listText(text);
}

function adjustmentsText(atMs: number, adjustments: AdjustmentState | null): string | 0 {
  if (adjustments === null) return 0;
  const { positiveCount, positivePoints, negativeCount, negativePoints, expiring } = adjustments;
  let text = `[${positiveCount},${positivePoints},${negativeCount},${negativePoints}`;
  for (let i = 0; i < expiring.length; i += EXPIRING_ADJUSTMENT_STRIDE)
    text += `,${(expiring[i] as number) - atMs},${expiring[i + 1]}`;
  return `${text}]`;
}

function unpackSparse<T>(packed: Packed, unpack: (tuple: Packed) => T): (T | undefined)[] {
  const things: (T | undefined)[] = [];
  for (const tuple of packed as Packed[]) {
    const index = tuple[0] as number;
    while (things.length < index) things.push(undefined);
    things.push(unpack(tuple));
  }
  return things;
}

function unpackRule(atMs: number, tuple: Packed): RuleState {
  const givenAtMs: number[] = [];
  for (let i = 5; i < tuple.length; i++) givenAtMs.push(atMs - (tuple[i] as number) + 1);
  return {
    merged: unpackMerged(atMs, listAt(tuple, 1)),
    live: unpackLive(atMs, listAt(tuple, 2) as number[]),
    matchedAtMs: unpackInstant(atMs, numberAt(tuple, 3)),
    givenCount: numberAt(tuple, 4),
    givenAtMs,
  };
}

/** In place: the list was parsed for this. */
function unpackLive(atMs: number, live: number[]): number[] {
  for (let i = 0; i < live.length; i += LIVE_AWARD_STRIDE) live[i] = atMs - (live[i] as number);
  return live;
}

function unpackMerged(atMs: number, packed: Packed): MergedAwards | null {
  if (packed.length === 0) return null;
  return {
    count: numberAt(packed, 0),
    lastAtMs: atMs - numberAt(packed, 1),
    idleIntervals: numberAt(packed, 2),
    positiveDecayed: numberAt(packed, 3),
    positiveUndecayed: numberAt(packed, 4),
    negativeDecayed: numberAt(packed, 5),
    negativeUndecayed: numberAt(packed, 6),
  };
}

function unpackActivity(atMs: number, tuple: Packed): number[] | number {
  const activity = tuple[1] ?? 0;
  return typeof activity === 'number' ? activity : (activity as number[]).map((back) => atMs - back);
}

function unpackAdjustments(atMs: number, packed: Packed): AdjustmentState | null {
  if (packed.length === 0) return null;
  return {
    positiveCount: numberAt(packed, 0),
    positivePoints: numberAt(packed, 1),
    negativeCount: numberAt(packed, 2),
    negativePoints: numberAt(packed, 3),
    expiring: (packed.slice(4) as number[]).map((part, i) =>
      i % EXPIRING_ADJUSTMENT_STRIDE === 0 ? part + atMs : part,
    ),
  };
}
