import { glorotUniform } from '../initial.ts';
import { layeredNetwork, type Network, type Parameters, unitCount } from '../network.ts';
import { type Nonlinearity, rhoSlopeAt } from '../nonlinearity.ts';
import { step } from '../reference/dynamics.ts';
import { HeldNetwork, inFloat64 } from '../reference/held-network.ts';
import { relax } from '../reference/relax.ts';
import { roughSpectralRadius } from '../reference/spectrum.ts';
import { atMost, type Check, near } from './check.ts';
import { type Example, randomExamples, uniforms } from './trial.ts';

/** Leak factors over which slopes are fitted. */
const EPSILONS = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005] as const;
/** Motions below this, some ten thousand times the rounding of a state, are left out of fits. */
const SMALLEST_MOTION = 1e-12;
/** Spectral radius of R′ at the driven fixed points, at most: far enough from 1 to be stable whatever rounding says. */
const LARGEST_RADIUS = 0.85;
/** Hidden layers that are needed to see four slopes. */
const HIDDEN_LAYERS = 3;

/** First motions of the layers of one network: the output (k = 0) and the hidden layers behind it. */
export interface FirstMotions {
  readonly sizes: readonly number[];
  /** Leak factors, shape [epsilons]. */
  readonly epsilons: readonly number[];
  /** ‖Δh_k‖ at step k + 1 against an undriven control, shape [k][epsilons]. */
  readonly motions: readonly (readonly number[])[];
  /** Slope of log ‖Δh_k‖ over log ε, shape [k]; k + 1 in theory. */
  readonly slopes: readonly number[];
  /** ‖Δh_k + ε^(k+1) ∂C/∂h_k‖ / ‖ε^(k+1) ∂C/∂h_k‖ at the smallest ε of the fit, shape [k]. */
  readonly distances: readonly number[];
  /** Projection of Δh_k on −ε^(k+1) ∂C/∂h_k there, shape [k]; 1 in theory. */
  readonly ratios: readonly number[];
}

/** Early-inference paper, Eq. 16–25: what a driven output does to the layers behind it, one layer a step. */
export function checkFirstMotions(sizes: readonly number[], seed: number): { checks: Check[]; clip: FirstMotions } {
  const deep = deepEnough(sizes);
  const clip = firstMotions(deep, { type: 'clip' }, seed);
  const smooth = firstMotions(deep, { type: 'logistic', slope: 2, midpoint: 0.5 }, seed);
  const ofLayers = (name: string, check: (k: number) => Check) =>
    clip.slopes.map((_, k) => ({ ...check(k), name: `${name}, k = ${k}` }));
  return {
    clip,
    checks: [
      ...ofLayers('slope of log Δh_k over log ε', (k) => near('', clip.slopes[k]!, k + 1, 0.02)),
      ...ofLayers('Δh_k / (−ε^(k+1) ∂C/∂h_k)', (k) => near('', clip.ratios[k]!, 1, 1e-3)),
      ...ofLayers('relative distance of Δh_k from −ε^(k+1) ∂C/∂h_k', (k) => atMost('', clip.distances[k]!, 1e-3)),
      ...ofLayers('the same with the logistic ρ, where it falls with ε', (k) => atMost('', smooth.distances[k]!, 0.1)),
    ],
  };
}

/** The sizes, with the first hidden layer repeated where there are too few layers to see four slopes. */
function deepEnough(sizes: readonly number[]): readonly number[] {
  if (sizes.length >= HIDDEN_LAYERS + 2) return sizes;
  const hidden = sizes.slice(1, -1);
  const first = hidden[0] ?? sizes.at(-1)!;
  const missing = new Array<number>(HIDDEN_LAYERS - hidden.length).fill(first);
  return [sizes[0]!, ...missing, ...hidden, sizes.at(-1)!];
}

function firstMotions(sizes: readonly number[], rho: Nonlinearity, seed: number): FirstMotions {
  const network = layeredNetwork(sizes, rho);
  const [example] = randomExamples(network, seed, 1) as [Example];
  const place = activeState(network, example, seed);
  const held = heldAt(network, inFloat64(glorotUniform(network, seed)), place);
  const { state } = relax(held, place, { epsilon: 0.25, tolerance: 1e-13, newton: true, maxSteps: 4096 });
  const slopesOfC = costSlopes(held, state, example.target);
  const measured = EPSILONS.map((epsilon) => drivenMotions(held, state, example.target, epsilon));
  const counted = (k: number) =>
    EPSILONS.flatMap((epsilon, e) => {
      const motion = measured[e]![k]!;
      const size = Math.hypot(...motion);
      return size >= SMALLEST_MOTION ? [{ epsilon, motion, size }] : [];
    });
  const layers = slopesOfC.map((slope, k) => {
    const points = counted(k);
    const last = points.at(-1);
    const aim = slope.map((value) => -value * (last?.epsilon ?? Number.NaN) ** (k + 1));
    const off = aim.map((value, i) => (last?.motion[i] ?? Number.NaN) - value);
    const along = aim.reduce((sum, value, i) => sum + value * (last?.motion[i] ?? Number.NaN), 0);
    return {
      slope: fittedSlope(points.map(({ epsilon, size }) => [Math.log(epsilon), Math.log(size)])),
      distance: Math.hypot(...off) / Math.hypot(...aim),
      ratio: along / Math.hypot(...aim) ** 2,
    };
  });
  return {
    sizes,
    epsilons: EPSILONS,
    motions: slopesOfC.map((_, k) => measured.map((motions) => Math.hypot(...motions[k]!))),
    slopes: layers.map(({ slope }) => slope),
    distances: layers.map(({ distance }) => distance),
    ratios: layers.map(({ ratio }) => ratio),
  };
}

