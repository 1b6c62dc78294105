import type { WasmProducts } from '../arithmetic/wasm-products.ts';

/** Centres whose distances are computed at once. */
const CENTRES = 2000;

/** Parzen log-likelihoods against the same centres, for any number of test points. */
export interface CpuParzen {
  /** @param points shape [points][dimensions] @returns shape [σ][points] */
  logLikelihoods(points: Float32Array, sigmas: readonly number[]): Float64Array[];
}

/**
 * Parzen log-likelihoods by products of points with centres; the reference is `reference/parzen.ts`.
 *
 * @param centres shape [centres][dimensions], 0 … 1
 */
export function cpuParzen(products: WasmProducts, centres: Float32Array, dimensions: number): CpuParzen {
  const count = centres.length / dimensions;
  const blocks = Array.from({ length: Math.ceil(count / CENTRES) }, (_, block) => {
    const rows = shifted(centres.subarray(block * CENTRES * dimensions, (block + 1) * CENTRES * dimensions));
    const columns = rows.length / dimensions;
    return { columns, squares: squaresOf(rows, dimensions), turned: turnedOf(rows, columns, dimensions) };
  });
  return {
    logLikelihoods(points, sigmas) {
      const rows = shifted(points);
      const squares = squaresOf(rows, dimensions);
      const examples = squares.length;
      const largest = sigmas.map(() => new Float64Array(examples).fill(Number.NEGATIVE_INFINITY));
      const sums = sigmas.map(() => new Float64Array(examples));
      for (const block of blocks) {
        const inner = products.multiply(rows, block.turned, block.columns);
        for (const [s, sigma] of sigmas.entries()) fold(inner, block.squares, sigma, largest[s]!, sums[s]!);
      }
      return sigmas.map((sigma, s) => {
        const constant = Math.log(count) + (dimensions / 2) * Math.log(2 * Math.PI * sigma * sigma);
        return sums[s]!.map((sum, point) => largest[s]![point]! + Math.log(sum) - constant);
      });

      /** Folds a block into the running log-sum-exp. */
      function fold(
        inner: Float32Array,
        centreSquares: Float64Array,
        sigma: number,
        running: Float64Array,
        sum: Float64Array,
      ): void {
        const factor = -1 / (2 * sigma * sigma);
        const columns = centreSquares.length;
        const exponents = new Float64Array(columns);
        for (let point = 0; point < examples; point++) {
          let most = running[point]!;
          for (let centre = 0; centre < columns; centre++) {
            const distance = squares[point]! + centreSquares[centre]! - 2 * inner[point * columns + centre]!;
            const exponent = factor * Math.max(0, distance);
            exponents[centre] = exponent;
            if (exponent > most) most = exponent;
          }
          let total = sum[point]! * Math.exp(running[point]! - most);
          for (let centre = 0; centre < columns; centre++) total += Math.exp(exponents[centre]! - most);
          running[point] = most;
          sum[point] = total;
        }
      }
    },
  };
}

/** From the middle of the pixels' range squares are smaller, and so is what their differences lose. */
function shifted(values: Float32Array): Float32Array {
  return values.map((value) => value - 0.5);
}

function squaresOf(values: Float32Array, dimensions: number): Float64Array {
  return Float64Array.from({ length: values.length / dimensions }, (_, row) => {
    let sum = 0;
    for (let d = row * dimensions; d < (row + 1) * dimensions; d++) sum += values[d]! * values[d]!;
    return sum;
  });
}

function turnedOf(values: Float32Array, rows: number, dimensions: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < dimensions; d++) turned[d * rows + row] = values[row * dimensions + d]!;
  }
  return turned;
}
