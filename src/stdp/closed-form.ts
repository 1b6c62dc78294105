import { powerOfTwo } from '../numeric/elementary.ts';
import { type ExperimentPlan, PROBABILITY_FRACTION_BITS } from './plan.ts';
import { rateRule } from './probability.ts';
import type { ExpectedCurve } from './results.ts';
import { rhoOf } from './rho.ts';
import type { Rates } from './tallies.ts';

/** Exact expectations of one sequence, per trial; distances by bin d + D. */
export interface ExpectedSequence {
  /** Pairs at each distance, shape [2D + 1]. */
  readonly pairs: Float64Array;
  /** Sum of the rate rule ṡ_i ρ(s_j) over them, shape [2D + 1]. */
  readonly rateSums: Float64Array;
  /** Spikes over all steps, and the variance of their number. */
  readonly preSpikes: { readonly mean: number; readonly variance: number };
  readonly postSpikes: { readonly mean: number; readonly variance: number };
}

/** Rates of one sequence in natural units. */
export interface SequenceRates {
  /** Spike probabilities p_j(t) and p_i(t), shape [steps]. */
  readonly pre: Float64Array;
  readonly post: Float64Array;
  /** Rate rule ṡ_i(t) ρ(s_j(t)), shape [steps]. */
  readonly rate: Float64Array;
}

/** The sequences of a set of rates, one after the other. */
export function* sequencesOf(rates: readonly Rates[], plan: ExperimentPlan): Iterable<SequenceRates> {
  const { steps } = plan.spec;
  const width = steps + 1;
  const probability = powerOfTwo(-PROBABILITY_FRACTION_BITS);
  const unit = powerOfTwo(-plan.post.fractionBits);
  for (const part of rates) {
    for (let n = 0; n < part.sequences; n++) {
      const row = (values: Uint32Array) =>
        Float64Array.from(values.subarray(n * steps, (n + 1) * steps), (p) => p * probability);
      const states = part.postStates.subarray(n * width, (n + 1) * width);
      yield {
        pre: row(part.preProbabilities),
        post: row(part.postProbabilities),
        rate: Float64Array.from({ length: steps }, (_, t) => {
          const rho = rhoOf(part.preStates[n * width + t]!, plan.pre);
          return rateRule(states[t + 1]! - states[t]!, rho) * unit;
        }),
      };
    }
  }
}

/**
 * Expected pairs and rule sums of one sequence under `nearest-exclusive` (SPEC §3): the pair at distance d > 0 from
 * step t has probability p_j(t) (1 − q(t)) Π_{k=1..D} (1 − q(t−k)) Π_{k=1..d−1} (1 − q(t+k)) q(t+d) with q = p_i,
 * and mirrored for d < 0. Exact up to float64 rounding.
 *
 * @param visit called with every term, for quantities beyond these sums.
 */
export function expectedSequence(
  { pre, post, rate }: SequenceRates,
  plan: Pick<ExperimentPlan, 'bins' | 'firstPaired' | 'pairedSteps'>,
  visit?: (t: number, d: number, probability: number) => void,
): ExpectedSequence {
  const window = (plan.bins - 1) / 2;
  const pairs = new Float64Array(plan.bins);
  const rateSums = new Float64Array(plan.bins);
  const silent = (t: number) => 1 - (post[t] ?? 0);
  const silentSide = (t: number, direction: 1 | -1) => {
    let probability = 1;
    for (let k = 1; k <= window; k++) probability *= silent(t + direction * k);
    return probability;
  };
  for (let t = plan.firstPaired; t < plan.firstPaired + plan.pairedSteps; t++) {
    for (const direction of [1, -1] as const) {
      let reach = pre[t]! * silent(t) * silentSide(t, direction === 1 ? -1 : 1);
      for (let k = 1; k <= window && reach > 0; k++) {
        const d = direction * k;
        const probability = reach * (post[t + d] ?? 0);
        pairs[d + window]! += probability;
        rateSums[d + window]! += probability * rate[t]!;
        if (probability > 0) visit?.(t, d, probability);
        reach *= silent(t + d);
      }
    }
  }
  return { pairs, rateSums, preSpikes: spikeMoments(pre), postSpikes: spikeMoments(post) };
}

function spikeMoments(probabilities: Float64Array) {
  let mean = 0;
  let variance = 0;
  for (const p of probabilities) {
    mean += p;
    variance += p * (1 - p);
  }
  return { mean, variance };
}

/** The curve that the drawn rates imply, for `trials` trials of every sequence. */
export function expectedCurve(rates: readonly Rates[], plan: ExperimentPlan, trials: number): ExpectedCurve {
  const pairs = new Float64Array(plan.bins);
  const rateSums = new Float64Array(plan.bins);
  for (const sequence of sequencesOf(rates, plan)) {
    const expected = expectedSequence(sequence, plan);
    for (let bin = 0; bin < plan.bins; bin++) {
      pairs[bin]! += trials * expected.pairs[bin]!;
      rateSums[bin]! += trials * expected.rateSums[bin]!;
    }
  }
  return { pairs, dwRate: rateSums.map((sum, bin) => (pairs[bin]! > 0 ? sum / pairs[bin]! : 0)) };
}
