import type { CompiledModel } from '../scoring/compile-model.js';
import { evaluate } from '../scoring/evaluate.js';
import { roundPoints } from '../scoring/points.js';
import { visitRuleStandings } from '../scoring/rule-standing.js';
import type { ScoreState } from '../scoring/score-state.js';

/** What one rule gives to some contacts. */
export interface RuleFigures {
  /** Contacts that hold it. */
  contacts: number;
  awards: number;
  /** As explanations have them: times the weight, before any cap. */
  points: number;
  /** ms since 1970; null when no award was given. */
  lastAwardAtMs: number | null;
}

/** Who holds the rules of a model, among some contacts. Plain JSON of bounded size. */
export interface RuleTally {
  contacts: number;
  /** By ordinal of the active rule. */
  rules: RuleFigures[];
  /** Contacts by index of the stage. */
  stages: number[];
}

/** The tally of no contacts. */
export function emptyRuleTally(model: CompiledModel): RuleTally {
  return {
    contacts: 0,
    rules: model.rules.map(() => ({ contacts: 0, awards: 0, points: 0, lastAwardAtMs: null })),
    stages: model.stages.map(() => 0),
  };
}

/** The tally of two disjoint sets of contacts; neither of the two changes. */
export function mergeRuleTallies(a: RuleTally, b: RuleTally): RuleTally {
  return {
    contacts: a.contacts + b.contacts,
    rules: a.rules.map((rule, ordinal) => mergeFigures(rule, b.rules[ordinal])),
    stages: a.stages.map((contacts, index) => contacts + (b.stages[index] ?? 0)),
  };
}

function mergeFigures(a: RuleFigures, b: RuleFigures | undefined): RuleFigures {
  if (b === undefined) return a;
  return {
    contacts: a.contacts + b.contacts,
    awards: a.awards + b.awards,
    points: roundPoints(a.points + b.points),
    lastAwardAtMs: latest(a.lastAwardAtMs, b.lastAwardAtMs),
  };
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}

/** Counts contacts one by one, all of them at the same instant. */
export class RuleCount {
  readonly #model: CompiledModel;
  readonly #atMs: number;
  readonly #tally: RuleTally;

  constructor(model: CompiledModel, atMs: number) {
    this.#model = model;
    this.#atMs = atMs;
    this.#tally = emptyRuleTally(model);
  }

  /** @param state a contact's, all entries up to the instant folded */
  add(state: ScoreState): void {
    const { rules, stages } = this.#tally;
    this.#tally.contacts++;
    visitRuleStandings(this.#model, state, this.#atMs, ({ ordinal, awards, points, lastAwardAtMs }) => {
      const figures = rules[ordinal];
      if (figures === undefined) return;
      figures.contacts++;
      figures.awards += awards;
      figures.points = roundPoints(figures.points + points);
      figures.lastAwardAtMs = latest(figures.lastAwardAtMs, lastAwardAtMs);
    });
    const { stage } = evaluate(this.#model, state, this.#atMs);
    stages[stage] = (stages[stage] ?? 0) + 1;
  }

  tally(): RuleTally {
    return this.#tally;
  }
}
