/** How many of each a model has. */
export interface FrameSizes {
  rules: number;
  sets: number;
  dimensions: number;
}

/**
 * Work space in which a state is laid out as sums per rule at one instant, from which a score is added up. The sums are
 * held by rule ordinal in typed arrays that are used again and again; only the rules in `touched` have meaning.
 */
export interface Frame {
  /** Ordinals of the rules that count, `touchedCount` of them. */
  touched: Int32Array;
  touchedCount: number;
  /** Sums that a decay interval shrinks. */
  positiveDecaying: Float64Array;
  negativeDecaying: Float64Array;
  /** The same sums as if there were no decay. */
  positiveUndecayed: Float64Array;
  negativeUndecayed: Float64Array;
  /** Sums that decay leaves alone. */
  positiveSteady: Float64Array;
  negativeSteady: Float64Array;
  positiveAdjustments: number;
  negativeAdjustments: number;
  /** Added up anew by every `addUp`. */
  setPositive: Float64Array;
  setNegative: Float64Array;
  /** Sum of the sets' positives of each dimension before its cap, and of their negatives. */
  dimensionPositive: Float64Array;
  dimensionNegative: Float64Array;
  overallPositive: number;
  overallNegative: number;
}

export function createFrame({ rules, sets, dimensions }: FrameSizes): Frame {
  return {
    touched: new Int32Array(rules),
    touchedCount: 0,
    positiveDecaying: new Float64Array(rules),
    negativeDecaying: new Float64Array(rules),
    positiveUndecayed: new Float64Array(rules),
    negativeUndecayed: new Float64Array(rules),
    positiveSteady: new Float64Array(rules),
    negativeSteady: new Float64Array(rules),
    positiveAdjustments: 0,
    negativeAdjustments: 0,
    setPositive: new Float64Array(sets),
    setNegative: new Float64Array(sets),
    dimensionPositive: new Float64Array(dimensions),
    dimensionNegative: new Float64Array(dimensions),
    overallPositive: 0,
    overallNegative: 0,
  };
}

/** Forgets what was laid out. */
export function clearFrame(frame: Frame): void {
  frame.touchedCount = 0;
  frame.positiveAdjustments = 0;
  frame.negativeAdjustments = 0;
}

/** Makes a rule count, once per layout, with all sums at 0. */
export function touchRule(frame: Frame, ordinal: number): void {
  frame.touched[frame.touchedCount++] = ordinal;
  frame.positiveDecaying[ordinal] = 0;
  frame.negativeDecaying[ordinal] = 0;
  frame.positiveUndecayed[ordinal] = 0;
  frame.negativeUndecayed[ordinal] = 0;
  frame.positiveSteady[ordinal] = 0;
  frame.negativeSteady[ordinal] = 0;
}

/** What a rule that counts adds up to at the frame's own instant, before its cap. */
export function ruleSums(frame: Frame, ordinal: number): { positive: number; negative: number } {
  return {
    positive: (frame.positiveSteady[ordinal] as number) + (frame.positiveDecaying[ordinal] as number),
    negative: (frame.negativeSteady[ordinal] as number) + (frame.negativeDecaying[ordinal] as number),
  };
}
