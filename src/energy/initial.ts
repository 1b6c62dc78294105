import { type Purpose, randomBlock } from '../random/address.ts';
import { NETWORK_PURPOSE } from '../random/network-purposes.ts';
import { NORMAL_FRACTION_BITS, normalFromWord } from '../random/normal.ts';
import { type Connection, type Network, type Parameters, weightCount } from './network.ts';

/**
 * Glorot-uniform weights, each uniform on ±√(6 / (fan-in + fan-out)), rounded to float32; biases 0.
 *
 * Weight w (row-major) of connection c is word w mod 4 of the random block at (seed, weights, c, 0, ⌊w / 4⌋). Within a
 * layer the upper triangle is drawn and mirrored.
 *
 * @param gain what the weights are multiplied with, default 1
 */
export function glorotUniform(network: Network, seed: number, gain = 1): Parameters {
  const { sizes, connections } = network;
  const weights = connections.map((connection, index) => {
    const values = new Float32Array(weightCount(network, connection));
    const rows = sizes[connection.from]!;
    const columns = sizes[connection.to]!;
    const limit = gain * Math.sqrt(6 / (rows + columns));
    for (let first = 0; first < values.length; first += 4) {
      const words = randomBlock(seed, NETWORK_PURPOSE.weights, index, 0, first / 4);
      for (let k = 0; k < 4 && first + k < values.length; k++) values[first + k] = limit * symmetricUniform(words[k]!);
    }
    if (isWithinLayer(connection)) mirrorUpperTriangle(values, rows);
    return values;
  });
  return { weights, biases: sizes.map((size) => new Float32Array(size)) };
}

/** Whether a connection is one of a layer with itself. */
export function isWithinLayer({ from, to }: Connection): boolean {
  return from === to;
}

/**
 * Standard normal deviate of one unit in one step of one example: word u mod 4 of the random block at
 * (seed, purpose, example, step, ⌊u / 4⌋) for unit u of the network, counted through all layers.
 */
export function normalsOf(network: Network, seed: number, purpose: Purpose, example: number, step: number) {
  const normals = new Float64Array(network.offsets.at(-1)!);
  for (let first = 0; first < normals.length; first += 4) {
    const words = randomBlock(seed, purpose, example, step, first / 4);
    for (let k = 0; k < 4 && first + k < normals.length; k++) {
      normals[first + k] = normalFromWord(words[k]!) * 2 ** -NORMAL_FRACTION_BITS;
    }
  }
  return normals;
}

/** Uniform on −1 … 1 from a word, symmetric about 0. */
function symmetricUniform(word: number): number {
  return (word + 0.5) * 2 ** -31 - 1;
}

function mirrorUpperTriangle(values: Float32Array, units: number): void {
  for (let i = 0; i < units; i++) {
    values[i * units + i] = 0;
    for (let j = i + 1; j < units; j++) values[j * units + i] = values[i * units + j]!;
  }
}
