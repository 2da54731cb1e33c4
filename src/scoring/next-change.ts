import type { CompiledModel } from './compile-model.js';
import type { ScoreState } from './score-state.js';
import { TimeSweep } from './time-sweep.js';

/** What time did to a score. */
export type TimeCause = 'DECAY' | 'EXPIRY' | 'RECENCY' | 'WINDOW';

/** A change of total or label that time alone brings. */
export interface NextChange {
  atMs: number;
  /** All that happens at that instant, at least one. */
  causes: TimeCause[];
}

/** How far ahead a change is looked for: 10 years of 365 days. */
export const NEXT_CHANGE_HORIZON_MS = 3_650 * 86_400_000;

/**
 * The first instant in (atMs, atMs + horizonMs] at which total or label changes if nothing more happens; null when
 * there is none. Sums are carried from boundary to boundary instead of being made anew; what is found is confirmed by
 * `evaluate`. Never changes the state.
 * @param atMs ms since 1970, not before the last entry folded
 */
export function nextChange(
  model: CompiledModel,
  state: ScoreState,
  atMs: number,
  horizonMs: number = NEXT_CHANGE_HORIZON_MS,
): NextChange | null {
  return new TimeSweep(model, state, atMs).firstChange(atMs + horizonMs);
}
