import { powerOfTwo } from '../numeric/elementary.ts';
import { nearestNumbers } from '../numeric/int64.ts';
import { ascendingOrder } from '../numeric/order.ts';
import { clusteredMean } from './clustered-mean.ts';
import type { ExperimentPlan } from './plan.ts';
import type { Agreement, AgreementBin } from './results.ts';
import type { Tallies } from './tallies.ts';

/** Number of bins of the agreement figure. */
const BINS = 25;

/**
 * Agreement of the pair rule with the rate rule over (sequence, step) cells (STDP paper Fig. 2 right): x = ṡ_i ρ(s_j),
 * y = the pair rule averaged over trials; bins of equally many cells by x (fewer than 25 where there are fewer
 * cells), standard errors over sequences.
 */
export function agreementOf(tallies: Tallies, plan: ExperimentPlan): Agreement {
  const cells = tallies.cellRates.length;
  const stepsPerSequence = tallies.region.steps;
  const xUnit = powerOfTwo(-plan.post.fractionBits);
  const yUnit = powerOfTwo(-plan.kernelFractionBits);
  const sums = nearestNumbers(tallies.cellPairs);
  const x = new Float64Array(cells);
  const y = new Float64Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    x[cell] = tallies.cellRates[cell]! * xUnit;
    if (tallies.trials > 0) y[cell] = (sums[cell]! * yUnit) / tallies.trials;
  }

  const order = ascendingOrder(tallies.cellRates);
  const binCount = Math.min(BINS, cells);
  const bySequence = {
    sums: new Float64Array(tallies.region.sequences),
    counts: new Float64Array(tallies.region.sequences),
  };
  const bins = Array.from({ length: binCount }, (_, bin): AgreementBin => {
    const members = order.subarray(Math.floor((bin * cells) / binCount), Math.floor(((bin + 1) * cells) / binCount));
    return summarize(bin, members, x, y, bySequence, stepsPerSequence);
  });
  const { slope, intercept, correlation } = lineThrough(x, y);
  const binned = lineThrough(
    bins.map(({ dwRate }) => dwRate),
    bins.map(({ dwPair }) => dwPair),
  );
  return {
    bins,
    fit: slope === null || intercept === null ? null : { slope, intercept },
    correlation: { raw: correlation, binned: binned.correlation },
  };
}

function summarize(
  bin: number,
  members: Uint32Array,
  x: Float64Array,
  y: Float64Array,
  { sums, counts }: { readonly sums: Float64Array; readonly counts: Float64Array },
  stepsPerSequence: number,
): AgreementBin {
  sums.fill(0);
  counts.fill(0);
  let xSum = 0;
  for (const cell of members) {
    const sequence = Math.floor(cell / stepsPerSequence);
    sums[sequence]! += y[cell]!;
    counts[sequence]! += 1;
    xSum += x[cell]!;
  }
  const pair = clusteredMean(sums, counts);
  return {
    bin,
    cells: members.length,
    dwRate: xSum / members.length,
    dwPair: pair?.mean ?? 0,
    dwPairSe: pair?.standardError ?? null,
  };
}

/** Least-squares line and Pearson correlation; `null` where a side does not vary. */
function lineThrough(x: ArrayLike<number>, y: ArrayLike<number>) {
  const n = x.length;
  let xMean = 0;
  let yMean = 0;
  for (let i = 0; i < n; i++) {
    xMean += x[i]! / n;
    yMean += y[i]! / n;
  }
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i]! - xMean;
    const dy = y[i]! - yMean;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (!(xx > 0)) return { slope: null, intercept: null, correlation: null };
  const slope = xy / xx;
  return {
    slope,
    intercept: yMean - slope * xMean,
    correlation: yy > 0 ? xy / Math.sqrt(xx * yy) : null,
  };
}