/** The input, and every other unit somewhere in the middle of the active region. */
export function activeState(network: Network, { input }: Example, seed: number): Float64Array {
  const state = uniforms(unitCount(network), seed, 0, 5).map((u) => 0.25 + 0.5 * u);
  state.set(input);
  return state;
}

/**
 * The network with the biases that make a state its fixed point, b_i = s_i / ρ′(s_i) − Σ_j W_ij ρ(s_j). With biases of
 * 0 whole layers of a small network are off, and nothing passes. Weights are scaled down where a fixed point would not
 * be stable with ρ′ = 1; the logistic ρ of slope 2 has ρ′ ≤ 1/2.
 */
export function heldAt(network: Network, parameters: Parameters<Float64Array>, state: Float64Array): HeldNetwork {
  const linear = HeldNetwork.hold({ ...network, rho: { type: 'clip' } }, parameters, state, [0]);
  const gain = Math.min(1, LARGEST_RADIUS / roughSpectralRadius(linear, state));
  const weights = parameters.weights.map((values) => values.map((weight) => gain * weight));
  const received = HeldNetwork.hold(network, { ...parameters, weights }, state, [0]).field(
    state,
    state.map(() => 0),
  );
  const biases = parameters.biases.map((values, layer) =>
    values.map((_, k) => {
      const i = network.offsets[layer]! + k;
      return state[i]! / rhoSlopeAt(network.rho, state[i]!) - received[i]!;
    }),
  );
  return HeldNetwork.hold(network, { weights, biases }, state, [0]);
}

/**
 * Δh_k at step k + 1 for every layer that moves, output first: the output is driven by Δy = ε (y − ŷ) in every step
 * (Eq. 12: the target takes the place of R_y), and an undriven run from the same state is subtracted.
 */
export function drivenMotions(
  held: HeldNetwork,
  settled: Float64Array,
  target: Float64Array,
  epsilon: number,
): Float64Array[] {
  const { offsets, sizes } = held.network;
  const output = sizes.length - 1;
  const driven = Float64Array.from(settled);
  const control = Float64Array.from(settled);
  const scratch = new Float64Array(settled.length);
  const motions: Float64Array[] = [];
  for (let k = 0; k < output; k++) {
    const y = driven.slice(offsets[output], offsets[output + 1]);
    step(held, driven, { epsilon }, scratch);
    driven.set(
      y.map((s, i) => s + epsilon * (target[i]! - s)),
      offsets[output],
    );
    step(held, control, { epsilon }, scratch);
    const layer = output - k;
    // The output's own motion is Δy itself, from where it stood.
    const against = k === 0 ? settled : control;
    motions.push(driven.slice(offsets[layer], offsets[layer + 1]).map((s, i) => s - against[offsets[layer]! + i]!));
  }
  return motions;
}

/**
 * ∂C/∂h_k for every layer that moves, output first, as the product along the path (Eq. 24–25): ∂C/∂ŷ = ŷ − y, then
 * ∂C/∂h_(k+1) = (∂R_(h_k) / ∂h_(k+1))ᵀ ∂C/∂h_k.
 */
export function costSlopes(held: HeldNetwork, state: Float64Array, target: Float64Array): Float64Array[] {
  const { network, parameters } = held;
  const { offsets, sizes, rho } = network;
  const active = held.active(state, held.force(state, new Float64Array(state.length)));
  const output = sizes.length - 1;
  let slope = target.map((y, i) => state[offsets[output]! + i]! - y);
  const slopes = [slope];
  for (let layer = output - 1; layer >= 1; layer--) {
    const weights = parameters.weights[layer]!;
    const columns = sizes[layer + 1]!;
    const sent = slope.map((value, j) => value * rhoSlopeAt(rho, state[offsets[layer + 1]! + j]!));
    slope = Float64Array.from({ length: sizes[layer]! }, (_, i) => {
      const at = offsets[layer]! + i;
      if (!active[at]) return 0;
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += weights[i * columns + j]! * sent[j]!;
      return sum * rhoSlopeAt(rho, state[at]!);
    });
    slopes.push(slope);
  }
  return slopes;
}

/** Least-squares slope of y over x; NaN for fewer than two points. */
function fittedSlope(points: readonly (readonly number[])[]): number {
  const mean = (axis: number) => points.reduce((sum, point) => sum + point[axis]!, 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const products = points.reduce((sum, point) => sum + (point[0]! - x) * (point[1]! - y), 0);
  const squares = points.reduce((sum, point) => sum + (point[0]! - x) ** 2, 0);
  return products / squares;
}
