import { hoursToMs } from './duration.js';
import type { RecencyStepDefinition } from './model-definition.js';

/** Recency steps that differ from one another, ready for look-up by age. */
export interface CompiledRecency {
  /** Ascending ages in ms; before `stepAgesMs[i]` the multiplier is `multipliers[i]`. */
  stepAgesMs: number[];
  /** One more than there are ages: the last is the rest. */
  multipliers: number[];
  /** From this age on the multiplier stays as it is. */
  settledAgeMs: number;
}

/** @returns null when recency multiplies nothing. */
export function compileRecency(steps: readonly RecencyStepDefinition[]): CompiledRecency | null {
  const bounded = steps.flatMap(({ withinHours, multiplier }) =>
    typeof withinHours === 'number' ? [{ ageMs: hoursToMs(withinHours), multiplier }] : [],
  );
  const rest = steps.find(({ withinHours }) => typeof withinHours !== 'number')?.multiplier ?? 1;
  bounded.sort((a, b) => a.ageMs - b.ageMs);
  const stepAgesMs: number[] = [];
  const multipliers: number[] = [];
  bounded.forEach(({ ageMs, multiplier }, index) => {
    if ((bounded[index + 1]?.multiplier ?? rest) === multiplier) return;
    stepAgesMs.push(ageMs);
    multipliers.push(multiplier);
  });
  multipliers.push(rest);
  if (stepAgesMs.length === 0 && rest === 1) return null;
  return { stepAgesMs, multipliers, settledAgeMs: stepAgesMs.at(-1) ?? 0 };
}

/** The multiplier of an award of this age. */
export function recencyAt(recency: CompiledRecency, ageMs: number): number {
  const { stepAgesMs, multipliers } = recency;
  let step = 0;
  while (step < stepAgesMs.length && ageMs >= (stepAgesMs[step] as number)) step++;
  return multipliers[step] as number;
}
