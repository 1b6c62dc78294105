import { powerOfTwo } from '../numeric/elementary.ts';
import { clusteredMean } from './clustered-mean.ts';
import type { ExperimentPlan } from './plan.ts';
import type { Curve, CurvePoint } from './results.ts';
import type { RulePlan } from './rule/plan-rule.ts';
import { pairRuleSums, presynapticSpikes, type Tallies } from './tallies.ts';

/** The spike-timing curve (STDP paper Fig. 1) with standard errors over sequences. */
export function curveOf(tallies: Tallies, plan: ExperimentPlan): Curve {
  const spikesOfSequence = presynapticSpikes(tallies, plan);
  const distances = 2 * plan.spec.pairing.window + 1;
  const pairSums = pairRuleSums(tallies, plan);
  const points = Array.from({ length: distances }, (_, bin) =>
    curvePoint(tallies, plan, bin, spikesOfSequence, pairSums),
  );
  return {
    points,
    presynapticSpikes: spikesOfSequence.reduce((sum, spikes) => sum + spikes, 0),
    pairs: points.reduce((sum, { pairs }) => sum + pairs, 0),
    ...(plan.activities ? {} : { withoutActivities: true as const }),
  };
}

function curvePoint(
  tallies: Tallies,
  plan: ExperimentPlan,
  bin: number,
  spikesOfSequence: Float64Array,
  pairSums: Float64Array,
): CurvePoint {
  const { bins, spikeBin, spec, kernel, post } = plan;
  const dt = bin - spec.pairing.window;
  const { sequences } = tallies.region;
  const column = (values: ArrayLike<number | bigint>) => {
    const numbers = new Float64Array(sequences);
    for (let n = 0; n < sequences; n++) numbers[n] = Number(values[n * bins + bin]!);
    return numbers;
  };
  const pairs = column(tallies.pairs);
  const total = pairs.reduce((sum, count) => sum + count, 0);
  if ((dt === 0 && spikeBin === undefined) || total === 0)
    return { ...emptyPoint, ...(plan.rule ? emptyUser : {}), dt };

  const unit = powerOfTwo(-post.fractionBits);
  const meanOf = (sums: BigInt64Array) =>
    clusteredMean(
      column(sums).map((sum) => sum * unit),
      pairs,
    );
  const rate = plan.activities ? meanOf(tallies.rateSums) : null;
  const spike = plan.activities ? meanOf(tallies.spikeSums) : null;
  const pairChanges = column(pairSums);
  const perSpike = clusteredMean(pairChanges, spikesOfSequence);
  const ofPair = plan.triplet && clusteredMean(pairChanges, pairs);
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
    ...(plan.rule && tallies.rule ? userPoint(column(tallies.rule.binSums), pairs, plan.rule) : {}),
  };
}

/** @param sums of the user's rule over the pairs of each sequence, in steps of its fixed point */
function userPoint(sums: Float64Array, pairs: Float64Array, { fractionBits }: RulePlan) {
  const step = powerOfTwo(-fractionBits);
  const user = clusteredMean(
    sums.map((sum) => sum * step),
    pairs,
  );
  return { dwUser: user?.mean ?? null, dwUserSe: user?.standardError ?? null };
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
