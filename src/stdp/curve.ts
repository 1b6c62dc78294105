import { powerOfTwo } from '../numeric/elementary.ts';
import { nearestNumbers } from '../numeric/int64.ts';
import { clusteredMean } from './clustered-mean.ts';
import type { ExperimentPlan } from './plan.ts';
import type { Curve, CurvePoint } from './results.ts';
import { pairRuleSums, presynapticSpikes, type Tallies } from './tallies.ts';

/** The spike-timing curve (STDP paper Fig. 1) with standard errors over sequences. */
export function curveOf(tallies: Tallies, plan: ExperimentPlan): Curve {
  const sums = sumsOf(tallies, plan);
  const distances = 2 * plan.spec.pairing.window + 1;
  const points = Array.from({ length: distances }, (_, bin) => curvePoint(sums, plan, bin));
  return {
    points,
    presynapticSpikes: sums.spikes.reduce((sum, spikes) => sum + spikes, 0),
    pairs: points.reduce((sum, { pairs }) => sum + pairs, 0),
    ...(plan.activities ? {} : { withoutActivities: true as const }),
  };
}

/** Tallies as numbers: weight changes by sequence and bin, shape [sequences][B]. */
interface Sums {
  readonly sequences: number;
  /** Presynaptic spikes of each sequence. */
  readonly spikes: Float64Array;
  readonly pairs: Uint32Array;
  readonly rate: Float64Array;
  readonly spike: Float64Array;
  readonly pair: Float64Array;
  /** Of the user's rule. */
  readonly user: Float64Array | undefined;
}

function sumsOf(tallies: Tallies, plan: ExperimentPlan): Sums {
  const scaled = (sums: BigInt64Array, fractionBits: number) => nearestNumbers(sums, powerOfTwo(-fractionBits));
  return {
    sequences: tallies.region.sequences,
    spikes: presynapticSpikes(tallies, plan),
    pairs: tallies.pairs,
    rate: scaled(tallies.rateSums, plan.post.fractionBits),
    spike: scaled(tallies.spikeSums, plan.post.fractionBits),
    pair: pairRuleSums(tallies, plan),
    user: plan.rule && tallies.rule && scaled(tallies.rule.binSums, plan.rule.fractionBits),
  };
}

function curvePoint(sums: Sums, plan: ExperimentPlan, bin: number): CurvePoint {
  const { bins, spikeBin, spec, kernel } = plan;
  const { sequences } = sums;
  const dt = bin - spec.pairing.window;
  const column = (values: ArrayLike<number>) => {
    const numbers = new Float64Array(sequences);
    for (let n = 0; n < sequences; n++) numbers[n] = values[n * bins + bin]!;
    return numbers;
  };
  const pairs = column(sums.pairs);
  const total = pairs.reduce((sum, count) => sum + count, 0);
  if ((dt === 0 && spikeBin === undefined) || total === 0)
    return { ...emptyPoint, ...(plan.rule ? emptyUser : {}), dt };

  const rate = plan.activities ? clusteredMean(column(sums.rate), pairs) : null;
  const spike = plan.activities ? clusteredMean(column(sums.spike), pairs) : null;
  const pairChanges = column(sums.pair);
  const perSpike = clusteredMean(pairChanges, sums.spikes);
  const ofPair = plan.triplet && clusteredMean(pairChanges, pairs);
  const user = sums.user && clusteredMean(column(sums.user), pairs);
  return {
    dt,
    pairs: total,
    dwRate: rate?.mean ?? null,
    dwRateSe: rate?.standardError ?? null,
    dwSpike: spike?.mean ?? null,
    dwSpikeSe: spike?.standardError ?? null,
    // Without triplets a pair's weight change, given its distance, is the kernel: no error.
    dwPair: ofPair?.mean ?? kernel[bin]!,
    dwPairSe: ofPair ? ofPair.standardError : sequences > 1 ? 0 : null,
    dwPairPerSpike: perSpike?.mean ?? null,
    dwPairPerSpikeSe: perSpike?.standardError ?? null,
    ...(sums.user ? { dwUser: user?.mean ?? null, dwUserSe: user?.standardError ?? null } : {}),
  };
}

const emptyUser = { dwUser: null, dwUserSe: null } as const;

const emptyPoint = {
  pairs: 0,
  dwRate: null,
  dwRateSe: null,
  dwSpike: null,
  dwSpikeSe: null,
  dwPair: null,
  dwPairSe: null,
  dwPairPerSpike: null,
  dwPairPerSpikeSe: null,
} as const;
