import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paperInference } from '../../generative/inference-settings.ts';
import type { LayerMap } from '../../generative/model.ts';
import { pixelsOf } from '../../generative/run-training.ts';
import { drawSamples } from '../../generative/samples.ts';
import { jsonText } from '../../io/json-text.ts';
import type { Mnist } from '../../io/mnist.ts';
import { npyBytes } from '../../io/npy.ts';
import type { OpenModel } from './open-model.ts';

const STATES = 1000;
const SAMPLES = 1000;
const STEPS = 20;

/**
 * Writes what another program needs to compute the measures again, as float64 `.npy` files:
 *
 * - `encoder-k-weights` [units of layer k − 1][units of k], `encoder-k-biases`, `decoder-k-weights` [k][k − 1],
 *   `decoder-k-biases`, `prior-mean`, `prior-variance`;
 * - `pixels`, the first test images, and `start-k` and `end-k`, their hₖ before INFERENCE and after 20 steps, shape [images][units];
 * - `chain` and `directed`, samples, shape [samples][pixels].
 *
 * `about.json` has the sizes, the scale of softplus units, the settings of GENERATE and, for the file of a training, its
 * spec and how many images it was trained on.
 */
export async function writeGenerativeDump(
  folder: string,
  { portable, training, engine }: OpenModel,
  { test }: Mnist,
  seed: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (name: string, values: Float32Array, shape: readonly number[]) =>
    writeFile(join(folder, `${name}.npy`), npyBytes(Float64Array.from(values), shape));
  const writeMap = async (name: string, { weights, biases }: LayerMap) => {
    await write(`${name}-weights`, weights, [weights.length / biases.length, biases.length]);
    await write(`${name}-biases`, biases, [biases.length]);
  };
  const { model, parameters, prior, generation, imageShape } = portable;
  for (const [k, map] of parameters.encoders.entries()) await writeMap(`encoder-${k + 1}`, map);
  for (const [k, map] of parameters.decoders.entries()) await writeMap(`decoder-${k + 1}`, map);
  await write('prior-mean', prior.mean, [prior.mean.length]);
  await write('prior-variance', prior.variance, [prior.variance.length]);
  const images = Math.min(STATES, test.count);
  const pixels = pixelsOf(test, 0, images);
  await write('pixels', pixels, [images, model.sizes[0]!]);
  for (const [name, steps] of [
    ['start', 0],
    ['end', STEPS],
  ] as const) {
    const state = await engine.infer(pixels, { ...paperInference, steps });
    for (const [k, values] of state.entries()) await write(`${name}-${k + 1}`, values, [images, model.sizes[k + 1]!]);
  }
  const options = { count: SAMPLES, seed };
  const { chain, directed } = await drawSamples(engine, model, prior, generation, options);
  await write('chain', chain, [SAMPLES, model.sizes[0]!]);
  await write('directed', directed, [SAMPLES, model.sizes[0]!]);
  const { sizes, hiddenScale } = model;
  const trained = { spec: training?.spec, trainingImages: training?.images };
  const about = { sizes, hiddenScale, imageShape, generation, ...trained, seed };
  await writeFile(join(folder, 'about.json'), `${jsonText(about)}\n`);
}
