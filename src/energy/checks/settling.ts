import { step } from '../reference/dynamics.ts';
import { energyOf, type HeldNetwork } from '../reference/held-network.ts';

/** How a network comes to rest, before the first step and after each: shape [steps + 1]. */
export interface Settling {
  /** ε of its steps, the leak. */
  readonly epsilon: number;
  /** States of each layer, input to output. */
  readonly states: readonly (readonly Float64Array[])[];
  /** E(s) (STDP paper, Eq. 16). */
  readonly energies: readonly number[];
  /** J = ½ ‖ṡ‖² with ṡ = R(s) − s (STDP paper, Eq. 9, with the time of a step 1/ε): 0 at a fixed point. */
  readonly costs: readonly number[];
}

/**
 * Inference without noise from a state on (early-inference paper, Eq. 1).
 *
 * @param start flat, shape [units]; not changed
 * @param epsilon 0 < ε ≤ 1
 */
export function settlingFrom(held: HeldNetwork, start: Float64Array, epsilon: number, steps: number): Settling {
  const { network, parameters } = held;
  const state = Float64Array.from(start);
  const force = new Float64Array(state.length);
  const states: Float64Array[][] = [];
  const energies: number[] = [];
  const costs: number[] = [];
  for (let t = 0; t <= steps; t++) {
    if (t > 0) step(held, state, { epsilon }, force);
    states.push(network.sizes.map((_, layer) => state.slice(network.offsets[layer], network.offsets[layer + 1])));
    energies.push(energyOf(network, parameters, state));
    costs.push(held.force(state, force).reduce((sum, f, i) => sum + (held.moves[i] ? 0.5 * f * f : 0), 0));
  }
  return { epsilon, states, energies, costs };
}
