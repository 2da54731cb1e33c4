import { compileModel } from '../../src/scoring/compile-model.js';
import { DAY_MS } from '../../src/scoring/duration.js';
import { evaluate } from '../../src/scoring/evaluate.js';
import type { JsonObject, JsonValue } from '../../src/scoring/json-value.js';
import type { ModelDefinition, RuleDefinition } from '../../src/scoring/model-definition.js';
import { replay } from '../../src/scoring/replay.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { foldTimeline } from './fold-timeline.js';

/** Day 0 of the cases below. */
export const DAY_ZERO_MS = Date.UTC(2026, 0, 1);

/** The instant so many days of 24 h after day 0. */
export function dayMs(day: number): number {
  return DAY_ZERO_MS + Math.round(day * DAY_MS);
}

/** A model of one dimension (engagement, up to 100) and one set with these rules. */
export function modelOf(rules: RuleDefinition[], extras: Partial<ModelDefinition> = {}): ModelDefinition {
  return {
    key: 'model',
    name: 'Model',
    dimensions: [{ key: 'engagement', name: 'Engagement', maxPoints: 100 }],
    stages: [
      { key: 'cold', name: 'Cold', minScore: 0 },
      { key: 'hot', name: 'Hot', minScore: 50, hot: true },
    ],
    scoreSets: [{ key: 'behaviour', name: 'Behaviour', dimension: 'engagement', rules }],
    ...extras,
  };
}

export function action(day: number, type: string, properties: JsonObject = {}): TimelineEntry {
  return { kind: 'action', atMs: dayMs(day), type, properties };
}

export function profile(day: number, set: Record<string, JsonValue>): TimelineEntry {
  return { kind: 'profile', atMs: dayMs(day), set };
}

export function listChange(day: number, list: string, joined: boolean): TimelineEntry {
  return { kind: 'list', atMs: dayMs(day), list, joined };
}

export function adjustment(day: number, points: number, expiresAfterDays?: number): TimelineEntry {
  return { kind: 'adjustment', atMs: dayMs(day), points, reason: 'call', expiresAfterDays };
}

/** The totals at the given days, by the folded state; a replay has to agree. */
export function totalsAt(
  definition: ModelDefinition,
  entries: readonly TimelineEntry[],
  days: readonly number[],
): number[] {
  const model = compileModel(definition);
  return days.map((day) => {
    const atMs = dayMs(day);
    const { total } = evaluate(model, foldTimeline(model, entries, atMs), atMs);
    const replayed = replay(definition, entries, atMs).total;
    if (total !== replayed) throw new Error(`day ${day}: folded ${total}, replayed ${replayed}`);
    return total;
  });
}
