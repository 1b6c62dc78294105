import { powerOfTwo } from '../numeric/elementary.ts';
import { nearestNumbers } from '../numeric/int64.ts';
import { clusteredMean } from './clustered-mean.ts';
import type { ExperimentPlan } from './plan.ts';
import type { Curve, CurvePoint } from './results.ts';
import type { Tallies } from './tallies.ts';

/** The spike-timing curve (STDP paper Fig. 1) with standard errors over sequences. */
export function curveOf(tallies: Tallies, plan: ExperimentPlan): Curve {
  const { bins } = plan;
  const { sequences } = tallies.region;
  const spikesOfSequence = new Float64Array(sequences);
  for (let n = 0; n < sequences; n++) {
    for (let bin = 0; bin < bins; bin++) spikesOfSequence[n]! += tallies.pairs[n * bins + bin]!;
  }
  const numbers: CurveNumbers = {
    pairs: tallies.pairs,
    rateSums: nearestNumbers(tallies.rateSums),
    spikeSums: nearestNumbers(tallies.spikeSums),
    spikesOfSequence,
    atDistance: {
      pairs: new Float64Array(sequences),
      rates: new Float64Array(sequences),
      spikes: new Float64Array(sequences),
      changes: new Float64Array(sequences),
    },
  };
  const points = Array.from({ length: bins }, (_, bin) => curvePoint(numbers, plan, bin));
  return {
    points,
    presynapticSpikes: spikesOfSequence.reduce((sum, spikes) => sum + spikes, 0),
    pairs: points.reduce((sum, { pairs }) => sum + pairs, 0),
  };
}

/** What a curve is made of; shapes [sequences][bins], [sequences]. */
interface CurveNumbers {
  readonly pairs: Uint32Array;
  /** In units 2^−F of `post`, as in the tallies. */
  readonly rateSums: Float64Array;
  readonly spikeSums: Float64Array;
  /** Presynaptic spikes of each sequence, with a pair or without. */
  readonly spikesOfSequence: Float64Array;
  /** Room for what each sequence has at one distance. */
  readonly atDistance: {
    readonly pairs: Float64Array;
    readonly rates: Float64Array;
    readonly spikes: Float64Array;
    readonly changes: Float64Array;
  };
}

function curvePoint(numbers: CurveNumbers, plan: ExperimentPlan, bin: number): CurvePoint {
  const { bins, spec, kernel, post } = plan;
  const { spikesOfSequence } = numbers;
  const sequences = spikesOfSequence.length;
  const dt = bin - spec.pairing.window;
  const unit = powerOfTwo(-post.fractionBits);
  const { pairs, rates, spikes, changes } = numbers.atDistance;
  let total = 0;
  for (let n = 0; n < sequences; n++) {
    const at = n * bins + bin;
    const count = numbers.pairs[at]!;
    pairs[n] = count;
    rates[n] = numbers.rateSums[at]! * unit;
    spikes[n] = numbers.spikeSums[at]! * unit;
    changes[n] = count * kernel[bin]!;
    total += count;
  }
  if (dt === 0 || total === 0) return { ...emptyPoint, dt };

  const rate = clusteredMean(rates, pairs);
  const spike = clusteredMean(spikes, pairs);
  const perSpike = clusteredMean(changes, spikesOfSequence);
  return {
    dt,
    pairs: total,
    dwRate: rate?.mean ?? null,
    dwRateSe: rate?.standardError ?? null,
    dwSpike: spike?.mean ?? null,
    dwSpikeSe: spike?.standardError ?? null,
    // Given its distance, a pair's weight change is the kernel: no error.
    dwPair: kernel[bin]!,
    dwPairSe: sequences > 1 ? 0 : null,
    dwPairPerSpike: perSpike?.mean ?? null,
    dwPairPerSpikeSe: perSpike?.standardError ?? null,
  };
}

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
