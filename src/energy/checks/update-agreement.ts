import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import type { Network, Parameters } from '../network.ts';
import type { Noise } from '../noise.ts';
import { addImplicitGradient, zeroParameters } from '../reference/gradient.ts';
import { HeldNetwork } from '../reference/held-network.ts';
import { addChange, nudge } from '../reference/nudge.ts';
import { relax } from '../reference/relax.ts';
import { type Example, stateWithInput } from './trial.ts';

/** How the output is pushed: towards the target, or towards it and away from it, with half the difference taken. */
export type Sides = 'towards' | 'away' | 'both';

/** Agreement of a weight update with the gradient of C at the free fixed point. */
export interface Agreement {
  /** 1 … L, the connection behind that layer; or all of them. */
  readonly layer: number | 'total';
  /** Steps of the nudged phase; of a settled one the largest number that an example took. */
  readonly steps: number;
  /** Whether the phase ran until it settled. */
  readonly settled: boolean;
  /** β, of the cost ½ ‖y − d‖². */
  readonly nudge: number;
  readonly sides: Sides;
  /** Standard deviation of the synaptic noise η. */
  readonly noise: number;
  /** Cosine of the angle between the update and −dC/dW; `null` where the update is 0, as motion has not come so far. */
  readonly cosine: number | null;
  /** Share of the weights with a gradient whose update has the sign of −dC/dW. */
  readonly sign: number | null;
  /** ‖update / β + dC/dW‖ / ‖dC/dW‖. */
  readonly relative: number | null;
}

/** Nudged phases to try, all with one β. */
export interface NudgePlan {
  readonly nudge: number;
  /** Numbers of steps, rising; infinity: until settled. */
  readonly steps: readonly number[];
  /** Default none. */
  readonly noise?: number;
}

/** What a measurement leaves behind, for other programs to compute with. */
export interface MeasuredUpdates {
  readonly agreements: readonly Agreement[];
  /** dC/dW and dC/db, summed over the examples. */
  readonly gradient: Parameters<Float64Array>;
  /** Settled free states, one per example, shape [units]. */
  readonly freeStates: readonly Float64Array[];
  /** Largest residual of the free states, and how many of them did not settle. */
  readonly residual: number;
  readonly unsettled: number;
  /** Update of the first plan's last number of steps with both sides, over β, summed over the examples. */
  readonly update: Parameters<Float64Array>;
}

/** Leak factor of free and nudged phases, as in the reference code of Equilibrium Propagation. */
const EPSILON = 0.5;
const FREE_TOLERANCE = 1e-13;
/** Nudged phases are settled where the residual is this share of β. */
const NUDGED_TOLERANCE = 1e-8;
const MOST_NUDGED_STEPS = 20_000;
/** An update whose length is below this share of the whole gradient's is rounding of the free state. */
const NO_MOTION = 1e-8;

/**
 * Weight updates of nudged phases that start from settled free states, ΔW = Σ_t (ṡ_i ρ(s_j) + ṡ_j ρ(s_i)), against the
 * gradient of C = ½ ‖y − d‖² there, by implicit differentiation (early-inference paper, §3.2). Both are summed over
 * the examples. The first layer is clamped to the input.
 */
