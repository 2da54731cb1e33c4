/** So many features one fit may have: its matrix grows with the square, each of its steps with the cube. */
export const FEATURES_MAX = 200;

/** A lead, or several alike. */
export interface FeatureRow {
  /** Indexes from 0 of the features that it has, in any order; one given twice counts once. */
  features: readonly number[];
  converted: boolean;
}

/** Rows one after the other in flat arrays, which a fit runs through many times. */
export interface FeatureRows {
  featureCount: number;
  rowCount: number;
  /** Features of row i, ascending: indexes[starts[i]] up to, but not including, indexes[starts[i + 1]]. */
  starts: Uint32Array;
  indexes: Uint16Array;
  /** 1 where converted, else 0. */
  labels: Uint8Array;
  weights: Float64Array;
}

/**
 * @param weights one for each row, 0 or more: so many leads are like it. Null: each row is one lead.
 * @param featureCount at most FEATURES_MAX.
 * @throws RangeError when there are too many features, a feature is none of them, or a weight is missing, negative or not finite.
 */
export function packRows(
  rows: readonly FeatureRow[],
  weights: readonly number[] | null,
  featureCount: number,
): FeatureRows {
  if (!(featureCount >= 0 && featureCount <= FEATURES_MAX)) {
    throw new RangeError(`${featureCount} features, at most ${FEATURES_MAX}`);
  }
  checkFeatures(rows, featureCount);
  // Rows often share their array: the features of each one are put in order once (0.09 s of 48,000 rows).
  const arrays = [...new Set(rows.map(({ features }) => features))];
  const ordered = new Map(arrays.map((features) => [features, Uint16Array.from(new Set(features)).sort()]));
  const sets = rows.map(({ features }) => ordered.get(features) ?? new Uint16Array());
  const starts = new Uint32Array(rows.length + 1);
  sets.forEach((set, row) => {
    starts[row + 1] = (starts[row] ?? 0) + set.length;
  });
  const indexes = new Uint16Array(starts[rows.length] ?? 0);
  sets.forEach((set, row) => {
    indexes.set(set, starts[row]);
  });
  return {
    featureCount,
    rowCount: rows.length,
    starts,
    indexes,
    labels: Uint8Array.from(rows, ({ converted }) => (converted ? 1 : 0)),
    weights: Float64Array.from(rows, (_, row) => checkedWeight(weights === null ? 1 : weights[row])),
  };
}

/** Some of the rows, in the same order. */
export function selectRows(rows: FeatureRows, keep: (row: number) => boolean): FeatureRows {
  const kept = Array.from({ length: rows.rowCount }, (_, row) => row).filter(keep);
  const starts = new Uint32Array(kept.length + 1);
  const indexes = new Uint16Array(rows.indexes.length);
  kept.forEach((row, i) => {
    const features = rows.indexes.subarray(rows.starts[row], rows.starts[row + 1]);
    indexes.set(features, starts[i]);
    starts[i + 1] = (starts[i] ?? 0) + features.length;
  });
  return {
    featureCount: rows.featureCount,
    rowCount: kept.length,
    starts,
    indexes: indexes.subarray(0, starts[kept.length]),
    labels: Uint8Array.from(kept, (row) => rows.labels[row] ?? 0),
    weights: Float64Array.from(kept, (row) => rows.weights[row] ?? 0),
  };
}

/** Rows of the same features and outcome as one row, and which one of them each row has become. */
export interface AlikeRows {
  /** In the order of the first row of each kind; their weights are the sums. */
  kinds: FeatureRows;
  /** By row, its place in `kinds`. */
  kindOf: Uint32Array;
}

/**
 * Puts rows of the same features and outcome together. A fit does not tell them apart but takes its time for each: 48,000 leads who
 * met 13 sets of rules are fitted in a thread within 0.3 s in place of 0.7.
 */
export function alikeRows(rows: FeatureRows): AlikeRows {
  const places = new Map<string, number>();
  const firsts: number[] = [];
  const kindOf = Uint32Array.from({ length: rows.rowCount }, (_, row) => {
    const features = rows.indexes.subarray(rows.starts[row], rows.starts[row + 1]);
    const key = `${rows.labels[row]}:${features.join()}`;
    const place = places.get(key) ?? firsts.length;
    if (place === firsts.length) {
      places.set(key, place);
      firsts.push(row);
    }
    return place;
  });
  const first = new Set(firsts);
  const kinds = selectRows(rows, (row) => first.has(row));
  return { kinds: weighKinds({ kinds, kindOf }, rows.weights), kindOf };
}

/** The kinds with other weights of the rows. @param weights by row. */
export function weighKinds({ kinds, kindOf }: AlikeRows, weights: Float64Array): FeatureRows {
  const sums = new Float64Array(kinds.rowCount);
  kindOf.forEach((kind, row) => {
    sums[kind] = (sums[kind] ?? 0) + (weights[row] ?? 0);
  });
  return { ...kinds, weights: sums };
}

/** Leads that all rows stand for. */
export function totalWeight(rows: FeatureRows): number {
  return rows.weights.reduce((sum, weight) => sum + weight, 0);
}

/** Of each row, `start` plus the sum of the values of its features. */
export function sumByRow(rows: FeatureRows, start: number, values: ArrayLike<number>): Float64Array {
  const { starts, indexes } = rows;
  const sums = new Float64Array(rows.rowCount);
  for (let row = 0; row < rows.rowCount; row++) {
    let sum = start;
    const end = starts[row + 1] ?? 0;
    for (let at = starts[row] ?? 0; at < end; at++) sum += values[indexes[at] ?? 0] ?? 0;
    sums[row] = sum;
  }
  return sums;
}

function checkFeatures(rows: readonly FeatureRow[], featureCount: number): void {
  for (const { features } of rows) {
    for (const feature of features) {
      if (!(Number.isInteger(feature) && feature >= 0 && feature < featureCount)) {
        throw new RangeError(`feature ${feature} of ${featureCount}`);
      }
    }
  }
}

function checkedWeight(weight: number | undefined): number {
  if (weight === undefined || !(weight >= 0 && Number.isFinite(weight))) {
    throw new RangeError(`a weight of ${weight}`);
  }
  return weight;
}
