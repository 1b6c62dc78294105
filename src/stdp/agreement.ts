import { powerOfTwo } from '../numeric/elementary.ts';
import { nearestNumbers } from '../numeric/int64.ts';
import { ascendingOrder } from '../numeric/order.ts';
import { type ClusteredMean, clusteredMean } from './clustered-mean.ts';
import type { ExperimentPlan } from './plan.ts';
import type { Agreement, AgreementBin, AgreementFit } from './results.ts';
import type { Region, Tallies } from './tallies.ts';

/** Number of bins of the agreement figure. */
const BINS = 25;

/**
 * Agreement of the pair rule with the rate rule over (sequence, step) cells (STDP paper Fig. 2 right): x = ṡ_i ρ(s_j),
 * y = the pair rule (and the user's) averaged over trials; bins of equally many cells by x (fewer than 25 where there are fewer
 * cells), standard errors over sequences.
 */
export function agreementOf(tallies: Tallies, plan: ExperimentPlan): Agreement {
  const cells = tallies.cellRates.length;
  const xUnit = powerOfTwo(-plan.post.fractionBits);
  const x = new Float64Array(cells);
  for (let cell = 0; cell < cells; cell++) x[cell] = tallies.cellRates[cell]! * xUnit;
  const pair = perTrial(tallies.cellPairs, plan.kernelFractionBits, tallies.trials);
  const user = plan.rule && tallies.rule && perTrial(tallies.rule.cellSums, plan.rule.fractionBits, tallies.trials);

  const order = ascendingOrder(tallies.cellRates);
  const binCount = Math.min(BINS, cells);
  const bins = Array.from({ length: binCount }, (_, bin): AgreementBin => {
    const members = order.subarray(Math.floor((bin * cells) / binCount), Math.floor(((bin + 1) * cells) / binCount));
    const { mean, standardError } = meanOver(members, pair, tallies.region);
    const ofUser = user && meanOver(members, user, tallies.region);
    return {
      bin,
      cells: members.length,
      dwRate: members.reduce((sum, cell) => sum + x[cell]!, 0) / members.length,
      dwPair: mean,
      dwPairSe: standardError,
      ...(ofUser ? { dwUser: ofUser.mean, dwUserSe: ofUser.standardError } : {}),
    };
  });
  const binnedX = bins.map(({ dwRate }) => dwRate);
  const fitTo = (y: Float64Array, binnedY: readonly number[]): AgreementFit => {
    const { slope, intercept, correlation } = lineThrough(x, y);
    return {
      fit: slope === null || intercept === null ? null : { slope, intercept },
      correlation: { raw: correlation, binned: lineThrough(binnedX, binnedY).correlation },
    };
  };
  return {
    bins,
    ...fitTo(
      pair,
      bins.map(({ dwPair }) => dwPair),
    ),
    ...(user
      ? {
          user: fitTo(
            user,
            bins.map(({ dwUser }) => dwUser!),
          ),
        }
      : {}),
  };
}

/** Weight changes of cells, averaged over trials. @param sums over trials, in units of 2^−`fractionBits` */
function perTrial(sums: BigInt64Array, fractionBits: number, trials: number): Float64Array {
  const changes = nearestNumbers(sums, powerOfTwo(-fractionBits));
  for (let cell = 0; cell < changes.length; cell++) changes[cell] = trials > 0 ? changes[cell]! / trials : 0;
  return changes;
}

/** Mean of some cells, with its error over sequences. */
function meanOver(members: Uint32Array, values: Float64Array, { sequences, steps }: Region): ClusteredMean {
  const sums = new Float64Array(sequences);
  const counts = new Float64Array(sequences);
  for (const cell of members) {
    const sequence = Math.floor(cell / steps);
    sums[sequence]! += values[cell]!;
    counts[sequence]! += 1;
  }
  return clusteredMean(sums, counts) ?? { mean: 0, standardError: null };
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
