import { leadsOf, type ScoreCount, totalsOf } from './score-histogram.js';
import { logitLoss, sigmoid } from './sigmoid.js';

const NEWTON_STEPS_MAX = 100;
const HALVINGS_MAX = 30;
const GRADIENT_TOLERANCE = 1e-10;
/** Keeps the Hessian invertible when all leads have one score, as in Lin, Lin and Weng. */
const RIDGE = 1e-12;

/** A logistic map from score to rate: logit = intercept + slope x score. */
export interface PlattFit {
  intercept: number;
  /** Change of the logit per point of score; below 0 when higher scores convert worse. */
  slope: number;
}

/** Leads of one standardised score, with the share of them that the fit is to aim at. */
interface Target {
  x: number;
  leads: number;
  share: number;
}

/**
 * Platt scaling: a logistic regression on the score, aimed at (positives + 1) / (positives + 2) and 1 / (negatives + 2) in
 * place of 1 and 0, so that it exists where a score separates the outcomes (J. Platt 1999), by Newton's method with halved
 * steps (H.-T. Lin, C.-J. Lin and R. C. Weng, Machine Learning 68, 2007, 267-276).
 * @param cells as orderHistogram gives them, at least one.
 */
export function plattScaling(cells: readonly ScoreCount[]): PlattFit {
  const { mean, deviation } = spreadOf(cells);
  const { positives, negatives } = totalsOf(cells);
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (negatives + 2);
  const targets = cells.map((cell) => ({
    x: (cell.score - mean) / deviation,
    leads: leadsOf(cell),
    share: (cell.positives * high + cell.negatives * low) / leadsOf(cell),
  }));
  const { intercept, slope } = minimise(targets);
  return { intercept: intercept - (slope * mean) / deviation, slope: slope / deviation };
}

/** The rate that the fit expects at a score, 0 to 1. */
export function plattRate(fit: PlattFit, score: number): number {
  return sigmoid(fit.intercept + fit.slope * score);
}

function minimise(targets: readonly Target[]): PlattFit {
  let fit: PlattFit = { intercept: 0, slope: 0 };
  for (let i = 0; i < NEWTON_STEPS_MAX; i++) {
    const step = newtonStep(targets, fit);
    if (step === null) break;
    const next = descend(targets, fit, step);
    if (next === null) break;
    fit = next;
  }
  return fit;
}

/** Null when the gradient has vanished. */
function newtonStep(targets: readonly Target[], fit: PlattFit): PlattFit | null {
  let [g0, g1, h00, h01, h11, leadsSum] = [0, 0, RIDGE, 0, RIDGE, 0];
  for (const { x, leads, share } of targets) {
    const rate = plattRate(fit, x);
    const curvature = leads * rate * (1 - rate);
    const pull = leads * (share - rate);
    g0 += pull;
    g1 += pull * x;
    h00 += curvature;
    h01 += curvature * x;
    h11 += curvature * x * x;
    leadsSum += leads;
  }
  if (Math.max(Math.abs(g0), Math.abs(g1)) <= GRADIENT_TOLERANCE * leadsSum) return null;
  const determinant = h00 * h11 - h01 * h01;
  return { intercept: (h11 * g0 - h01 * g1) / determinant, slope: (h00 * g1 - h01 * g0) / determinant };
}

/** Null when no part of the step lowers the loss: what is left is rounding. */
function descend(targets: readonly Target[], from: PlattFit, step: PlattFit): PlattFit | null {
  const before = lossOf(targets, from);
  for (let i = 0, part = 1; i < HALVINGS_MAX; i++, part /= 2) {
    const next = { intercept: from.intercept + part * step.intercept, slope: from.slope + part * step.slope };
    if (lossOf(targets, next) < before) return next;
  }
  return null;
}

function lossOf(targets: readonly Target[], fit: PlattFit): number {
  return targets.reduce(
    (sum, { x, leads, share }) => sum + leads * logitLoss(fit.intercept + fit.slope * x, share),
    0,
  );
}

/** Mean and standard deviation of the score over all leads; a deviation of 0 is given as 1, so that it can divide. */
function spreadOf(cells: readonly ScoreCount[]): { mean: number; deviation: number } {
  const leads = cells.reduce((sum, cell) => sum + leadsOf(cell), 0);
  const mean = cells.reduce((sum, cell) => sum + leadsOf(cell) * cell.score, 0) / leads;
  const squares = cells.reduce((sum, cell) => sum + leadsOf(cell) * (cell.score - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / leads) || 1 };
}
