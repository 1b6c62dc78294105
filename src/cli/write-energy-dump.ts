import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measured } from '../energy/checks/energy-check.ts';
import type { Parameters } from '../energy/network.ts';
import { jsonText } from '../io/json-text.ts';
import { npyBytes } from '../io/npy.ts';

/**
 * Writes what `energy check` measured as float64 `.npy` files, so that another program can compute it again. For
 * connection k = 1 … L between layers k − 1 and k, and for layer k:
 *
 * - `weights-k`, `gradient-k` (dC/dW summed over the examples), `update-k` (over β, both sides, settled), shape [from][to];
 * - `biases-k`, shape [units]; `free-k`, settled free states, and for k = 0 the inputs, shape [examples][units];
 * - `targets`, shape [examples][units of the output].
 */
export async function writeEnergyDump(folder: string, measured: Measured, about: object): Promise<void> {
  const { network, parameters, examples, gradient, update, freeStates } = measured;
  const { sizes, offsets } = network;
  await mkdir(folder, { recursive: true });
  const write = (name: string, values: Float64Array, shape: readonly number[]) =>
    writeFile(join(folder, `${name}.npy`), npyBytes(values, shape));
  const writeWeights = async (name: string, { weights }: Parameters<Float64Array>) => {
    for (const [k, values] of weights.entries()) await write(`${name}-${k + 1}`, values, [sizes[k]!, sizes[k + 1]!]);
  };
  await writeWeights('weights', parameters);
  await writeWeights('gradient', gradient);
  await writeWeights('update', update);
  for (const [layer, size] of sizes.entries()) {
    const states = freeStates.map((state) => state.subarray(offsets[layer], offsets[layer + 1]));
    await write(`free-${layer}`, stacked(states, size), [examples.length, size]);
    if (layer > 0) await write(`biases-${layer}`, parameters.biases[layer]!, [size]);
  }
  const outputs = sizes.at(-1)!;
  await write(
    'targets',
    stacked(
      examples.map(({ target }) => target),
      outputs,
    ),
    [examples.length, outputs],
  );
  const rho = network.rho.type;
  await writeFile(join(folder, 'about.json'), `${jsonText({ ...about, sizes, rho, examples: examples.length })}\n`);
}

function stacked(rows: readonly Float64Array[], columns: number): Float64Array {
  const values = new Float64Array(rows.length * columns);
  rows.forEach((row, r) => {
    values.set(row, r * columns);
  });
  return values;
}
