/** What measurements say of one swept parameter. */
export interface ParameterInterval {
  /** Its value at the best point. */
  readonly best: number;
  /** 95 % interval; holds the sweep's resolution. */
  readonly low: number;
  readonly high: number;
  /** The interval reaches the least or the greatest value of the sweep: what lies beyond may explain as well. */
  readonly openBelow: boolean;
  readonly openAbove: boolean;
}

/** Share of the resamples outside the interval at either end. */
const TAIL = 0.025;

/**
 * For each parameter the percentile interval of its value in the best points of the resamples.
 *
 * A parameter exists only at the sweep's values. Each value stands for the interval to the midpoints between it and
 * its neighbours (the first and last value: up to themselves on the outer side), and the interval is of these. Where
 * parameters are drawn at random together (a Latin hypercube), neighbouring values of one belong to unlike values of
 * the others, and the interval is too short by as much as the points are sparse.
 *
 * @param candidates values of the parameters at every point compared, shape [points][parameters]
 * @param best those of the best point
 * @param resampled those of the best point of each resample, shape [resamples][parameters]
 */
export function parameterIntervals(
  candidates: readonly (readonly number[])[],
  best: readonly number[],
  resampled: readonly (readonly number[])[],
): ParameterInterval[] {
  const outside = Math.floor(TAIL * resampled.length);
  return best.map((value, parameter) => {
    const axis = [...new Set(candidates.map((values) => values[parameter]!))].sort((a, b) => a - b);
    const found = Float64Array.from(resampled, (values) => values[parameter]!).sort();
    const lowest = axis.indexOf(found[outside]!);
    const highest = axis.indexOf(found[found.length - 1 - outside]!);
    const last = axis.length - 1;
    return {
      best: value,
      low: (axis[Math.max(0, lowest - 1)]! + axis[lowest]!) / 2,
      high: (axis[highest]! + axis[Math.min(last, highest + 1)]!) / 2,
      openBelow: lowest === 0,
      openAbove: highest === last,
    };
  });
}
