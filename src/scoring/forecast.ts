import type { CompiledModel } from './compile-model.js';
import { evaluate } from './evaluate.js';
import { nextChange } from './next-change.js';
import type { ScoreState } from './score-state.js';

/** The total from an instant on. */
export interface ForecastPoint {
  atMs: number;
  total: number;
  /** Index into `model.stages`. */
  stage: number;
}

/**
 * How the total moves in [fromMs, untilMs] if nothing more happens: the first point at `fromMs`, then one for every
 * instant at which the total changes.
 * @param fromMs ms since 1970, not before the last entry folded
 * @param pointsMax how many points at most; what comes after them is left out
 */
export function forecast(
  model: CompiledModel,
  state: ScoreState,
  fromMs: number,
  untilMs: number,
  pointsMax: number,
): ForecastPoint[] {
  const points: ForecastPoint[] = [];
  let atMs: number | null = fromMs;
  while (atMs !== null && points.length < pointsMax) {
    const { total, stage } = evaluate(model, state, atMs);
    if (total !== points.at(-1)?.total) points.push({ atMs, total, stage });
    atMs = nextChange(model, state, atMs, untilMs - atMs)?.atMs ?? null;
  }
  return points;
}
