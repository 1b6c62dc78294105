import { EngineError } from '../../errors.ts';
import { isWithinLayer } from '../initial.ts';
import { type Network, type Parameters, uniformState } from '../network.ts';
import { rhoAt, rhoSlopeAt } from '../nonlinearity.ts';
import type { HeldNetwork } from './held-network.ts';
import { conjugateGradients } from './newton.ts';

/** What a unit of output is compared with. */
export interface Goal {
  readonly layer: number;
  /** d of C = ½ ‖s − d‖² on that layer (early-inference paper, Eq. 13). */
  readonly values: Float64Array;
}

/** Parameters of which all are 0. */
export function zeroParameters(network: Network): Parameters<Float64Array> {
  const weights = network.connections.map(
    ({ from, to }) => new Float64Array(network.sizes[from]! * network.sizes[to]!),
  );
  return { weights, biases: uniformState(network) };
}

/** C = ½ ‖s − d‖². */
export function costOf({ offsets }: Network, state: Float64Array, { layer, values }: Goal): number {
  return values.reduce((sum, value, k) => sum + 0.5 * (state[offsets[layer]! + k]! - value) ** 2, 0);
}

/** ∂C/∂s, shape [units]. */
export function costSlope({ offsets }: Network, state: Float64Array, { layer, values }: Goal): Float64Array {
  const slope = new Float64Array(state.length);
  values.forEach((value, k) => {
    slope[offsets[layer]! + k] = state[offsets[layer]! + k]! - value;
  });
  return slope;
}

/**
 * Gradient of C at the fixed point of a free relaxation, by implicit differentiation: with H = ∂²E/∂s² among the
 * active units, H λ = ∂C/∂s gives dC/dW_ij = λ_i ρ′(s_i) ρ(s_j) + λ_j ρ′(s_j) ρ(s_i) for the one weight that both
 * directions share, and dC/db_i = λ_i ρ′(s_i).
 *
 * @param state the fixed point.
 * @param sum what the gradient is added to.
 * @throws EngineError `diverged` where the state is no minimum of the energy, so that no relaxation ends there.
 */
export function addImplicitGradient(
  held: HeldNetwork,
  state: Float64Array,
  goal: Goal,
  sum: Parameters<Float64Array>,
): void {
  const active = held.active(state, held.force(state, new Float64Array(state.length)));
  const slope = costSlope(held.network, state, goal).map((value, i) => (active[i] ? value : 0));
  const response = conjugateGradients(held.curvature(state, active), slope);
  if (!response) {
    const expected = 'a state that a relaxation has settled to';
    throw new EngineError('diverged', `the energy is not convex at the state; expected ${expected}`, { expected });
  }
  addResponse(held, state, response, sum);
}

/**
 * Gradient of C after some steps of noise-free inference, by back-propagation through time.
 *
 * @param start flat, shape [units]; the states of all steps are kept.
 */
export function gradientThroughTime(
  held: HeldNetwork,
  start: Float64Array,
  goal: Goal,
  { epsilon, steps }: { readonly epsilon: number; readonly steps: number },
): Parameters<Float64Array> {
  const path = [Float64Array.from(start)];
  const force = new Float64Array(start.length);
  const inside: Uint8Array[] = [];
  for (let t = 0; t < steps; t++) {
    const from = path[t]!;
    held.force(from, force);
    const aim = from.map((s, i) => s + epsilon * force[i]!);
    // What a bound has cut off has no derivative.
    inside.push(held.moves.map((mobile, i) => (mobile && held.bounded(aim[i]!) === aim[i] ? 1 : 0)));
    path.push(aim.map((s, i) => (held.moves[i] ? held.bounded(s) : s)));
  }
  const gradient = zeroParameters(held.network);
  let slope = costSlope(held.network, path[steps]!, goal);
  const curved = new Float64Array(start.length);
  for (let t = steps - 1; t >= 0; t--) {
    const through = slope.map((value, i) => (inside[t]![i] ? value : 0));
    addResponse(
      held,
      path[t]!,
      through.map((value) => epsilon * value),
      gradient,
    );
    held.curvature(path[t]!, held.moves)(through, curved);
    slope = through.map((value, i) => value - epsilon * curved[i]!);
  }
  return gradient;
}

/** Adds λ_i ρ′(s_i) ρ(s_j) and its mirror image for every weight, λ_i ρ′(s_i) for every bias. */
function addResponse(
  { network }: HeldNetwork,
  state: Float64Array,
  response: Float64Array,
  { weights, biases }: Parameters<Float64Array>,
): void {
  const { rho, offsets } = network;
  const scaled = state.map((s, i) => (response[i] === 0 ? 0 : response[i]! * rhoSlopeAt(rho, s)));
  const rates = state.map((s) => rhoAt(rho, s));
  addSymmetricProducts(network, scaled, rates, weights);
  biases.forEach((sums, layer) => {
    for (let k = 0; k < sums.length; k++) sums[k]! += scaled[offsets[layer]! + k]!;
  });
}

/**
 * Adds a_i ρ_j + ρ_i a_j to the sum of every weight W_ij; nothing to a unit's connection with itself.
 *
 * @param sums one matrix per connection; an empty one is passed over.
 */
export function addSymmetricProducts(
  { connections, sizes, offsets }: Network,
  a: Float64Array,
  rates: Float64Array,
  sums: readonly Float64Array[],
): void {
  connections.forEach((connection, index) => {
    const rows = sizes[connection.from]!;
    const columns = sizes[connection.to]!;
    const fromRow = offsets[connection.from]!;
    const fromColumn = offsets[connection.to]!;
    const columnA = a.subarray(fromColumn, fromColumn + columns);
    const columnRates = rates.subarray(fromColumn, fromColumn + columns);
    const sum = sums[index]!;
    if (sum.length === 0) return;
    for (let i = 0, at = 0; i < rows; i++, at += columns) {
      const rowA = a[fromRow + i]!;
      const rowRate = rates[fromRow + i]!;
      if (rowA === 0) {
        if (rowRate !== 0) for (let j = 0; j < columns; j++) sum[at + j]! += rowRate * columnA[j]!;
      } else for (let j = 0; j < columns; j++) sum[at + j]! += rowA * columnRates[j]! + rowRate * columnA[j]!;
      if (isWithinLayer(connection)) sum[at + i] = 0;
    }
  });
}
