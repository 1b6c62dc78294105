import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import {
  type GenerativeModel,
  latentLayers,
  type ModelParameters,
  type Numbers,
  topUnits,
  zerosLike,
} from '../model.ts';
import { normalsOf } from '../noise.ts';
import type { MatchingSettings } from '../training-settings.ts';
import { decode } from './maps.ts';

/**
 * The pool of an update: top states drawn from Normal(½, sd²), kept in 0 … 1, and what they are decoded to. See
 * `MatchingSettings`.
 *
 * @returns activities of all layers, pixels first, top last, shape [pool][units] each; none without matching
 */
export function drawPool<A extends Numbers>(
  model: GenerativeModel,
  parameters: ModelParameters<A>,
  { pool, sd }: MatchingSettings,
  seed: number,
  update: number,
): readonly A[] | undefined {
  if (pool === 0) return undefined;
  const kind = parameters.decoders[0]!.biases;
  const address = { seed, purpose: NETWORK_PURPOSE.poolStates, time: update, firstRow: 0 };
  const top = normalsOf(kind, address, pool, topUnits(model));
  for (let i = 0; i < top.length; i++) top[i] = Math.min(1, Math.max(0, 0.5 + sd * top[i]!));
  const layers = [top];
  for (let layer = latentLayers(model); layer >= 1; layer--)
    layers.unshift(decode(model, parameters, layer, layers[0]!));
  return layers;
}

/**
 * The top state of the pool that each image starts from: the one whose pixels have the least squared distance from it,
 * of equally near ones the first.
 *
 * @param pool as {@link drawPool} gives it @param pixels shape [examples][pixels]
 * @returns shape [examples][units of the top layer]
 */
export function matchedTop<A extends Numbers>(model: GenerativeModel, pool: readonly A[], pixels: A): A {
  const units = topUnits(model);
  const states = pool.at(-1)!;
  const examples = pixels.length / model.sizes[0]!;
  const matched = zerosLike(states, examples * units);
  nearestTo(model, pool[0]!, pixels).forEach((state, row) => {
    matched.set(states.subarray(state * units, (state + 1) * units), row * units);
  });
  return matched;
}

/** For each image the row of `centres` that is nearest to it. */
function nearestTo<A extends Numbers>({ sizes, products }: GenerativeModel, centres: A, pixels: A): Uint32Array {
  const size = sizes[0]!;
  const count = centres.length / size;
  const examples = pixels.length / size;
  const inner = innerProducts();
  const least = new Float64Array(examples).fill(Number.POSITIVE_INFINITY);
  const nearest = new Uint32Array(examples);
  for (let centre = 0; centre < count; centre++) {
    let squares = 0;
    for (let i = centre * size; i < (centre + 1) * size; i++) squares += centres[i]! * centres[i]!;
    for (let row = 0; row < examples; row++) {
      // ‖x − c‖² but for ‖x‖², which is the same for all.
      const distance = squares - 2 * inner[centre * examples + row]!;
      if (distance < least[row]!) {
        least[row] = distance;
        nearest[row] = centre;
      }
    }
  }
  return nearest;

  /** Centres · imagesᵀ, shape [centres][images]. */
  function innerProducts(): Numbers {
    if (products && centres instanceof Float32Array) {
      const turned = new Float32Array(pixels.length);
      for (let row = 0; row < examples; row++) {
        for (let i = 0; i < size; i++) turned[i * examples + row] = pixels[row * size + i]!;
      }
      return products.multiply(centres, turned, examples);
    }
    const sums = new Float64Array(count * examples);
    for (let at = 0; at < sums.length; at++) {
      const [centre, row] = [Math.floor(at / examples) * size, (at % examples) * size];
      for (let i = 0; i < size; i++) sums[at] = sums[at]! + centres[centre + i]! * pixels[row + i]!;
    }
    return sums;
  }
}
