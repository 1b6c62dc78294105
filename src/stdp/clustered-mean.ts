/** A ratio mean with its standard error. */
export interface ClusteredMean {
  readonly mean: number;
  /** `null` with a single cluster. */
  readonly standardError: number | null;
}

/**
 * Mean Σy / Σc of a quantity that was summed per cluster (here: per sequence), with the standard error that treats
 * clusters as the independent units: √(S/(S−1) · Σ(y_n − m c_n)²) / Σc.
 *
 * @param sums y_n, the sum of the quantity in cluster n
 * @param counts c_n, how many values the sum holds
 * @returns `null` where nothing was counted
 */
export function clusteredMean(sums: ArrayLike<number>, counts: ArrayLike<number>): ClusteredMean | null {
  const clusters = sums.length;
  let totalSum = 0;
  let totalCount = 0;
  for (let n = 0; n < clusters; n++) {
    totalSum += sums[n]!;
    totalCount += counts[n]!;
  }
  if (totalCount === 0) return null;
  const mean = totalSum / totalCount;
  if (clusters < 2) return { mean, standardError: null };
  let squares = 0;
  for (let n = 0; n < clusters; n++) {
    const residual = sums[n]! - mean * counts[n]!;
    squares += residual * residual;
  }
  return { mean, standardError: Math.sqrt((clusters / (clusters - 1)) * squares) / totalCount };
}
