import { leadsOf, type ScoreCount } from './score-histogram.js';

/**
 * Neighbouring scores in at most `binsMax` bins of about as many leads each. Leads with one score stay together: a score goes
 * where the middle one of its leads belongs, so a score that many share may fill a bin alone, and fewer bins come out.
 * @param cells as orderHistogram gives them.
 * @param binsMax 1 or more.
 * @returns bins with scores ascending, none empty.
 */
export function equalCountBins(cells: readonly ScoreCount[], binsMax: number): ScoreCount[][] {
  const total = cells.reduce((sum, cell) => sum + leadsOf(cell), 0);
  const bins = new Map<number, ScoreCount[]>();
  let below = 0;
  for (const cell of cells) {
    const index = Math.floor(((below + leadsOf(cell) / 2) / total) * binsMax);
    const bin = bins.get(index);
    if (bin) bin.push(cell);
    else bins.set(index, [cell]);
    below += leadsOf(cell);
  }
  return [...bins.values()];
}
