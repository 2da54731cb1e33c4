import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/scoring/compile-model.js';
import { evaluate } from '../../src/scoring/evaluate.js';
import { explain } from '../../src/scoring/explain.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { timelineNeedsOf } from '../../src/scoring/timeline-needs.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import { arbitraryInstant, arbitraryTimeline } from '../support/arbitrary-timeline.js';
import { foldTimeline } from '../support/fold-timeline.js';
import { modelOf } from '../support/scoring-kit.js';

function needsOf(...definitions: ModelDefinition[]) {
  return timelineNeedsOf(definitions.map(compileModel));
}

/** What is left of a timeline when only what is needed is read. */
function needed(entries: TimelineEntry[], needs: ReturnType<typeof needsOf>): TimelineEntry[] {
  return entries
    .filter((entry) => entry.kind !== 'action' || !needs.ignoredTypes.includes(entry.type))
    .map((entry) =>
      entry.kind === 'action' && !needs.readsProperties(entry.type) ? { ...entry, properties: {} } : entry,
    );
}

describe('what a model needs of timelines', () => {
  it('is enough: scores and explanations are those of the whole timeline', () => {
    fc.assert(
      fc.property(
        arbitraryModel(),
        arbitraryModel(),
        arbitraryTimeline(),
        arbitraryInstant(),
        (first, second, entries, atMs) => {
          const part = needed(entries, needsOf(first, second));
          for (const model of [first, second].map(compileModel)) {
            const [whole, folded] = [entries, part].map((timeline) => foldTimeline(model, timeline, atMs));
            if (!whole || !folded) throw new Error('two timelines, two states');
            expect(evaluate(model, folded, atMs)).toEqual(evaluate(model, whole, atMs));
            expect(explain(model, folded, atMs)).toEqual(explain(model, whole, atMs));
          }
        },
      ),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) },
    );
  });

  it('leaves out passive types that no rule names', () => {
    const points = { points: 1 };
    const rules = [
      { key: 'sent', action: { actionType: 'email_sent', ...points } },
      { key: 'bounced', action: { actionType: 'email_bounced*', ...points } },
      { key: 'any', action: { actionType: '*', ...points } },
    ];
    expect(needsOf(modelOf(rules)).ignoredTypes).toEqual(['email_delivered', 'marked_spam', 'unsubscribed']);
    const counting = { activity: { actionType: 'marked_spam' } };
    const more = modelOf([...rules, { key: 'spam', criteria: { when: { not: counting }, ...points } }]);
    expect(needsOf(modelOf(rules), more).ignoredTypes).toEqual(['email_delivered', 'unsubscribed']);
    // What one model counts as an activity moves its decay and is needed.
    const lively = { ...modelOf(rules), passiveActionTypes: ['email_sent', 'marked_spam'] };
    expect(needsOf(modelOf(rules), lively).ignoredTypes).toEqual(['marked_spam']);
  });

  it('asks for properties only where a rule looks at them', () => {
    const where = [{ property: 'url', operator: 'CONTAINS' as const, value: 'pricing' }];
    const needs = needsOf(
      modelOf([
        { key: 'open', action: { actionType: 'open', points: 1 } },
        { key: 'visit', action: { actionType: 'visit*', points: 1, where } },
        {
          key: 'form',
          criteria: { when: { all: [{ not: { activity: { actionType: 'form', where } } }] }, points: 1 },
        },
      ]),
    );
    const types = ['open', 'visited', 'form', 'other'];
    expect(types.map(needs.readsProperties)).toEqual([false, true, true, false]);
    expect(needs.readsNoProperties).toBe(false);
    const plain = needsOf(modelOf([{ key: 'open', action: { actionType: 'open', points: 1 } }]));
    expect(plain.readsNoProperties).toBe(true);
  });
});
