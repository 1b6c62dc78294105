import type { WasmProducts } from '../arithmetic/wasm-products.ts';
import { EngineError } from '../errors.ts';

/** An array of a model's numbers: float32 on the device and in files, float64 in the reference. */
export type Numbers = Float32Array | Float64Array;

/**
 * A chain of layers x = h₀, h₁ … h_M with an encoder f_k from layer k − 1 to k and a decoder g_k from k to k − 1
 * (generative paper, §4, Eq. 7). Pixels and the top layer are sigmoid units, the layers between them softplus units.
 */
export interface GenerativeModel {
  /** Units of each layer: pixels first, top last; at least two layers of latent units. The paper: 784, 1000, 100. */
  readonly sizes: readonly number[];
  /**
   * Unit of activity of the softplus layers: h = hiddenScale · ln(1 + e^z). All conditional variances are 1, so this
   * says how much log p(x, h) makes of a hidden layer beside the pixels; it changes neither inference nor samples. The
   * paper has 1.
   */
  readonly hiddenScale: number;
  /** Computes float32 products in the reference's functions; default: plain loops, as for float64. */
  readonly products?: WasmProducts;
}

/** One map between neighbouring layers: activation(input · weights + biases). */
export interface LayerMap<A extends Numbers = Float32Array> {
  /** Shape [units of the input][units of the output], row-major. */
  readonly weights: A;
  /** Shape [units of the output]. */
  readonly biases: A;
}

/** What is learned. Encoders and decoders share nothing: no weight is transported. */
export interface ModelParameters<A extends Numbers = Float32Array> {
  /** f₁ … f_M: `encoders[k]` maps layer k to layer k + 1. */
  readonly encoders: readonly LayerMap<A>[];
  /** g₁ … g_M: `decoders[k]` maps layer k + 1 to layer k. */
  readonly decoders: readonly LayerMap<A>[];
}

/** Independent Gaussians over the top layer, p(h_M); shape [units of the top layer] each. */
export interface Prior<A extends Numbers = Float32Array> {
  readonly mean: A;
  readonly variance: A;
}

/** A latent state: h₁ … h_M of a batch, shape [examples][units] each. */
export type LatentState<A extends Numbers = Float32Array> = readonly A[];

/**
 * @throws EngineError `invalid-spec` where the sizes or the scale are not acceptable.
 */
export function createModel({ sizes, hiddenScale }: GenerativeModel): GenerativeModel {
  if (sizes.length < 3) throw refusal('sizes', sizes, 'pixels and at least two layers of latent units');
  sizes.forEach((size, layer) => {
    if (!Number.isSafeInteger(size) || size < 1) throw refusal(`sizes[${layer}]`, size, 'an integer of 1 or more');
  });
  if (!(hiddenScale > 0 && Number.isFinite(hiddenScale))) throw refusal('hiddenScale', hiddenScale, 'a number > 0');
  return { sizes: [...sizes], hiddenScale };
}

/** M, layers of latent units. */
export function latentLayers({ sizes }: GenerativeModel): number {
  return sizes.length - 1;
}

/** Units of the top layer. */
export function topUnits({ sizes }: GenerativeModel): number {
  return sizes.at(-1)!;
}

/** A zeroed array of the kind of another one. */
export function zerosLike<A extends Numbers>(model: A, length: number): A {
  return new (model.constructor as new (length: number) => A)(length);
}

/** The same parameters in float64, for the reference. */
export function inFloat64({ encoders, decoders }: ModelParameters<Numbers>): ModelParameters<Float64Array> {
  const wide = (maps: readonly LayerMap<Numbers>[]) =>
    maps.map(({ weights, biases }) => ({ weights: Float64Array.from(weights), biases: Float64Array.from(biases) }));
  return { encoders: wide(encoders), decoders: wide(decoders) };
}

function refusal(path: string, value: unknown, expected: string): EngineError {
  const message = `${path}: ${JSON.stringify(value)} is not allowed; expected ${expected}`;
  return new EngineError('invalid-spec', message, { path, value, expected });
}
