import { badInput } from '../../errors.js';
import type { StageDefinition } from '../../scoring/model-definition.js';
import { type AreaUnderCurve, areaUnderCurve } from '../statistics/area-under-curve.js';
import { type Lift, lift } from '../statistics/lift.js';
import { type Proportion, proportion } from '../statistics/proportion.js';
import { histogramOf, type JudgedLeads, type LeadSums, sumUp } from './judged-leads.js';

/** Bands that a caller may ask for. */
export const BANDS_MAX = 100;

/** Leads whose total lies within one band. */
export interface BandConversion {
  /** The band holds totals from this one on; null for all that lie below the next band. */
  fromTotal: number | null;
  /** And below this one; null for the last band. */
  toTotal: number | null;
  /** Key of the stage that the band is; null where the caller gave bands. */
  stage: string | null;
  converted: Proportion;
  /** The band's rate over that of all other leads with a total. */
  lift: Lift;
  lost: number;
  /** Of conversions that have a value; null without one. */
  valueAverage: number | null;
}

/** What became of the leads of a scope. */
export interface ConversionReport {
  judged: readonly JudgedLeads[];
  converted: Proportion;
  sums: LeadSums;
  /** Leads that had no total to be judged by; they are in no band. */
  unscored: number;
  areaUnderCurve: AreaUnderCurve | null;
}

export function conversionReport(judged: readonly JudgedLeads[]): ConversionReport {
  const sums = sumUp(judged);
  return {
    judged,
    converted: proportion(sums.won, sums.leads),
    sums,
    unscored: sumUp(judged.filter(({ total }) => total === null)).leads,
    areaUnderCurve: areaUnderCurve(histogramOf(judged)),
  };
}

/** A band before leads are put into it. */
export type Band = Pick<BandConversion, 'fromTotal' | 'toTotal' | 'stage'>;

/** The stages of a model as bands. @param stages ascending by minScore. */
export function bandsOfStages(stages: readonly StageDefinition[]): Band[] {
  return stages.map(({ key, minScore }, index) => ({
    // Below the first stage is the first stage.
    fromTotal: index === 0 ? null : minScore,
    toTotal: stages[index + 1]?.minScore ?? null,
    stage: key,
  }));
}

/**
 * Bands between ascending lower bounds; what lies below the first bound is a band of its own.
 * @throws LeadpulseError BAD_USER_INPUT when the bounds do not ascend or are too many.
 */
export function bandsBetween(bounds: readonly number[], path: string): Band[] {
  const message = `Give 1 to ${BANDS_MAX} numbers, each larger than the one before.`;
  const ascends = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? bound));
  if (bounds.length === 0 || bounds.length > BANDS_MAX || !ascends) throw badInput([{ path, message }]);
  return [null, ...bounds].map((bound, index) => ({
    fromTotal: bound,
    toTotal: bounds[index] ?? null,
    stage: null,
  }));
}

/** The leads of each band. */
export function byBand(judged: readonly JudgedLeads[], bands: readonly Band[]): BandConversion[] {
  const scored = judged.filter(({ total }) => total !== null);
  const all = sumUp(scored);
  return bands.map((band) => {
    const own = sumUp(scored.filter(({ total }) => isWithin(band, total ?? 0)));
    const converted = proportion(own.won, own.leads);
    return {
      ...band,
      converted,
      lift: lift(converted, proportion(all.won - own.won, all.leads - own.leads)),
      lost: own.lost,
      valueAverage: own.valued === 0 ? null : own.value / own.valued,
    };
  });
}

/** Whether a total lies within a band. */
export function isWithin({ fromTotal, toTotal }: Band, total: number): boolean {
  return (fromTotal === null || total >= fromTotal) && (toTotal === null || total < toTotal);
}
