import type { CompiledModel } from '../../src/scoring/compile-model.js';
import { foldEntry } from '../../src/scoring/fold-entry.js';
import { emptyState, type ScoreState } from '../../src/scoring/score-state.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';

/** The state after the entries up to an instant (all of them, when none is given). */
export function foldTimeline(
  model: CompiledModel,
  entries: readonly TimelineEntry[],
  untilMs = Number.POSITIVE_INFINITY,
): ScoreState {
  const state = emptyState(model);
  for (const entry of entries) if (entry.atMs <= untilMs) foldEntry(model, state, entry);
  return state;
}
