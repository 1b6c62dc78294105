/**
 * How matrices lie in device memory: row-major float32, each row filled up with zeros to a multiple of four values, so
 * that kernels read and write vectors of four. Whatever writes a matrix keeps the zeros.
 */

/** Values of a row in device memory. */
export function paddedColumns(columns: number): number {
  return Math.ceil(columns / 4) * 4;
}

/** Bytes of a matrix in device memory. */
export function matrixBytes(rows: number, columns: number): number {
  return rows * paddedColumns(columns) * 4;
}

/** A row-major matrix without gaps as it lies in device memory. */
export function padRows(values: ArrayLike<number>, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const stride = paddedColumns(columns);
  const padded = new Float32Array(rows * stride);
  if (stride === columns) padded.set(values);
  else {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) padded[row * stride + column] = values[row * columns + column]!;
    }
  }
  return padded;
}

/** The inverse of {@link padRows}. @param bytes of a matrix in device memory */
export function unpadRows(bytes: ArrayBuffer, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const stride = paddedColumns(columns);
  const padded = new Float32Array(bytes);
  if (stride === columns) return padded.slice(0, rows * columns);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    values.set(padded.subarray(row * stride, row * stride + columns), row * columns);
  }
  return values;
}
