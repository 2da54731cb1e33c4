/** A contact's score on one model at one instant. */
export interface Evaluation {
  atMs: number;
  /** The score before rounding down, within the model's bounds and with the decay floor. */
  score: number;
  /** The whole number that is shown. */
  total: number;
  /** Index into `model.stages`. */
  stage: number;
  /** The labels of the dimensions joined (`A1`); null when there is none. */
  label: string | null;
  /** Points of each dimension in model order, rounded to 1e-6. */
  dimensions: number[];
  /** The last action whose type is not passive, ms since 1970; null before the first. */
  lastActivityAtMs: number | null;
}
