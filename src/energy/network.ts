import { EngineError } from '../errors.ts';
import type { Nonlinearity } from './nonlinearity.ts';

/**
 * Symmetric connections between two layers, or within one layer (`from` = `to`: fully connected, no unit to itself).
 * One weight serves both directions: W_ij = W_ji, which the energy needs (early-inference paper, Eq. 8).
 */
export interface Connection {
  /** Index of the layer whose units are the rows of the weights; `from` ≤ `to`. */
  readonly from: number;
  /** Index of the layer whose units are the columns. */
  readonly to: number;
}

/** An energy-based network: layers of units, what is connected with what, and the nonlinearity of all units. */
export interface Network {
  /** Units of each layer; in a layered network the first is the input, the last the output. */
  readonly sizes: readonly number[];
  readonly connections: readonly Connection[];
  readonly rho: Nonlinearity;
  /** Number of the first unit of each layer when all units of the network are counted through; shape [layers + 1]. */
  readonly offsets: readonly number[];
}

/** An array of a network's numbers: float32 on the device and in files, float64 in the reference. */
export type Numbers = Float32Array | Float64Array;

/** What is learned. */
export interface Parameters<A extends Numbers = Float32Array> {
  /** One matrix per connection, shape [units of `from`][units of `to`], row-major; within a layer symmetric, diagonal 0. */
  readonly weights: readonly A[];
  /** One vector per layer, shape [units]. Those of a clamped layer have no effect on its state. */
  readonly biases: readonly A[];
}

/** Integrated activity s of every unit: one vector per layer, shape [units], or [examples][units] for a batch. */
export type State<A extends Numbers = Float32Array> = readonly A[];

/**
 * External driving force on a layer, β (d − s): minus β times the gradient of C = ½ ‖s − d‖² (early-inference paper,
 * Eq. 13), added to the network's own force R(s) − s.
 *
 * Programs that write the cost without the ½ (the reference code of Equilibrium Propagation) have half this β.
 */
export interface Target<A extends Numbers = Float32Array> {
  readonly layer: number;
  /** d, shape as the layer's state. */
  readonly values: A;
  /** β; 0 is the free phase, negative pushes away from the target. */
  readonly strength: number;
}

/** What is held from outside while a network relaxes. */
export interface Surroundings<A extends Numbers = Float32Array> {
  /** Layers whose state does not change. */
  readonly clamped: readonly number[];
  readonly target?: Target<A>;
}

/**
 * A network with any connections.
 *
 * @throws EngineError `invalid-spec` where sizes, connections or the nonlinearity are not acceptable.
 */
export function createNetwork(spec: Pick<Network, 'sizes' | 'connections' | 'rho'>): Network {
  const { sizes, connections, rho } = spec;
  if (sizes.length === 0) throw refusal('sizes', sizes, 'at least one layer');
  sizes.forEach((size, layer) => {
    if (!Number.isSafeInteger(size) || size < 1) throw refusal(`sizes[${layer}]`, size, 'an integer of 1 or more');
  });
  const seen = new Set<string>();
  connections.forEach(({ from, to }, index) => {
    const path = `connections[${index}]`;
    if (!(from in sizes)) throw refusal(`${path}.from`, from, `a layer, 0 … ${sizes.length - 1}`);
    if (!(to in sizes) || to < from) throw refusal(`${path}.to`, to, `a layer, ${from} … ${sizes.length - 1}`);
    if (seen.has(`${from}-${to}`)) throw refusal(path, `${from} – ${to}`, 'each pair of layers once');
    seen.add(`${from}-${to}`);
  });
  if (rho.type === 'hard-sigmoid' && !(rho.beta1 > -1 && rho.beta1 < 0)) {
    throw refusal('rho.beta1', rho.beta1, 'a number between −1 and 0, so that 0 is inside the active region');
  }
  if (rho.type === 'logistic') {
    if (!(rho.slope > 0 && rho.slope < Number.POSITIVE_INFINITY)) throw refusal('rho.slope', rho.slope, 'a number > 0');
    if (!Number.isFinite(rho.midpoint)) throw refusal('rho.midpoint', rho.midpoint, 'a finite number');
  }
  const offsets = [0];
  for (const size of sizes) offsets.push(offsets.at(-1)! + size);
  return { sizes: [...sizes], connections: connections.map(({ from, to }) => ({ from, to })), rho, offsets };
}

/** A chain of layers: input, hidden layers, output, each connected with the next. */
export function layeredNetwork(sizes: readonly number[], rho: Nonlinearity): Network {
  const connections = sizes.slice(1).map((_, layer) => ({ from: layer, to: layer + 1 }));
  return createNetwork({ sizes, connections, rho });
}

/** Groups of units in which every unit is connected with every other one, of its own group and of the others. */
export function fullyConnectedNetwork(sizes: readonly number[], rho: Nonlinearity): Network {
  const connections = sizes.flatMap((_, from) => sizes.slice(from).map((_, above) => ({ from, to: from + above })));
  return createNetwork({ sizes, connections, rho });
}

/** Units of the whole network. */
export function unitCount({ offsets }: Network): number {
  return offsets.at(-1)!;
}

/** Weights of a connection. */
export function weightCount({ sizes }: Network, { from, to }: Connection): number {
  return sizes[from]! * sizes[to]!;
}

/** A state in which every unit is at 0, or at another value. @param examples size of the batch */
export function uniformState(network: Network, value = 0, examples = 1): State<Float64Array> {
  return network.sizes.map((size) => new Float64Array(size * examples).fill(value));
}

function refusal(path: string, value: unknown, expected: string): EngineError {
  const message = `${path}: ${JSON.stringify(value)} is not allowed; expected ${expected}`;
  return new EngineError('invalid-spec', message, { path, value, expected });
}
