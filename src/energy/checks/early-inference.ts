import { glorotUniform } from '../initial.ts';
import { layeredNetwork } from '../network.ts';
import { inFloat64 } from '../reference/held-network.ts';
import { relax } from '../reference/relax.ts';
import { activeState, costSlopes, drivenMotions, heldAt } from './first-motion.ts';
import { type Settling, settlingFrom } from './settling.ts';
import { type Example, randomExamples } from './trial.ts';

/** The first motion of a layer after its output is driven, beside what back-propagation computes for it. */
export interface LayerMotion {
  /** 0 for the output, 1 for the layer behind it, … */
  readonly k: number;
  /** Δh_k / ε^(k+1) at step k + 1, shape [units]: the change against an undriven run. */
  readonly motion: Float64Array;
  /** −∂C/∂h_k of C = ½ ‖y − d‖², shape [units]. */
  readonly descent: Float64Array;
}

/** Smooth, so that what is true for small ε is less so for large ones. */
const RHO = { type: 'logistic', slope: 2, midpoint: 0.5 } as const;

/** Steps and leak of the settling that is kept: enough to see the states come to rest. */
const SETTLING_STEPS = 40;
const SETTLING_EPSILON = 0.2;

/** A small network that has settled, and what a nudge of its output does first. */
export interface EarlyInference {
  /** Settled states of each layer, input to output. */
  readonly states: readonly Float64Array[];
  /** How it came there, with the input held and all other states 0 at first. */
  readonly settling: Settling;
  readonly target: Float64Array;
  /** Of every layer after the input, output first. */
  readonly layers: readonly LayerMotion[];
}

/**
 * Early inference in one random network (early-inference paper, Eq. 16–25): it settles, then its output is driven by
 * Δy = ε (d − y), and the motion reaches layer k at step k + 1.
 *
 * @param sizes units of each layer, input to output
 * @param epsilon 0 < ε ≤ 1
 */
export function earlyInference(sizes: readonly number[], seed: number, epsilon: number): EarlyInference {
  const network = layeredNetwork(sizes, RHO);
  const [example] = randomExamples(network, seed, 1) as [Example];
  const place = activeState(network, example, seed);
  const held = heldAt(network, inFloat64(glorotUniform(network, seed)), place);
  const { state } = relax(held, place, { epsilon: 0.25, tolerance: 1e-13, newton: true, maxSteps: 4096 });
  const atRest = place.map((s, i) => (held.moves[i] ? 0 : s));
  const motions = drivenMotions(held, state, example.target, epsilon);
  const slopes = costSlopes(held, state, example.target);
  return {
    states: sizes.map((_, layer) => state.slice(network.offsets[layer], network.offsets[layer + 1])),
    settling: settlingFrom(held, atRest, SETTLING_EPSILON, SETTLING_STEPS),
    target: example.target,
    layers: motions.map((motion, k) => ({
      k,
      motion: motion.map((change) => change / epsilon ** (k + 1)),
      descent: slopes[k]!.map((slope) => -slope),
    })),
  };
}