export function measureUpdates(
  network: Network,
  parameters: Parameters<Float64Array>,
  examples: readonly Example[],
  plans: readonly NudgePlan[],
  seed: number,
): MeasuredUpdates {
  const output = network.sizes.length - 1;
  const gradient = zeroParameters(network);
  const sums = plans.map(({ steps }) => steps.map(() => ({ towards: newSum(network), away: newSum(network) })));
  const freeStates: Float64Array[] = [];
  let residual = 0;
  let unsettled = 0;
  examples.forEach((example, index) => {
    const start = stateWithInput(network, example.input);
    const held = HeldNetwork.hold(network, parameters, start, [0]);
    const free = relax(held, start, { epsilon: EPSILON, tolerance: FREE_TOLERANCE, newton: true });
    residual = Math.max(residual, free.residual);
    if (free.outcome !== 'settled') unsettled++;
    freeStates.push(free.state);
    addImplicitGradient(held, free.state, { layer: output, values: example.target }, gradient);
    plans.forEach(({ nudge: beta, steps, noise = 0 }, plan) => {
      for (const side of ['towards', 'away'] as const) {
        const strength = side === 'towards' ? beta : -beta;
        const updates = nudge(held, free.state, {
          epsilon: EPSILON,
          target: { layer: output, values: example.target, strength },
          after: steps.map((count) => Math.min(count, MOST_NUDGED_STEPS)),
          tolerance: noise > 0 ? 0 : NUDGED_TOLERANCE * beta,
          ...(noise > 0 ? noiseOf(noise, seed, index) : {}),
        });
        updates.forEach((update, k) => {
          const sum = sums[plan]![k]![side];
          addChange(held, free.state, update, 1 / strength, sum.change);
          sum.steps = Math.max(sum.steps, update.steps);
        });
      }
    });
  });
  const agreements = plans.flatMap((plan, p) =>
    plan.steps.flatMap((steps, k) => {
      const { towards, away } = sums[p]![k]!;
      const both = { change: halfSum(towards.change, away.change), steps: Math.max(towards.steps, away.steps) };
      return Object.entries({ towards, away, both }).flatMap(([sides, sum]) =>
        agreementsOf(gradient, sum.change).map((agreement) => ({
          ...agreement,
          steps: sum.steps,
          settled: steps === Number.POSITIVE_INFINITY,
          nudge: plan.nudge,
          sides: sides as Sides,
          noise: plan.noise ?? 0,
        })),
      );
    }),
  );
  const last = sums[0]!.at(-1)!;
  const update = halfSum(last.towards.change, last.away.change);
  return { agreements, gradient, freeStates, residual, unsettled, update };
}

function newSum(network: Network): { change: Parameters<Float64Array>; steps: number } {
  return { change: zeroParameters(network), steps: 0 };
}

function noiseOf(sd: number, seed: number, example: number) {
  const noise: Noise = { type: 'synaptic', sd };
  return { noise, noiseAddress: { seed, purpose: NETWORK_PURPOSE.stateNoise, example } };
}

function halfSum(a: Parameters<Float64Array>, b: Parameters<Float64Array>): Parameters<Float64Array> {
  const mean = (x: Float64Array, y: Float64Array) => x.map((value, i) => 0.5 * (value + y[i]!));
  return {
    weights: a.weights.map((values, k) => mean(values, b.weights[k]!)),
    biases: a.biases.map((values, k) => mean(values, b.biases[k]!)),
  };
}

export type Comparison = Pick<Agreement, 'layer' | 'cosine' | 'sign' | 'relative'>;

/** How weight changes agree with −dC/dW: weights of each layer, and of all together. */
export function agreementsOf(gradient: Parameters<Float64Array>, change: Parameters<Float64Array>): Comparison[] {
  const layers = gradient.weights.map((slopes, index) => products(slopes, change.weights[index]!));
  const total = layers.reduce((sum, part) => sum.map((value, k) => value + part[k]!) as Products);
  const floor = NO_MOTION ** 2 * total[1];
  return [
    ...layers.map((of, index) => ({ layer: index + 1, ...compared(of, floor) })),
    { layer: 'total' as const, ...compared(total, floor) },
  ];
}

/** −g · u, g · g, u · u, ‖u + g‖², weights with a gradient, and those of them with the right sign. */
type Products = [number, number, number, number, number, number];

function products(slopes: Float64Array, change: Float64Array): Products {
  const sums: Products = [0, 0, 0, 0, 0, 0];
  slopes.forEach((slope, k) => {
    const value = change[k]!;
    sums[0] -= slope * value;
    sums[1] += slope * slope;
    sums[2] += value * value;
    sums[3] += (slope + value) ** 2;
    if (slope === 0) return;
    sums[4]++;
    if (slope * value < 0) sums[5]++;
  });
  return sums;
}

function compared([along, slopes, changes, off, weights, right]: Products, floor: number): Omit<Comparison, 'layer'> {
  if (slopes === 0 || changes <= floor) return { cosine: null, sign: null, relative: null };
  return { cosine: along / Math.sqrt(slopes * changes), sign: right / weights, relative: Math.sqrt(off / slopes) };
}
