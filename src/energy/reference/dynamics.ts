import { EngineError } from '../../errors.ts';
import type { Noise } from '../noise.ts';
import { HeldNetwork } from './held-network.ts';

/** How a network goes from one state to the next. */
export interface Dynamics {
  /** ε, the share of the way to R(s) that a step goes; 0 < ε ≤ 1. */
  readonly epsilon: number;
  /** Default none. */
  readonly noise?: Noise;
}

/**
 * One step of inference, in place: s ← s + ε (R(s) − s), with the target's force where there is one, and noise
 * (early-inference paper, Eq. 1). All units step at once.
 *
 * @param scratch shape [units]; its contents are of no account.
 * @param normals standard normal deviates of this step, shape [units]; for noise only
 * @returns the largest |s(t+1) − s(t)| / ε of all units; NaN where a state is NaN
 */
export function step(
  held: HeldNetwork,
  state: Float64Array,
  { epsilon, noise }: Dynamics,
  scratch: Float64Array,
  normals?: Float64Array,
): number {
  const { moves } = held;
  if (!noise || noise.type === 'none') held.force(state, scratch);
  else if (!normals) throw new EngineError('invalid-option', 'normals: missing; expected one for each unit');
  else if (noise.type === 'langevin') langevinForce(held, state, epsilon, scratch, normals);
  else synapticForce(held, state, noise.sd, scratch, normals);
  let largest = 0;
  for (let i = 0; i < state.length; i++) {
    if (!moves[i]) continue;
    const before = state[i]!;
    state[i] = held.bounded(before + epsilon * scratch[i]!);
    const change = Math.abs(state[i]! - before);
    // Written so that NaN gets through.
    if (!(change <= largest)) largest = change;
  }
  return largest / epsilon;
}

function langevinForce(
  held: HeldNetwork,
  state: Float64Array,
  epsilon: number,
  out: Float64Array,
  normals: Float64Array,
): void {
  if (held.network.rho.type === 'clip') {
    const expected = 'hard-sigmoid or logistic, as Langevin dynamics needs unbounded states';
    throw new EngineError('invalid-option', `rho: clip is not allowed; expected ${expected}`, {
      path: 'rho',
      expected,
    });
  }
  held.force(state, out);
  const scale = Math.sqrt(2 / epsilon);
  for (let i = 0; i < out.length; i++) if (held.moves[i]) out[i]! += scale * normals[i]!;
}

/** R(s + η) − s, and the target's force at s. */
function synapticForce(
  held: HeldNetwork,
  state: Float64Array,
  sd: number,
  out: Float64Array,
  normals: Float64Array,
): void {
  const { network, parameters, clamped, moves, target } = held;
  const noisy = state.map((s, i) => s + sd * normals[i]!);
  HeldNetwork.hold(network, parameters, noisy, clamped).force(noisy, out);
  for (let i = 0; i < out.length; i++) if (moves[i]) out[i]! += noisy[i]! - state[i]!;
  if (!target) return;
  const first = network.offsets[target.layer]!;
  target.values.forEach((value, k) => {
    out[first + k]! += target.strength * (value - state[first + k]!);
  });
}
