import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/scoring/compile-model.js';
import { explain } from '../../src/scoring/explain.js';
import type { RuleDefinition } from '../../src/scoring/model-definition.js';
import { roundPoints } from '../../src/scoring/points.js';
import { visitRuleStandings } from '../../src/scoring/rule-standing.js';
import { parseState, serializeState } from '../../src/scoring/score-state.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import { arbitraryInstant, arbitraryTimeline } from '../support/arbitrary-timeline.js';
import { foldTimeline } from '../support/fold-timeline.js';
import { action, dayMs, modelOf, profile } from '../support/scoring-kit.js';

/** What the rules of a model give at a day, by key. */
function standings(rules: RuleDefinition[], entries: TimelineEntry[], day: number) {
  const model = compileModel(modelOf(rules));
  const found: [string | undefined, number, number, number | null][] = [];
  visitRuleStandings(model, foldTimeline(model, entries, dayMs(day)), dayMs(day), (standing) => {
    const { ordinal, awards, points, lastAwardAtMs } = standing;
    found.push([model.rules[ordinal]?.key, awards, points, lastAwardAtMs]);
  });
  return found;
}

describe('how a contact stands on its rules', () => {
  it('adds up to the lines of rules and resets in the explanation, from a stored state too', () => {
    fc.assert(
      fc.property(arbitraryModel(), arbitraryTimeline(), arbitraryInstant(), (definition, entries, atMs) => {
        const model = compileModel(definition);
        const state = foldTimeline(model, entries, atMs);
        const lines = explain(model, state, atMs).filter(({ kind }) => kind === 'RULE' || kind === 'RESET');
        const explained = Map.groupBy(lines, ({ ruleKey }) => ruleKey ?? '');
        for (const folded of [state, parseState(serializeState(state))]) {
          const seen = new Set<string>();
          visitRuleStandings(model, folded, atMs, ({ ordinal, points, awards }) => {
            const key = model.rules[ordinal]?.key ?? '';
            const own = explained.get(key) ?? [];
            expect(seen.has(key)).toBe(false);
            seen.add(key);
            expect(points).toBeCloseTo(roundPoints(own.reduce((sum, line) => sum + line.points, 0)), 5);
            for (const line of own) if (line.kind === 'RULE') expect(awards).toBe(line.awards ?? 0);
          });
          expect([...explained.keys()].filter((key) => !seen.has(key))).toEqual([]);
        }
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) },
    );
  });

  it('counts awards until they expire, criteria while they hold, tables that give points', () => {
    const rules: RuleDefinition[] = [
      { key: 'open', action: { actionType: 'open', points: 5, expiresAfterDays: 10 } },
      { key: 'idle', criteria: { when: { inactivity: { days: 8 } }, points: -1 } },
      {
        key: 'title',
        table: { attribute: 'jobTitle', rows: [{ operator: 'MATCHES_WORD', value: 'cto', points: 20 }] },
      },
    ];
    const entries = [action(0, 'open'), action(1, 'open'), profile(1, { jobTitle: 'CTO' })];
    expect(standings(rules, entries, 2)).toEqual([
      ['open', 2, 10, dayMs(1)],
      ['title', 0, 20, null],
    ]);
    expect(standings(rules, entries, 10)).toEqual([
      ['open', 1, 5, dayMs(1)],
      ['idle', 0, -1, null],
      ['title', 0, 20, null],
    ]);
    expect(standings(rules, [...entries, profile(11, { jobTitle: 'Analyst' })], 12)).toEqual([
      ['idle', 0, -1, null],
    ]);
  });

  it('counts the reset in force, without awards and with those given since', () => {
    const rules: RuleDefinition[] = [
      { key: 'open', action: { actionType: 'open', points: 40 } },
      { key: 'left', action: { actionType: 'left', points: -100, setScoreTo: 7 } },
    ];
    expect(standings(rules, [action(0, 'open'), action(1, 'left')], 2)).toEqual([['left', 0, 7, dayMs(1)]]);
    const back = [action(0, 'open'), action(1, 'left'), action(2, 'open')];
    expect(standings(rules, back, 3)).toEqual([
      ['open', 1, 40, dayMs(2)],
      ['left', 0, 7, dayMs(1)],
    ]);
  });
});
