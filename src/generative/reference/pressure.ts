import { activationOf, slopeAt } from '../activation.ts';
import type { GenerativeModel, ModelParameters, Numbers } from '../model.ts';
import { zerosLike } from '../model.ts';
import { decode, encode, inputsOf } from './maps.ts';

/**
 * The gradient that difference target propagation stands for: ∂ log p(h_{k−1} | h_k) / ∂h_k with unit variance,
 * g_k′(h_k)ᵀ (h_{k−1} − g_k(h_k)). It needs the decoder's own derivative and transposed weights; inference has neither.
 *
 * @param layer k @param below h_{k−1} @param above h_k
 * @returns shape as `above`
 */
export function trueGradient<A extends Numbers>(
  model: GenerativeModel,
  { decoders }: ModelParameters<A>,
  layer: number,
  below: A,
  above: A,
): A {
  const { weights, biases } = decoders[layer - 1]!;
  const activation = activationOf(model, layer - 1);
  const shown = decode(model, { encoders: [], decoders }, layer, above);
  const z = inputsOf(decoders[layer - 1]!, above, model.products);
  const outputs = biases.length;
  const units = weights.length / outputs;
  const gradient = zerosLike(above, above.length);
  for (let at = 0; at < z.length; at++) {
    const error = (below[at]! - shown[at]!) * slopeAt(activation, z[at]!);
    const row = Math.floor(at / outputs) * units;
    const output = at % outputs;
    for (let i = 0; i < units; i++) gradient[row + i] = gradient[row + i]! + error * weights[i * outputs + output]!;
  }
  return gradient;
}

/** The estimate of Eq. 12 up to its scale: f_k(h_{k−1}) − f_k(g_k(h_k)). */
export function targetPressure<A extends Numbers>(
  model: GenerativeModel,
  parameters: ModelParameters<A>,
  layer: number,
  below: A,
  above: A,
): A {
  const wanted = encode(model, parameters, layer, below);
  const shown = encode(model, parameters, layer, decode(model, parameters, layer, above));
  return wanted.map((value, i) => value - shown[i]!) as A;
}

/** Mean over the examples of the cosine between two batches of vectors. @param units of a vector */
export function meanCosine(a: Numbers, b: Numbers, units: number): number {
  const examples = a.length / units;
  let total = 0;
  for (let example = 0; example < examples; example++) {
    let product = 0;
    let squareA = 0;
    let squareB = 0;
    for (let i = example * units; i < (example + 1) * units; i++) {
      product += a[i]! * b[i]!;
      squareA += a[i]! * a[i]!;
      squareB += b[i]! * b[i]!;
    }
    total += product / Math.sqrt(squareA * squareB || 1);
  }
  return total / examples;
}
