import type { CompiledModel } from '../scoring/compile-model.js';
import { type BucketLayout, layOutBuckets } from './score-buckets.js';
import { TopList } from './top-list.js';

/** Contacts that are named of the biggest movers, and of those newly hot. */
export const MOVERS_KEPT_MAX = 200;

/** A contact's totals under both versions. */
export interface Mover {
  contactId: string;
  before: number;
  after: number;
}

/**
 * What is known of some contacts under two versions of a model. Plain JSON of bounded size; the tallies of disjoint sets of
 * contacts merge into that of all of them.
 */
export interface PreviewTally {
  contacts: number;
  /** Contacts by bucket of `bucketsOf`. */
  before: number[];
  after: number[];
  /** Contacts by stage before and stage after, row by row: `stages[before * stagesAfter + after]`. */
  stages: number[];
  /** Contacts that are in a hot stage after, and are not before. */
  newlyHot: number;
  /** The first `MOVERS_KEPT_MAX` whose total changes, the biggest change first. */
  movers: Mover[];
  /** The first `MOVERS_KEPT_MAX` that are newly hot, the highest total first. */
  hot: Mover[];
  /** Contacts that meet each active rule of the version after, by its ordinal: with an action, or at the instant. */
  ruleContacts: number[];
}

/** Two versions of one model, ready to score. */
export interface ComparedModels {
  before: CompiledModel;
  after: CompiledModel;
}

/** How the totals of both are sorted. */
export function bucketsOf({ before, after }: ComparedModels): BucketLayout {
  return layOutBuckets([before.definition, after.definition]);
}

/** The tally of no contacts. */
export function emptyTally(models: ComparedModels): PreviewTally {
  const { count } = bucketsOf(models);
  const zeros = (length: number) => new Array<number>(length).fill(0);
  return {
    contacts: 0,
    before: zeros(count),
    after: zeros(count),
    stages: zeros(models.before.stages.length * models.after.stages.length),
    newlyHot: 0,
    movers: [],
    hot: [],
    ruleContacts: zeros(models.after.rules.length),
  };
}

/** The tally of two disjoint sets of contacts; neither of the two changes. */
export function mergeTallies(a: PreviewTally, b: PreviewTally): PreviewTally {
  return {
    contacts: a.contacts + b.contacts,
    before: sums(a.before, b.before),
    after: sums(a.after, b.after),
    stages: sums(a.stages, b.stages),
    newlyHot: a.newlyHot + b.newlyHot,
    movers: firstOf(biggestMovers(), a.movers, b.movers),
    hot: firstOf(hottest(), a.hot, b.hot),
    ruleContacts: sums(a.ruleContacts, b.ruleContacts),
  };
}

/** Those whose total changes most; equal ones by id, so that the answer is the same each time. */
export function biggestMovers(): TopList<Mover> {
  const distance = ({ before, after }: Mover) => Math.abs(after - before);
  return new TopList(MOVERS_KEPT_MAX, (a, b) => distance(b) - distance(a) || byId(a, b));
}

/** Those with the highest total after. */
export function hottest(): TopList<Mover> {
  return new TopList(MOVERS_KEPT_MAX, (a, b) => b.after - a.after || byId(a, b));
}

function byId(a: Mover, b: Mover): number {
  return a.contactId < b.contactId ? -1 : Number(a.contactId > b.contactId);
}

function sums(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, index) => value + (b[index] ?? 0));
}

function firstOf(list: TopList<Mover>, ...parts: readonly Mover[][]): Mover[] {
  for (const mover of parts.flat()) list.add(mover);
  return list.toArray();
}
