import { PURPOSE, randomBlock } from '../../random/address.ts';
import { multiplyHigh } from '../../random/philox.ts';

/**
 * How often each row is drawn in resamples of the rows with replacement.
 *
 * @param seed 0 … 2³² − 1
 * @returns shape [resamples][rows]; the counts of a resample sum to `rows`
 */
export function resampledCounts(rows: number, resamples: number, seed: number): Float64Array {
  const counts = new Float64Array(resamples * rows);
  for (let resample = 0; resample < resamples; resample++) {
    for (let first = 0; first < rows; first += 4) {
      const words = randomBlock(seed, PURPOSE.bootstrap, resample, 0, first / 4);
      for (let i = 0; i < Math.min(4, rows - first); i++) {
        // A word is uniform below 2³²: its product with `rows`, less the low half, is uniform below `rows`.
        counts[resample * rows + multiplyHigh(words[i]!, rows)]! += 1;
      }
    }
  }
  return counts;
}

/** The best candidate of every resample, among candidates that are offered one by one; the first of equals stays. */
export class ResampledBest {
  /** Best candidate so far, shape [resamples]. */
  readonly best: Int32Array;
  readonly #counts: Float64Array;
  readonly #least: Float64Array;

  /** @param counts of {@link resampledCounts}, shape [resamples][rows] */
  constructor(counts: Float64Array, rows: number) {
    this.#counts = counts;
    this.best = new Int32Array(counts.length / rows).fill(-1);
    this.#least = new Float64Array(this.best.length).fill(Number.POSITIVE_INFINITY);
  }

  /**
   * @param squares w c² of the candidate's model c, shape [rows]
   * @param products w c y, shape [rows]
   * @param misfit of the resample, less what all candidates have in common (Σ w y²), from the two sums
   */
  offer(
    candidate: number,
    squares: Float64Array,
    products: Float64Array,
    misfit: (square: number, product: number) => number,
  ): void {
    const rows = squares.length;
    const counts = this.#counts;
    for (let resample = 0, at = 0; resample < this.best.length; resample++) {
      let square = 0;
      let product = 0;
      for (let row = 0; row < rows; row++, at++) {
        square += counts[at]! * squares[row]!;
        product += counts[at]! * products[row]!;
      }
      const found = misfit(square, product);
      if (found < this.#least[resample]!) {
        this.#least[resample] = found;
        this.best[resample] = candidate;
      }
    }
  }
}
