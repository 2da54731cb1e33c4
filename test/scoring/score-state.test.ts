import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/scoring/compile-model.js';
import { evaluate } from '../../src/scoring/evaluate.js';
import { foldEntry } from '../../src/scoring/fold-entry.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { emptyState, parseState, serializeState } from '../../src/scoring/score-state.js';
import { foldTimeline } from '../support/fold-timeline.js';
import { action, dayMs, modelOf, profile } from '../support/scoring-kit.js';

describe('a state', () => {
  const advanced = compileModel(PRESETS.ADVANCED('advanced', 'Advanced'));

  it('is short when it is empty, and reads back as empty', () => {
    const text = serializeState(emptyState(advanced));
    expect(text).toBe('[1]');
    expect(parseState(text)).toEqual(emptyState(advanced));
  });

  it('holds what conditions made of an attribute, never the attribute', () => {
    const entries = [profile(0, { jobTitle: 'Chief Secret Officer, CTO', country: 'de', industry: 'saas' })];
    const text = serializeState(foldTimeline(advanced, entries));
    expect(text).not.toMatch(/[a-z]/i);
    expect(evaluate(advanced, parseState(text), dayMs(0)).total).toBe(40);
  });

  it('keeps its size over ten thousand actions of the same kind', () => {
    const starter = compileModel(PRESETS.STARTER('starter', 'Starter'));
    const entries = Array.from({ length: 10_000 }, (_, i) => action(i / 10, 'email_opened'));
    expect(serializeState(foldTimeline(starter, entries)).length).toBeLessThan(120);
  });

  it('of another format is refused', () => {
    expect(() => parseState('[99,1]')).toThrow('another format');
    expect(() => parseState('{}')).toThrow('another format');
  });

  it('takes no entry older than the last', () => {
    const model = compileModel(modelOf([]));
    const state = foldTimeline(model, [action(5, 'open')]);
    expect(() => foldEntry(model, state, action(4, 'open'))).toThrow('replay');
  });

  it('remembers more conditions on one attribute than fit a word', () => {
    const rules = Array.from({ length: 70 }, (_, i) => ({
      key: `r${i}`,
      criteria: {
        when: { attribute: { attribute: 'size', operator: 'EQUALS' as const, value: i } },
        points: i + 1,
      },
    }));
    const model = compileModel(modelOf(rules));
    for (const size of [0, 29, 30, 31, 59, 60, 69]) {
      const state = parseState(serializeState(foldTimeline(model, [profile(0, { size })])));
      expect(evaluate(model, state, dayMs(0)).total).toBe(size + 1);
    }
  });
});

describe('a compiled model', () => {
  it('names the attributes and lists that matter', () => {
    const all = [
      { attribute: { attribute: 'answers.budget', operator: 'EXISTS' as const } },
      { list: { key: 'customers' } },
    ];
    const rules = [
      { key: 'a', criteria: { when: { all }, points: 1 } },
      { key: 'b', active: false, criteria: { when: { list: { key: 'others' } }, points: 1 } },
    ];
    const model = compileModel(modelOf(rules));
    expect([...model.attributeKeys].toSorted()).toEqual(['answers', 'answers.budget']);
    expect([...model.listKeys]).toEqual(['customers']);
  });

  it('looks only at the rules that an action type can match', () => {
    const rules = ['open', 'click', 'email_*', '*'].map((actionType, i) => ({
      key: `r${i}`,
      action: { actionType, points: 1 },
    }));
    const { candidatesOf } = compileModel(modelOf(rules));
    const keysOf = (type: string) => candidatesOf(type).rules.map(({ key }) => key);
    expect(keysOf('open')).toEqual(['r0', 'r3']);
    expect(keysOf('email_sent')).toEqual(['r2']);
    expect(keysOf('email_opened')).toEqual(['r2', 'r3']);
    expect(keysOf('Open')).toEqual(['r3']);
  });
});
