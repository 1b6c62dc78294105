import type { Network, Parameters } from '../network.ts';
import { rhoAt } from '../nonlinearity.ts';
import { addSymmetricProducts } from './gradient.ts';
import { HeldNetwork } from './held-network.ts';

/** The predictive objective of one step of inference, J_STDP = J_x + J_h (STDP paper, Eq. 3 and 19). */
export interface Objective {
  /** J_x = ½ ‖x − f_x(s(t−1))‖², of the clamped units; ε²/2 ‖∂E/∂x‖² (Eq. 22). */
  readonly visible: number;
  /** J_h = ½ ‖h(t+1) − f_h(s(t−1))‖², of the units that move; f_h(s(t−1)) = h(t). */
  readonly hidden: number;
}

/** Two steps of inference, s(t−1) → s(t) → s(t+1), with what Eq. 1 needs of them. */
export interface InferenceStep {
  /** s(t), flat. */
  readonly state: Float64Array;
  readonly objective: Objective;
  /**
   * ṡ of Eq. 1, shape [units]: h(t+1) − h(t) of the units that move; of clamped ones x − f_x(s(t−1)), what holding
   * them undoes.
   */
  readonly change: Float64Array;
}

/**
 * A noise-free step of inference and its objective. All layers' predictions are computed, those of the clamped ones
 * too.
 *
 * @param earlier s(t−1), flat; not changed.
 */
export function inferenceStep(
  network: Network,
  parameters: Parameters<Float64Array>,
  earlier: Float64Array,
  clamped: readonly number[],
  epsilon: number,
): InferenceStep {
  const whole = HeldNetwork.hold(network, parameters, earlier);
  const { moves } = HeldNetwork.hold(network, parameters, earlier, clamped);
  const force = whole.force(earlier, new Float64Array(earlier.length));
  const state = earlier.map((s, i) => (moves[i] ? whole.bounded(s + epsilon * force[i]!) : s));
  const next = whole.force(state, new Float64Array(earlier.length));
  const change = state.map((s, i) => (moves[i] ? whole.bounded(s + epsilon * next[i]!) - s : -epsilon * force[i]!));
  let visible = 0;
  let hidden = 0;
  change.forEach((value, i) => {
    if (moves[i]) hidden += 0.5 * value * value;
    else visible += 0.5 * value * value;
  });
  return { state, objective: { visible, hidden }, change };
}

/**
 * Changes parameters by Eq. 1, rate · ṡ_i ρ(s_j(t−1)) in both directions of a connection: for units that are not
 * saturated a step down the gradient of J_STDP with s(t+1) given (Eq. 5).
 *
 * @param earlier s(t−1).
 */
export function learn(
  network: Network,
  parameters: Parameters<Float64Array>,
  earlier: Float64Array,
  change: Float64Array,
  rate: number,
): void {
  const rates = earlier.map((s) => rhoAt(network.rho, s));
  const scaled = change.map((value) => rate * value);
  addSymmetricProducts(network, scaled, rates, parameters.weights);
  parameters.biases.forEach((biases, layer) => {
    for (let k = 0; k < biases.length; k++) biases[k]! += scaled[network.offsets[layer]! + k]!;
  });
}

/**
 * Hyvärinen's score-matching objective of the clamped units x given the others, ½ ‖∂E/∂x‖² − Σ_i ∂²E/∂x_i², with
 * ∂E/∂x_i = x_i − R_i(s). The STDP paper prints the other sign before the second term (Eq. 23).
 *
 * The second derivatives are differences of the first, so that they do not lean on what is to be tested; where all ρ
 * are piecewise linear and no unit is within `reach` of a kink they are 1, and do not depend on the parameters
 * (condition 3, Eq. 24). For the logistic ρ they do.
 */
export function scoreMatching(
  network: Network,
  parameters: Parameters<Float64Array>,
  state: Float64Array,
  clamped: readonly number[],
  reach = 1e-4,
): number {
  const whole = HeldNetwork.hold(network, parameters, state);
  const force = whole.force(state, new Float64Array(state.length));
  const scratch = new Float64Array(state.length);
  const moved = Float64Array.from(state);
  const slope = (i: number, s: number) => {
    moved[i] = s;
    return -whole.force(moved, scratch)[i]!;
  };
  let objective = 0;
  for (const layer of clamped) {
    for (let i = network.offsets[layer]!; i < network.offsets[layer + 1]!; i++) {
      const s = state[i]!;
      const second = (slope(i, s + reach) - slope(i, s - reach)) / (2 * reach);
      moved[i] = s;
      objective += 0.5 * force[i]! ** 2 - second;
    }
  }
  return objective;
}
