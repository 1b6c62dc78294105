import type { WasmProducts } from '../../arithmetic/wasm-products.ts';
import { type Activation, activationOf, activityAt } from '../activation.ts';
import type { GenerativeModel, LayerMap, ModelParameters, Numbers } from '../model.ts';
import { zerosLike } from '../model.ts';

/** f_k: activity of layer k from that of layer k − 1, for a batch. @param layer k, 1 … M */
export function encode<A extends Numbers>(
  model: GenerativeModel,
  { encoders }: ModelParameters<A>,
  layer: number,
  below: A,
): A {
  return activities(encoders[layer - 1]!, activationOf(model, layer), below, model.products);
}

/** g_k: activity of layer k − 1 from that of layer k, for a batch. @param layer k, 1 … M */
export function decode<A extends Numbers>(
  model: GenerativeModel,
  { decoders }: ModelParameters<A>,
  layer: number,
  above: A,
): A {
  return activities(decoders[layer - 1]!, activationOf(model, layer - 1), above, model.products);
}

/** g₁(g₂(… g_M(h_M))): the directed model's pixels. */
export function decodeFromTop<A extends Numbers>(model: GenerativeModel, parameters: ModelParameters<A>, top: A): A {
  let state = top;
  for (let layer = model.sizes.length - 1; layer >= 1; layer--) state = decode(model, parameters, layer, state);
  return state;
}

/** activation(input · weights + biases). @param input shape [examples][inputs] */
export function activities<A extends Numbers>(
  map: LayerMap<A>,
  activation: Activation,
  input: A,
  products?: WasmProducts,
): A {
  if (products && isFloat32(map) && input instanceof Float32Array) {
    const scale = activation.type === 'softplus' ? activation.scale : 1;
    const options = { bias: map.biases, activation: activation.type, scale };
    return products.multiply(input, map.weights, map.biases.length, options) as A;
  }
  const out = inputsOf(map, input);
  for (let i = 0; i < out.length; i++) out[i] = activityAt(activation, out[i]!);
  return out;
}

/**
 * What the units of a map's output get, before the activation: input · weights + biases.
 *
 * @param input shape [examples][inputs]
 * @returns shape [examples][outputs]
 */
export function inputsOf<A extends Numbers>(map: LayerMap<A>, input: A, products?: WasmProducts): A {
  if (products && isFloat32(map) && input instanceof Float32Array) {
    return products.multiply(input, map.weights, map.biases.length, { bias: map.biases }) as A;
  }
  const { weights, biases } = map;
  const outputs = biases.length;
  const inputs = weights.length / outputs;
  const examples = input.length / inputs;
  const out = zerosLike(weights, examples * outputs);
  for (let example = 0; example < examples; example++) {
    const row = out.subarray(example * outputs, (example + 1) * outputs);
    row.set(biases);
    for (let i = 0; i < inputs; i++) {
      const value = input[example * inputs + i]!;
      if (value === 0) continue;
      const from = i * outputs;
      for (let j = 0; j < outputs; j++) row[j] = row[j]! + value * weights[from + j]!;
    }
  }
  return out;
}

function isFloat32(map: LayerMap<Numbers>): map is LayerMap<Float32Array> {
  return map.weights instanceof Float32Array;
}
