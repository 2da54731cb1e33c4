import type { ActiveModel } from '../../src/store/model-registry.js';
import { type PublishedChange, ScoreCursor } from '../../src/store/score-cursor.js';
import type { ScoreRow } from '../../src/store/score-row.js';
import { ACTION_CYCLE, ACTION_PROPERTIES, actionTypeAt } from './bench-actions.js';

const HOUR_MS = 3_600_000;
/** Twice through the cycle: the second time every step makes its change. */
const STEADY_STEPS = 2 * ACTION_CYCLE.length;

/** What contacts have behind them when a measurement begins. */
export interface MadeHistory {
  /** When the first action was; one every hour from then on, the last one an hour ago. */
  firstAtMs: number;
  stepMs: number;
  /** Score rows by place in the cycle: contact c has that of c modulo their number. */
  rows: ScoreRow[];
  /** Changes by place in the cycle. */
  changes: PublishedChange[];
}

/** Folds the actions of one contact at each place of the cycle; all others at that place are alike. */
export function makeHistory(model: ActiveModel, history: number, nowMs: number): MadeHistory {
  const firstAtMs = nowMs - history * HOUR_MS;
  const fold = (place: number, steps: number) => foldSteps(model, place, steps, firstAtMs);
  const rows = ACTION_CYCLE.map((_, place) => fold(place, history).toRow(model.revision));
  const changes = fold(0, STEADY_STEPS).changes.slice(-ACTION_CYCLE.length);
  return { firstAtMs, stepMs: HOUR_MS, rows, changes };
}

function foldSteps(model: ActiveModel, place: number, steps: number, firstAtMs: number): ScoreCursor {
  const cursor = ScoreCursor.begin(model, '', firstAtMs);
  for (let step = 0; step < steps; step++) {
    const atMs = firstAtMs + step * HOUR_MS;
    const type = actionTypeAt(place, step);
    cursor.fold({ entry: { kind: 'action', atMs, type, properties: ACTION_PROPERTIES }, seq: step });
  }
  return cursor;
}
