import { alikeRows, type FeatureRows, selectRows, totalWeight, weighKinds } from './feature-rows.js';
import { fitLogistic, type LogisticFit, logLossOf } from './fit-logistic.js';

/** From coefficients held within about 0.1 of 0 to ones that may well be 2. */
const L2_GRID = [100, 30, 10, 3, 1, 0.3];
const FOLDS = 5;
/**
 * The search looks at no more than about so many rows. l2 stands for how far coefficients scatter, which does not grow with the
 * number of leads, so a sample finds it as well; and with more rows the penalty matters less anyway.
 */
const ROWS_MAX = 10_000;
/** The search needs losses that can be told apart, not the last digits of coefficients. */
const SEARCH_TOLERANCE = 1e-5;

/** How a penalty did on rows that the fit had not seen. */
export interface L2Trial {
  l2: number;
  /** Mean log loss in nats over all folds; null when no fold had rows on both sides. */
  logLoss: number | null;
}

/** The penalty with the least loss, and all that were tried. */
export interface L2Choice {
  l2: number;
  /** Strongest penalty first. */
  trials: L2Trial[];
}

/**
 * Chooses l2 by five-fold cross-validation. A row's fold follows from its place alone, so the same rows always give the same
 * choice; of equal losses the stronger penalty, which is the one chosen as well when there is too little to compare.
 * @param rows single leads: one row that stands for many is seen or unseen as a whole, which misjudges them.
 */
export function chooseL2(rows: FeatureRows): L2Choice {
  const sample = sampleOf(rows);
  const alike = alikeRows(sample);
  const losses = L2_GRID.map(() => 0);
  let tested = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const seen = weighKinds(
      alike,
      sample.weights.map((weight, row) => (foldOf(row) === fold ? 0 : weight)),
    );
    const unseen = weighKinds(
      alike,
      sample.weights.map((weight, row) => (foldOf(row) === fold ? weight : 0)),
    );
    const unseenWeight = totalWeight(unseen);
    if (unseenWeight === 0 || totalWeight(seen) === 0) continue;
    tested += unseenWeight;
    lossesAlongGrid(seen, unseen).forEach((loss, i) => {
      losses[i] = (losses[i] ?? 0) + loss * unseenWeight;
    });
  }
  const trials = L2_GRID.map((l2, i) => ({ l2, logLoss: tested === 0 ? null : (losses[i] ?? 0) / tested }));
  const best = trials.reduce((least, trial) => ((trial.logLoss ?? 0) < (least.logLoss ?? 0) ? trial : least));
  return { l2: best.l2, trials };
}

/** Each fit starts where the one before, with a stronger penalty, ended. */
function lossesAlongGrid(seen: FeatureRows, unseen: FeatureRows): number[] {
  let start: LogisticFit | undefined;
  return L2_GRID.map((l2) => {
    start = fitLogistic(seen, { l2, tolerance: SEARCH_TOLERANCE, ...(start && { start }) });
    return logLossOf(unseen, start);
  });
}

function sampleOf(rows: FeatureRows): FeatureRows {
  const share = ROWS_MAX / rows.rowCount;
  return share >= 1 ? rows : selectRows(rows, (row) => mix(row + rows.rowCount) < share * 2 ** 32);
}

function foldOf(row: number): number {
  return mix(row) % FOLDS;
}

/** The finaliser of MurmurHash3 (A. Appleby): numbers that follow each other come out 32 bits apart. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
