import type { Purpose } from '../../random/address.ts';
import { normalsOf } from '../initial.ts';
import type { Parameters, Target } from '../network.ts';
import { rhoAt } from '../nonlinearity.ts';
import { type Dynamics, step } from './dynamics.ts';
import { addSymmetricProducts } from './gradient.ts';
import type { HeldNetwork } from './held-network.ts';

/** The address of a phase's noise. */
export interface NoiseAddress {
  readonly seed: number;
  readonly purpose: Purpose;
  readonly example: number;
}

export interface NudgeOptions extends Dynamics {
  readonly target: Target<Float64Array>;
  /** Numbers of steps after which the update is wanted, rising. */
  readonly after: readonly number[];
  /** End when the largest |s(t+1) − s(t)| / ε of a step is as small as this, default 0; later updates equal that one. */
  readonly tolerance?: number;
  /** Needed where there is noise. */
  readonly noiseAddress?: NoiseAddress;
}

/** The state and the sums of the STDP-compatible rule after some steps of a nudged phase. */
export interface NudgedUpdate {
  /** Steps that were made: fewer than was asked for where the tolerance ended the phase. */
  readonly steps: number;
  /** Whether the tolerance ended the phase. */
  readonly settled: boolean;
  readonly state: Float64Array;
  /** Σ_t (ṡ_i ρ(s_j) + ṡ_j ρ(s_i)) of each connection of which both ends move; empty for the others. */
  readonly inner: readonly Float64Array[];
}

/**
 * The nudged phase with the STDP-compatible rule: every directed synapse j → i changes by ṡ_i ρ(s_j) in each step
 * (STDP paper, Eq. 1; ṡ_i(t) = s_i(t+1) − s_i(t), as in S1), and the one weight of both directions by the sum of the
 * two.
 *
 * @param start the settled free state, flat; not changed.
 * @returns one update for each number of steps in `after`
 */
export function nudge(held: HeldNetwork, start: Float64Array, options: NudgeOptions): NudgedUpdate[] {
  const { target, after, tolerance = 0, noiseAddress, ...dynamics } = options;
  const nudged = held.withTarget(target);
  const { network, moves, clamped } = held;
  const state = Float64Array.from(start);
  const scratch = new Float64Array(start.length);
  const inner = network.connections.map(({ from, to }) =>
    clamped.includes(from) || clamped.includes(to)
      ? new Float64Array(0)
      : new Float64Array(network.sizes[from]! * network.sizes[to]!),
  );
  const updates: NudgedUpdate[] = [];
  for (let steps = 1; updates.length < after.length; steps++) {
    const earlier = Float64Array.from(state);
    const rates = earlier.map((s, i) => (moves[i] ? rhoAt(network.rho, s) : 0));
    const normals =
      noiseAddress && normalsOf(network, noiseAddress.seed, noiseAddress.purpose, noiseAddress.example, steps);
    const settled = step(nudged, state, dynamics, scratch, normals) <= tolerance;
    addSymmetricProducts(
      network,
      state.map((s, i) => s - earlier[i]!),
      rates,
      inner,
    );
    while (updates.length < after.length && (settled || after[updates.length]! <= steps)) {
      const copy = { state: Float64Array.from(state), inner: inner.map((sums) => Float64Array.from(sums)) };
      updates.push({ steps, settled, ...copy });
    }
  }
  return updates;
}

/**
 * Adds the weight change of a nudged phase, times a factor, to a sum; of a bias it is Σ_t ṡ_i.
 *
 * A clamped layer sends the same in every step, so what its connections sum up to is its rate times the whole way of
 * the receiving unit.
 */
export function addChange(
  held: HeldNetwork,
  start: Float64Array,
  { state, inner }: NudgedUpdate,
  factor: number,
  sum: Parameters<Float64Array>,
): void {
  const { network, moves } = held;
  const way = state.map((s, i) => factor * (s - start[i]!));
  const clampedRates = start.map((s, i) => (moves[i] ? 0 : rhoAt(network.rho, s)));
  const outer = sum.weights.map((weights, index) => (inner[index]!.length > 0 ? new Float64Array(0) : weights));
  addSymmetricProducts(network, way, clampedRates, outer);
  inner.forEach((changes, index) => {
    const weights = sum.weights[index]!;
    for (let k = 0; k < changes.length; k++) weights[k]! += factor * changes[k]!;
  });
  sum.biases.forEach((biases, layer) => {
    for (let k = 0; k < biases.length; k++) biases[k]! += way[network.offsets[layer]! + k]!;
  });
}

/**
 * Adds the contrastive update of Equilibrium Propagation, ρ_i ρ_j after minus before, times a factor, to a sum.
 */
export function addContrast(
  held: HeldNetwork,
  before: Float64Array,
  after: Float64Array,
  factor: number,
  sum: Parameters<Float64Array>,
): void {
  const { network } = held;
  const { rho, offsets } = network;
  const rates = (state: Float64Array) => state.map((s) => rhoAt(rho, s));
  const [earlier, later] = [rates(before), rates(after)];
  // ρ_i ρ_j after − before = Δρ_i ρ̄_j + Δρ_j ρ̄_i, with the means of both states.
  const change = later.map((rate, i) => factor * (rate - earlier[i]!));
  const mean = later.map((rate, i) => 0.5 * (rate + earlier[i]!));
  addSymmetricProducts(network, change, mean, sum.weights);
  sum.biases.forEach((biases, layer) => {
    for (let k = 0; k < biases.length; k++) biases[k]! += change[offsets[layer]! + k]!;
  });
}
