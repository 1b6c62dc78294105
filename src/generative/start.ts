import { type WasmProducts, wasmProducts } from '../arithmetic/wasm-products.ts';
import { randomBlock } from '../random/address.ts';
import { NETWORK_PURPOSE } from '../random/network-purposes.ts';
import { type GenerativeModel, type LayerMap, latentLayers, type ModelParameters } from './model.ts';
import { principalMap } from './principal-map.ts';
import { encode, inputsOf } from './reference/maps.ts';
import { momentsOf, SMALLEST_VARIANCE } from './reference/regression.ts';
import type { GenerativeSpec } from './spec.ts';

/** Images that the means and scales of the encoders' inputs are measured on, at most. */
const MEASURED_IMAGES = 1000;
/** Images that principal directions are taken of, at most. */
const PRINCIPAL_IMAGES = 4000;

/**
 * Weights before training: decoders by Glorot's uniform distribution, encoders as the settings say; the input of each
 * unit of an encoder has the mean and standard deviation that homeostasis aims at. Biases of decoders are 0.
 *
 * @param images training images, shape [images][pixels], 0 … 255
 */
export async function startParameters(
  { sizes, hiddenScale }: GenerativeModel,
  images: Uint8Array,
  { seed, training }: Pick<GenerativeSpec, 'seed' | 'training'>,
): Promise<ModelParameters> {
  // The same products whatever trains afterwards, so that every training of a spec starts at the same bits.
  const products = await wasmProducts();
  const model: GenerativeModel = { sizes, hiddenScale, products };
  const { start, homeostasis } = training;
  const layers = latentLayers(model);
  const decoders = Array.from({ length: layers }, (_, k) => {
    const map = uniformMap(sizes[k + 1]!, sizes[k]!, seed, layers + k);
    const unit = k + 1 < layers ? model.hiddenScale : 1;
    return { ...map, weights: map.weights.map((weight) => weight / unit) };
  });
  const encoders: LayerMap[] = [];
  const firstImages = (most: number) => Array.from({ length: Math.min(most, images.length / sizes[0]!) }, (_, n) => n);
  for (let layer = 1; layer <= layers; layer++) {
    const below = (which: readonly number[]) => {
      let activities = imagesAt(images, sizes[0]!, which);
      for (let k = 1; k < layer; k++) activities = encode(model, { encoders, decoders }, k, activities);
      return activities;
    };
    const isTop = layer === layers;
    const inputs = sizes[layer - 1]!;
    const units = sizes[layer]!;
    const measured = below(firstImages(MEASURED_IMAGES));
    const imageCount = images.length / sizes[0]!;
    const number = layer - 1;
    const mapOf = {
      uniform: () => uniformMap(inputs, units, seed, number),
      imprint: () => imprintedMap(below(imprintedImages(seed, number, units, imageCount)), measured, inputs),
      principal: () =>
        principalMap(below(firstImages(PRINCIPAL_IMAGES)), inputs, units, { products, seed, map: number }),
    };
    const map = mapOf[isTop ? start.top : start.hidden]();
    settle(map, measured, isTop ? homeostasis.top : homeostasis.hidden, products);
    encoders.push(map);
  }
  return { encoders, decoders };
}

/**
 * Glorot-uniform weights, ±√(6 / (inputs + outputs)): weight w (row-major) of map m is word w mod 4 of the random block
 * at (seed, mapWeights, m, 0, ⌊w / 4⌋).
 */
function uniformMap(inputs: number, outputs: number, seed: number, map: number): LayerMap {
  const weights = new Float32Array(inputs * outputs);
  const limit = Math.sqrt(6 / (inputs + outputs));
  for (let first = 0; first < weights.length; first += 4) {
    const words = randomBlock(seed, NETWORK_PURPOSE.mapWeights, map, 0, first / 4);
    for (let k = 0; k < 4 && first + k < weights.length; k++) {
      weights[first + k] = limit * ((words[k]! + 0.5) * 2 ** -31 - 1);
    }
  }
  return { weights, biases: new Float32Array(outputs) };
}

/** Each unit's weights are the activities of one image minus the mean ones. @param activities shape [units][inputs] */
function imprintedMap(activities: Float32Array, measured: Float32Array, inputs: number): LayerMap {
  const units = activities.length / inputs;
  const { mean } = momentsOf(measured, inputs);
  const weights = new Float32Array(inputs * units);
  for (let unit = 0; unit < units; unit++) {
    for (let i = 0; i < inputs; i++) weights[i * units + unit] = activities[unit * inputs + i]! - mean[i]!;
  }
  return { weights, biases: new Float32Array(units) };
}

/** Which image each unit of a map is imprinted with: words of the blocks at (seed, imprints, map). */
function imprintedImages(seed: number, map: number, units: number, images: number): number[] {
  return Array.from({ length: units }, (_, unit) => {
    const word = randomBlock(seed, NETWORK_PURPOSE.imprints, map, 0, unit >>> 2)[unit & 3]!;
    return Math.floor((word / 2 ** 32) * images);
  });
}

/** Scales weights and sets biases so that each unit's input has this mean and standard deviation, in place. */
function settle(
  map: LayerMap,
  input: Float32Array,
  goal: { readonly sd: number; readonly mean: number },
  products: WasmProducts,
): void {
  const outputs = map.biases.length;
  const { mean, variance } = momentsOf(inputsOf(map, input, products), outputs);
  for (let j = 0; j < outputs; j++) {
    const gain = goal.sd / Math.sqrt(variance[j]! + SMALLEST_VARIANCE);
    for (let i = j; i < map.weights.length; i += outputs) map.weights[i] = map.weights[i]! * gain;
    map.biases[j] = goal.mean - gain * mean[j]!;
  }
}

/** Pixels of some images, 0 … 1; shape [which][pixels]. */
function imagesAt(images: Uint8Array, pixels: number, which: readonly number[]): Float32Array {
  const values = new Float32Array(which.length * pixels);
  which.forEach((image, row) => {
    for (let i = 0; i < pixels; i++) values[row * pixels + i] = images[image * pixels + i]! / 255;
  });
  return values;
}
