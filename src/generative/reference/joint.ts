import { type GenerativeModel, type LatentState, latentLayers, type ModelParameters, type Numbers } from '../model.ts';
import { decode } from './maps.ts';

/**
 * log p(x, h) of each example up to a constant (generative paper, Eq. 7): −½ Σ_k ‖h_{k−1} − g_k(h_k)‖², k = 1 … M, with
 * x = h₀ and unit conditional variances. The constant −½ ln(2π) per unit below the top is left out, and so is the prior
 * on the top layer, which Algorithm 2 takes for very broad until generation.
 *
 * @returns nats, shape [examples]
 */
export function logJoint<A extends Numbers>(
  model: GenerativeModel,
  parameters: ModelParameters<A>,
  pixels: A,
  state: LatentState<A>,
): Float64Array {
  const examples = pixels.length / model.sizes[0]!;
  const sums = new Float64Array(examples);
  for (let layer = 1; layer <= latentLayers(model); layer++) {
    const below = layer === 1 ? pixels : state[layer - 2]!;
    const predicted = decode(model, parameters, layer, state[layer - 1]!);
    const units = model.sizes[layer - 1]!;
    for (let example = 0; example < examples; example++) {
      let squares = 0;
      for (let i = example * units; i < (example + 1) * units; i++) squares += (below[i]! - predicted[i]!) ** 2;
      sums[example] = sums[example]! - squares / 2;
    }
  }
  return sums;
}
