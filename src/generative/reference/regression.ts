import type { WasmProducts } from '../../arithmetic/wasm-products.ts';
import { type Activation, activityAt, slopeAt } from '../activation.ts';
import { type LayerMap, type Numbers, zerosLike } from '../model.ts';
import { adamScales } from '../schedule.ts';
import { adam } from '../training-settings.ts';
import { inputsOf } from './maps.ts';

/**
 * Gradient of one map's own loss: its activity for `input` against `target`, averaged over the examples. The loss is
 * the cross-entropy for pixels, else half the squared error. Nothing but the map's own input, output and target is
 * used, so that no error crosses a layer.
 *
 * @param input shape [examples][inputs] @param target shape [examples][outputs]
 */
export function regressionGradient<A extends Numbers>(
  map: LayerMap<A>,
  activation: Activation,
  loss: 'cross-entropy' | 'squares',
  input: A,
  target: A,
  products?: WasmProducts,
): LayerMap<A> {
  const outputs = map.biases.length;
  const inputs = map.weights.length / outputs;
  const examples = target.length / outputs;
  const biases = zerosLike(map.biases, outputs);
  const errors = inputsOf(map, input, products);
  for (let example = 0; example < examples; example++) {
    for (let j = 0; j < outputs; j++) {
      const at = example * outputs + j;
      const z = errors[at]!;
      const slope = loss === 'squares' ? slopeAt(activation, z) : 1;
      errors[at] = ((activityAt(activation, z) - target[at]!) * slope) / examples;
      biases[j] = biases[j]! + errors[at]!;
    }
  }
  if (products && input instanceof Float32Array && errors instanceof Float32Array) {
    return { weights: products.multiplyTransposed(input, errors, examples) as A, biases };
  }
  const weights = zerosLike(map.weights, map.weights.length);
  for (let example = 0; example < examples; example++) {
    for (let i = 0; i < inputs; i++) {
      const value = input[example * inputs + i]!;
      const to = i * outputs;
      for (let j = 0; j < outputs; j++) weights[to + j] = weights[to + j]! + value * errors[example * outputs + j]!;
    }
  }
  return { weights, biases };
}

/** Adam's running means of one array. */
export interface Moments<A extends Numbers> {
  readonly first: A;
  readonly second: A;
}

/**
 * One step of Adam (Kingma & Ba 2015), in place.
 *
 * @param rate step size @param update 1 for the first
 */
export function adamStep<A extends Numbers>(
  values: A,
  gradient: A,
  { first, second }: Moments<A>,
  rate: number,
  update: number,
): void {
  const { decay, squareDecay, epsilon } = adam;
  const { firstScale, secondScale } = adamScales(update);
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i]!;
    first[i] = first[i]! + (1 - decay) * (g - first[i]!);
    second[i] = second[i]! + (1 - squareDecay) * (g * g - second[i]!);
    values[i] = values[i]! - (rate * first[i]! * firstScale) / (Math.sqrt(second[i]! * secondScale) + epsilon);
  }
}

/**
 * Homeostasis of one encoder, in place: see `HomeostasisSettings`.
 *
 * @param input clean activity of the layer below, shape [examples][inputs]
 */
export function homeostasis<A extends Numbers>(
  map: LayerMap<A>,
  input: A,
  rate: number,
  goal: { readonly sd: number; readonly mean: number },
  products?: WasmProducts,
): void {
  const outputs = map.biases.length;
  const { mean, variance } = momentsOf(inputsOf(map, input, products), outputs);
  const gains = new Float64Array(outputs);
  for (let j = 0; j < outputs; j++) {
    const gain = 1 + rate * (goal.sd / Math.sqrt(variance[j]! + SMALLEST_VARIANCE) - 1);
    const scaledMean = map.biases[j]! + gain * (mean[j]! - map.biases[j]!);
    gains[j] = gain;
    map.biases[j] = map.biases[j]! + rate * (goal.mean - scaledMean);
  }
  for (let i = 0, j = 0; i < map.weights.length; i++) {
    map.weights[i] = map.weights[i]! * gains[j]!;
    j = j + 1 === outputs ? 0 : j + 1;
  }
}

/** Keeps the gain of a unit without variance finite. */
export const SMALLEST_VARIANCE = 1e-6;

/** Mean and variance of each unit over the examples. @param values shape [examples][units] */
export function momentsOf(values: Numbers, units: number): { mean: Float64Array; variance: Float64Array } {
  const examples = values.length / units;
  const mean = new Float64Array(units);
  const variance = new Float64Array(units);
  for (let i = 0; i < values.length; i++) mean[i % units] = mean[i % units]! + values[i]! / examples;
  for (let i = 0; i < values.length; i++) {
    variance[i % units] = variance[i % units]! + (values[i]! - mean[i % units]!) ** 2 / examples;
  }
  return { mean, variance };
}
