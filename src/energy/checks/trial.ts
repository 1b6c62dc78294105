import { randomBlock } from '../../random/address.ts';
import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import { glorotUniform } from '../initial.ts';
import type { Network, Parameters } from '../network.ts';
import { inFloat64 } from '../reference/held-network.ts';

/** An input with the output that is wanted for it. */
export interface Example {
  /** State of the first layer, shape [units]. */
  readonly input: Float64Array;
  /** Shape [units of the last layer]. */
  readonly target: Float64Array;
}

/** Examples without a data set: inputs uniform on 0 … 1, targets with one random unit at 1 and the others at 0. */
export function randomExamples({ sizes }: Network, seed: number, count: number): Example[] {
  return Array.from({ length: count }, (_, example) => {
    const input = uniforms(sizes[0]!, seed, example, 0);
    const outputs = sizes.at(-1)!;
    const wanted = Math.floor(uniforms(1, seed, example, 1)[0]! * outputs);
    return { input, target: Float64Array.from({ length: outputs }, (__, k) => (k === wanted ? 1 : 0)) };
  });
}

/** Uniform numbers between 0 and 1 at an address. @param stream what they are for */
export function uniforms(count: number, seed: number, example: number, stream: number): Float64Array {
  const values = new Float64Array(count);
  for (let first = 0; first < count; first += 4) {
    const words = randomBlock(seed, NETWORK_PURPOSE.trialInputs, example, stream, first / 4);
    for (let k = 0; k < 4 && first + k < count; k++) values[first + k] = (words[k]! + 0.5) * 2 ** -32;
  }
  return values;
}

/** The state in which the first layer holds an input and all other units are at 0; flat, shape [units]. */
export function stateWithInput({ offsets }: Network, input: Float64Array): Float64Array {
  const state = new Float64Array(offsets.at(-1)!);
  state.set(input);
  return state;
}

/**
 * Glorot-uniform weights times a gain, and biases uniform on 0 … 0.2. With biases of 0 a unit that hears nothing but
 * silent units stands exactly at the lower bound of a `clip` network with no force on it: there the fixed point has no
 * derivative.
 */
export function randomParameters(network: Network, seed: number, gain = 1): Parameters<Float64Array> {
  const { weights } = inFloat64(glorotUniform(network, seed, gain));
  const biases = network.sizes.map((size, layer) => uniforms(size, seed, layer, 6).map((u) => 0.2 * u));
  return { weights, biases };
}
