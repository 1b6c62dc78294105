/** log-likelihood of test points under a Parzen density estimate, over the points. */
export interface LikelihoodEstimate {
  /** Mean over the test points, nats. */
  readonly mean: number;
  /** Standard error of the mean over the test points. */
  readonly se: number;
}

/**
 * Parzen log-likelihood of each test point: ln (1/n) Σ_i N(x; centre_i, σ² I), the usual measure of samples of images
 * (as in generative paper, §8, where σ is 0.2).
 *
 * @param centres samples of the model, shape [n][dimensions]
 * @param points shape [points][dimensions]
 * @returns nats, shape [points]
 */
export function parzenLogLikelihoods(
  centres: ArrayLike<number>,
  points: ArrayLike<number>,
  dimensions: number,
  sigma: number,
): Float64Array {
  const n = centres.length / dimensions;
  const constant = Math.log(n) + (dimensions / 2) * Math.log(2 * Math.PI * sigma * sigma);
  return Float64Array.from({ length: points.length / dimensions }, (_, point) => {
    const exponents = new Float64Array(n);
    let largest = Number.NEGATIVE_INFINITY;
    for (let centre = 0; centre < n; centre++) {
      let squares = 0;
      for (let d = 0; d < dimensions; d++) {
        squares += (points[point * dimensions + d]! - centres[centre * dimensions + d]!) ** 2;
      }
      exponents[centre] = -squares / (2 * sigma * sigma);
      largest = Math.max(largest, exponents[centre]!);
    }
    return largest + Math.log(exponents.reduce((sum, exponent) => sum + Math.exp(exponent - largest), 0)) - constant;
  });
}

/** Mean and standard error of likelihoods of test points. */
export function estimateOf(logLikelihoods: ArrayLike<number>): LikelihoodEstimate {
  const n = logLikelihoods.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += logLikelihoods[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (logLikelihoods[i]! - mean) ** 2;
  return { mean, se: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}
