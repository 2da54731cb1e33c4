/** A pivot that has lost all but this share of its diagonal is rounding: the column says nothing that earlier ones do not. */
const PIVOT_SHARE_MIN = 1e-11;

/**
 * Lower triangle L of a symmetric positive matrix = L L', row after row (A.-L. Cholesky; G. H. Golub and C. F. Van Loan, Matrix
 * Computations, algorithm 4.2.1). Of columns that depend on each other the later ones get a pivot of 0, as R does with aliased
 * coefficients.
 * @param matrix size x size values, of which the lower triangle is read.
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < row; column++) {
      const pivot = at(lower, column * size + column);
      const rest = at(matrix, row * size + column) - dotRows(lower, size, row, column, column);
      lower[row * size + column] = pivot === 0 ? 0 : rest / pivot;
    }
    const diagonal = at(matrix, row * size + row);
    const rest = diagonal - dotRows(lower, size, row, row, row);
    lower[row * size + row] = rest > diagonal * PIVOT_SHARE_MIN ? Math.sqrt(rest) : 0;
  }
  return lower;
}

/** The x with L L' x = `right`; 0 where the pivot is. */
export function choleskySolve(lower: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const x = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    let rest = at(x, row);
    for (let k = 0; k < row; k++) rest -= at(lower, row * size + k) * at(x, k);
    x[row] = overPivot(rest, at(lower, row * size + row));
  }
  for (let row = size - 1; row >= 0; row--) {
    let rest = at(x, row);
    for (let k = row + 1; k < size; k++) rest -= at(lower, k * size + row) * at(x, k);
    x[row] = overPivot(rest, at(lower, row * size + row));
  }
  return x;
}

/** Diagonal of the inverse of L L'; 0 where the pivot is. */
export function inverseDiagonal(lower: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, column) => {
    const unit = new Float64Array(size);
    unit[column] = 1;
    return at(choleskySolve(lower, unit), column);
  });
}

function overPivot(rest: number, pivot: number): number {
  return pivot === 0 ? 0 : rest / pivot;
}

function dotRows(lower: Float64Array, size: number, a: number, b: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += at(lower, a * size + k) * at(lower, b * size + k);
  return sum;
}

function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
