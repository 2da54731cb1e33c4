import { leadsOf, type ScoreCount } from './score-histogram.js';

/** Neighbouring scores that the monotone map gives one rate. */
export interface IsotonicStep {
  scoreMin: number;
  scoreMax: number;
  leads: number;
  converted: number;
  /** Share that converted, 0 to 1; higher than that of the step below. */
  rate: number;
}

/**
 * The rising step function of the score that is nearest to the rates seen (least squares weighted by leads, and the likeliest
 * one as well): isotonic regression by pooling adjacent violators (M. Ayer and others, Annals of Mathematical Statistics 26,
 * 1955, 641-647).
 * @param cells as orderHistogram gives them.
 * @returns steps with scores ascending.
 */
export function isotonicSteps(cells: readonly ScoreCount[]): IsotonicStep[] {
  const steps: IsotonicStep[] = [];
  for (const cell of cells) {
    let step = stepOf(cell);
    for (let below = steps.at(-1); below && below.rate >= step.rate; below = steps.at(-1)) {
      steps.pop();
      step = pool(below, step);
    }
    steps.push(step);
  }
  return steps;
}

/**
 * The rate of the step that holds a score. Between two steps the lower one holds on; below the first, the first.
 * @param steps at least one.
 */
export function isotonicRate(steps: readonly IsotonicStep[], score: number): number {
  const step = steps.findLast(({ scoreMin }) => scoreMin <= score) ?? steps[0];
  if (step === undefined) throw new RangeError('no steps');
  return step.rate;
}

function stepOf(cell: ScoreCount): IsotonicStep {
  const leads = leadsOf(cell);
  const { score, positives } = cell;
  return { scoreMin: score, scoreMax: score, leads, converted: positives, rate: positives / leads };
}

function pool(below: IsotonicStep, above: IsotonicStep): IsotonicStep {
  const leads = below.leads + above.leads;
  const converted = below.converted + above.converted;
  return { scoreMin: below.scoreMin, scoreMax: above.scoreMax, leads, converted, rate: converted / leads };
}
