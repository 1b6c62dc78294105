/** What repeated measurements of one quantity say. All in the unit of the samples. */
export interface Summary {
  readonly samples: number;
  readonly median: number;
  /** Interquartile range. */
  readonly spread: number;
  /**
   * Interval that holds the true median with a chance of at least 95 %, from order statistics, so that no shape of
   * the distribution is assumed; absent below six samples, of which none is wide enough.
   */
  readonly interval?: readonly [number, number];
}

/** Chance with which {@link Summary.interval} may miss the median. */
const MISS = 0.05;

/** @param samples at least one. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const interval = medianInterval(sorted);
  return {
    samples: sorted.length,
    median: quantile(sorted, 0.5),
    spread: quantile(sorted, 0.75) - quantile(sorted, 0.25),
    ...(interval ? { interval } : {}),
  };
}

/** Half the width of the median's interval over the median; infinite where there is no interval yet. */
export function relativeUncertainty({ interval, median }: Summary): number {
  if (!interval) return Number.POSITIVE_INFINITY;
  return (interval[1] - interval[0]) / 2 / median;
}

/** Quantile of sorted values, linear between neighbours. */
export function quantile(sorted: readonly number[], fraction: number): number {
  const place = (sorted.length - 1) * fraction;
  const below = Math.floor(place);
  const from = sorted[below]!;
  const to = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return from + (place - below) * (to - from);
}

/**
 * The k-th smallest and k-th largest value, with the largest k for which the median lies outside with a chance of at
 * most 5 %: each sample is below the median with chance ½, so fewer than k are with the binomial tail.
 */
function medianInterval(sorted: readonly number[]): readonly [number, number] | undefined {
  const n = sorted.length;
  let term = 0.5 ** n;
  let tail = 0;
  let k = 0;
  while (2 * (tail + term) <= MISS) {
    tail += term;
    k++;
    term *= (n - k + 1) / k;
  }
  return k === 0 ? undefined : [sorted[k - 1]!, sorted[n - k]!];
}
