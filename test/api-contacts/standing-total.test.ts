import 'reflect-metadata';
import { expect, test } from 'vitest';
import { contactScoreOf } from '../../src/api/contacts/score-type.js';
import { compileModel } from '../../src/scoring/compile-model.js';
import { starterPreset } from '../../src/scoring/starter-preset.js';
import { ScoreCursor } from '../../src/store/score-cursor.js';

const AT_MS = Date.UTC(2026, 0, 1);
const definition = starterPreset('starter', 'Starter');
const model = {
  modelId: '0190a000-0000-7000-8000-000000000001',
  version: 1,
  definition,
  compiled: compileModel(definition),
};

/** A score row after two actions, whose points decay some day. */
function decayingRow() {
  const cursor = ScoreCursor.begin(model, '', AT_MS);
  for (const [seq, type] of ['email_opened', 'replied_to_email'].entries())
    cursor.fold({ entry: { kind: 'action', atMs: AT_MS, type, properties: {} }, seq });
  return cursor.toRow(1);
}

test('the published total, label and stage stand until they are due, and are added up anew from then on', () => {
  const row = decayingRow();
  const dueAtMs = row.dueAtMs ?? Number.NaN;
  expect(dueAtMs).toBeGreaterThan(AT_MS);
  const shown = (atMs: number) => {
    const score = contactScoreOf({ row, model, atMs, replayed: null, live: true });
    expect(score.total).toBe(score.evaluation.total);
    expect(score.label).toBe(score.evaluation.label);
    expect(score.stage.key).toBe(model.compiled.stages[score.evaluation.stage]?.key);
    return score.total;
  };
  expect(shown(AT_MS)).toBe(row.total);
  expect(shown(dueAtMs - 1)).toBe(row.total);
  expect(shown(dueAtMs)).toBeLessThan(row.total);
});

test('of another instant than now they are always added up', () => {
  const row = decayingRow();
  const early = contactScoreOf({
    row: { ...row, total: -1, label: 'Z9' },
    model,
    atMs: AT_MS,
    replayed: null,
    live: false,
  });
  expect(early.total).toBe(row.total);
  expect(early.label).toBe(row.label);
});
