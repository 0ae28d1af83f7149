/**
 * The lower Cholesky factor of a symmetric matrix, row by row.
 * @returns null when the matrix isn't positive definite.
 */
function factorOf(matrix: Float64Array, count: number): Float64Array | null {
  const factor = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * count + j]!;
      for (let k = 0; k < j; k++) rest -= factor[i * count + k]! * factor[j * count + k]!;
      if (i !== j) factor[i * count + j] = rest / factor[j * count + j]!;
      else if (rest > 0) factor[i * count + i] = Math.sqrt(rest);
      else return null;
    }
  }
  return factor;
}

/**
 * Solves `matrix` x = `right` for a symmetric, positive definite matrix, row by row.
 * @returns null when the matrix isn't positive definite.
 */
export function solve(matrix: Float64Array, right: Float64Array): Float64Array<ArrayBuffer> | null {
  const count = right.length;
  const factor = factorOf(matrix, count);
  if (factor === null) return null;
  const x = Float64Array.from(right);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - factor[i * count + k]! * x[k]!;
    x[i] = x[i]! / factor[i * count + i]!;
  }
  for (let i = count - 1; i >= 0; i--) {
    for (let k = i + 1; k < count; k++) x[i] = x[i]! - factor[k * count + i]! * x[k]!;
    x[i] = x[i]! / factor[i * count + i]!;
  }
  return x;
}

/**
 * The inverse of a symmetric, positive definite matrix, row by row.
 * @returns null when the matrix isn't positive definite.
 */
export function inverse(matrix: Float64Array, count: number): Float64Array<ArrayBuffer> | null {
  const inverted = new Float64Array(count * count);
  for (let column = 0; column < count; column++) {
    const unit = new Float64Array(count);
    unit[column] = 1;
    const x = solve(matrix, unit);
    if (x === null) return null;
    inverted.set(x, column * count);
  }
  return inverted;
}
