import { multiplyShift } from '../numeric/wide.ts';
import { type ExperimentPlan, type NeuronPlan, PROBABILITY_FRACTION_BITS, RHO_FRACTION_BITS } from './plan.ts';
import { rhoOf } from './rho.ts';

/**
 * Words that hold the spike probabilities of 32 steps: word 0 marks the steps with p > 0, words 1 … 31 are the bits
 * of 2³¹ p − 1 from the most significant one down, one step a bit position.
 */
export const PLANES = 32;

/** Spike probability p = peak · ρ(s) in units of 2⁻³¹, rounded. */
export function spikeProbability(s: number, neuron: NeuronPlan): number {
  return multiplyShift(rhoOf(s, neuron), neuron.peak, RHO_FRACTION_BITS) >>> 0;
}

/**
 * Bit planes of the spike probabilities of one neuron of one sequence. Twin of `shaders/stdp/probability.wgsl`.
 *
 * @param states s in units of 2^−F, shape [steps + 1].
 * @returns shape [words][32]; steps past the end never spike.
 */
export function probabilityPlanes(
  states: Int32Array,
  neuron: NeuronPlan,
  { spec, words }: ExperimentPlan,
): Uint32Array {
  const planes = new Uint32Array(words * PLANES);
  for (let t = 0; t < spec.steps; t++) {
    const p = spikeProbability(states[t]!, neuron);
    if (p > 0) setProbability(planes, t, p);
  }
  return planes;
}

function setProbability(planes: Uint32Array, t: number, p: number): void {
  const base = (t >>> 5) * PLANES;
  const bit = 1 << (t & 31);
  planes[base]! |= bit;
  for (let plane = 1; plane < PLANES; plane++) {
    if (((p - 1) >>> (PROBABILITY_FRACTION_BITS - plane)) & 1) planes[base + plane]! |= bit;
  }
}

/** Reads the probabilities (units of 2⁻³¹) back from bit planes, shape [steps]: what the spikes were drawn with. */
export function probabilitiesOf(planes: Uint32Array, steps: number): Uint32Array {
  return Uint32Array.from({ length: steps }, (_, t) => {
    const base = (t >>> 5) * PLANES;
    const bitOf = (plane: number) => (planes[base + plane]! >>> (t & 31)) & 1;
    if (bitOf(0) === 0) return 0;
    let p = 1;
    for (let plane = 1; plane < PLANES; plane++) p += bitOf(plane) * 2 ** (PROBABILITY_FRACTION_BITS - plane);
    return p;
  });
}

/** Weight change of the rate rule at one step, ṡ_i ρ(s_j) (STDP paper Eq. 1), rounded to units of 2^−F of `post`. */
export function rateRule(change: number, rho: number): number {
  const half = 1n << BigInt(RHO_FRACTION_BITS - 1);
  return Number((BigInt(change) * BigInt(rho) + half) >> BigInt(RHO_FRACTION_BITS));
}
