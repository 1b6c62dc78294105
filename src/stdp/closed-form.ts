import { powerOfTwo } from '../numeric/elementary.ts';
import { schemeRules } from './pairing-schemes.ts';
import { type ExperimentPlan, PROBABILITY_FRACTION_BITS } from './plan.ts';
import { rateRule } from './probability.ts';
import type { ExpectedCurve } from './results.ts';
import { rhoOf } from './rho.ts';
import type { PairingSpec } from './spec.ts';
import type { Rates } from './tallies.ts';
import { expectedTriplet } from './triplet-form.ts';

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

/** Which presynaptic spikes are paired, and how. */
export type PairedSteps = Pick<ExperimentPlan, 'firstPaired' | 'pairedSteps'> & { readonly pairing: PairingSpec };

/** What {@link PairedSteps} a plan has. */
export function pairedStepsOf({ firstPaired, pairedSteps, spec: { pairing } }: ExperimentPlan): PairedSteps {
  return { firstPaired, pairedSteps, pairing };
}

/** Expected pairs and rule sums of one sequence. Exact up to float64 rounding. */
export function expectedSequence(sequence: SequenceRates, paired: PairedSteps): ExpectedSequence {
  const { window } = paired.pairing;
  const pairs = new Float64Array(2 * window + 1);
  const rateSums = new Float64Array(2 * window + 1);
  visitPairs(sequence, paired, (t, d, probability) => {
    pairs[d + window]! += probability;
    rateSums[d + window]! += probability * sequence.rate[t]!;
  });
  return { pairs, rateSums, preSpikes: spikeMoments(sequence.pre), postSpikes: spikeMoments(sequence.post) };
}

/**
 * Expected sum, per trial, of the pair rule over the pairs at each distance, shape [2D + 1].
 *
 * @param pairs expected number of them
 */
export function expectedPairRule(sequence: SequenceRates, plan: ExperimentPlan, pairs: Float64Array): Float64Array {
  const { window } = plan.spec.pairing;
  const sums = pairs.map((count, bin) => count * plan.kernel[bin]!);
  if (!plan.triplet) return sums;
  const ofTriplet = expectedTriplet(sequence, plan.triplet, window);
  visitPairs(sequence, pairedStepsOf(plan), (t, d, probability) => {
    sums[d + window]! += probability * ofTriplet(t, d);
  });
  return sums;
}

/**
 * Every pair that can be, with its probability: with p = p_j and q = p_i, p(t) q(t+d) times the probability that there
 * is no spike that hides the pair (`schemeRules`). So it is p(t) q(t+d) under `all-to-all`, times Π_{0<k<|d|} (1 − q)
 * between the two under `nearest-presynaptic`, and under `nearest-exclusive` (SPEC §3) times Π (1 − q) over the other
 * side of the window too. Spikes at the steps of the two themselves hide by the order of coincident spikes.
 */
export function visitPairs(
  { pre, post }: Pick<SequenceRates, 'pre' | 'post'>,
  { firstPaired, pairedSteps, pairing }: PairedSteps,
  visit: (t: number, d: number, probability: number) => void,
): void {
  const { window, coincidence, scheme } = pairing;
  const { after, before, exclusive } = schemeRules[scheme];
  const noPre = (t: number) => 1 - (pre[t] ?? 0);
  const noPost = (t: number) => 1 - (post[t] ?? 0);
  const silentSide = (t: number, direction: 1 | -1, from: number) => {
    let probability = 1;
    for (let k = from; k <= window; k++) probability *= noPost(t + direction * k);
    return probability;
  };
  for (let t = firstPaired; t < firstPaired + pairedSteps; t++) {
    for (const direction of [-1, 1] as const) {
      const hides = direction === 1 ? after : before;
      // Coincident spikes belong to one side: at the spike's own step they come first there, and at the other steps of
      // that side the presynaptic one is in between.
      const tied = coincidence === (direction === 1 ? 'causal' : 'acausal');
      const othersTied = coincidence === (direction === 1 ? 'acausal' : 'causal');
      let reach = pre[t]!;
      if (exclusive) reach *= silentSide(t, direction === 1 ? -1 : 1, othersTied ? 0 : 1);
      if (tied) visit(t, 0, reach * post[t]!);
      if (hides.post && (tied || (exclusive && coincidence === 'skip'))) reach *= noPost(t);
      for (let k = 1; k <= window && reach > 0; k++) {
        const at = t + direction * k;
        const hiddenHere = tied && hides.pre ? noPre(at) : 1;
        visit(t, direction * k, reach * hiddenHere * (post[at] ?? 0));
        if (hides.post) reach *= noPost(at);
        if (hides.pre) reach *= noPre(at);
      }
    }
  }
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
  const distances = 2 * plan.spec.pairing.window + 1;
  const pairs = new Float64Array(distances);
  const rateSums = new Float64Array(distances);
  const dwPairSums = new Float64Array(distances);
  const paired = pairedStepsOf(plan);
  for (const sequence of sequencesOf(rates, plan)) {
    const expected = expectedSequence(sequence, paired);
    expectedPairRule(sequence, plan, expected.pairs).forEach((sum, bin) => {
      dwPairSums[bin]! += trials * sum;
    });
    for (let bin = 0; bin < distances; bin++) {
      pairs[bin]! += trials * expected.pairs[bin]!;
      rateSums[bin]! += trials * expected.rateSums[bin]!;
    }
  }
  return { pairs, dwRate: rateSums.map((sum, bin) => (pairs[bin]! > 0 ? sum / pairs[bin]! : 0)), dwPairSums };
}
