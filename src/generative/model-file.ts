import type { Checkpoint, SavedArray } from '../io/checkpoint.ts';
import { savedArray } from '../io/checkpoint.ts';
import { createModel, type GenerativeModel, type LayerMap, latentLayers, type Prior } from './model.ts';
import { parseGenerativeSpec } from './parse-spec.ts';
import type { PortableModel } from './portable-model.ts';
import type { MapMoments, TrainingState } from './reference/train.ts';
import type { GenerativeSpec } from './spec.ts';

/** Kind of a checkpoint of the generative model. */
export const MODEL_KIND = 'generative';

/** A training as a file keeps it: what it needs to go on and, once it has ended, the prior. */
export interface SavedTraining {
  readonly spec: GenerativeSpec;
  /** Pixels down and across. */
  readonly imageShape: readonly [number, number];
  /** Training images, from the first on, that it uses. */
  readonly images: number;
  readonly state: TrainingState;
  /** p(h_M): mean and variance, the latter with the spec's factor; there after the last update. */
  readonly prior?: Prior;
  /** What was measured along the way. */
  readonly curve: readonly TrainingPoint[];
}

/** A point of a training's curves. */
export interface TrainingPoint {
  readonly updates: number;
  /** Mean squared error of pixels after INFERENCE, g₁(h₁), on the images that are held for it. */
  readonly reconstruction: number;
  /** Of pixels after encoding and decoding through all layers. */
  readonly deepReconstruction: number;
  /** log p(x, h) before INFERENCE and after it, means over these images. */
  readonly logJoint: readonly [number, number];
  /** Standard deviation of top units over training images: the least of all units and the mean. 0 is a dead unit. */
  readonly topSpread: { readonly least: number; readonly mean: number };
  /**
   * Eq. 12 against the gradient it stands for, before INFERENCE, of h₁ … h_M: mean cosine of f(h_below) − f(g(h)) with
   * ∂ log p(h_below | h) / ∂h.
   */
  readonly pressureCosines: readonly number[];
}

/** The model of a spec for images of so many pixels. */
export function modelOf({ layers, hiddenScale }: GenerativeSpec, pixels: number): GenerativeModel {
  return createModel({ sizes: [pixels, ...layers], hiddenScale });
}

/** What can be asked of a training that has ended. */
export function portableOf({
  spec,
  imageShape,
  state,
  prior,
}: SavedTraining & { readonly prior: Prior }): PortableModel {
  const model = modelOf(spec, imageShape[0] * imageShape[1]);
  return { model, imageShape, parameters: state.parameters, prior, generation: spec.generation };
}

/**
 * A training as a checkpoint (`packCheckpoint`). Its arrays, row-major: for k = 1 … M `encoder-k-weights` [units of
 * layer k − 1][units of layer k] and `encoder-k-biases`, `decoder-k-weights` [k][k − 1] and `decoder-k-biases`, each
 * with `…-first` and `…-second`, Adam's running means; `mean-k` and `variance-k` of the units of layer k; `prior-mean`
 * and `prior-variance` at the end.
 */
export function packTraining({ spec, imageShape, images, state, prior, curve }: SavedTraining): Checkpoint {
  const arrays: Record<string, SavedArray> = {};
  const put = (name: string, values: Float32Array, shape: readonly number[]) => {
    arrays[name] = { shape, values: values as Float32Array<ArrayBuffer> };
  };
  for (const kind of ['encoder', 'decoder'] as const) {
    state.parameters[`${kind}s`].forEach(({ weights, biases }, k) => {
      const outputs = biases.length;
      const shape = [weights.length / outputs, outputs];
      const moments = state.moments[`${kind}s`][k]!;
      const name = `${kind}-${k + 1}`;
      put(`${name}-weights`, weights, shape);
      put(`${name}-biases`, biases, [outputs]);
      put(`${name}-weights-first`, moments.weights.first, shape);
      put(`${name}-weights-second`, moments.weights.second, shape);
      put(`${name}-biases-first`, moments.biases.first, [outputs]);
      put(`${name}-biases-second`, moments.biases.second, [outputs]);
    });
  }
  state.statistics.forEach(({ mean, variance }, k) => {
    put(`mean-${k + 1}`, mean, [mean.length]);
    put(`variance-${k + 1}`, variance, [variance.length]);
  });
  if (prior) {
    put('prior-mean', prior.mean, [prior.mean.length]);
    put('prior-variance', prior.variance, [prior.variance.length]);
  }
  return { kind: MODEL_KIND, about: { spec, imageShape, images, updates: state.updates, curve }, arrays };
}

/**
 * The inverse of {@link packTraining}.
 *
 * @param path of the file, for errors
 * @throws EngineError `file` or `invalid-spec` where it is no training of this version.
 */
export function unpackTraining(checkpoint: Checkpoint, path: string): SavedTraining {
  const about = checkpoint.about as Omit<SavedTraining, 'state' | 'prior'> & { readonly updates: number };
  const spec = parseGenerativeSpec(about.spec);
  const [rows, columns] = about.imageShape;
  const model = modelOf(spec, rows * columns);
  const get = (name: string, shape: readonly number[]) => savedArray(checkpoint, path, name, shape);
  const mapOf = (kind: 'encoder' | 'decoder', k: number): { map: LayerMap; moments: MapMoments<Float32Array> } => {
    const [inputs, outputs] = kind === 'encoder' ? [k, k + 1] : [k + 1, k];
    const shape = [model.sizes[inputs]!, model.sizes[outputs]!];
    const units = [model.sizes[outputs]!];
    const name = `${kind}-${k + 1}`;
    return {
      map: { weights: get(`${name}-weights`, shape), biases: get(`${name}-biases`, units) },
      moments: {
        weights: { first: get(`${name}-weights-first`, shape), second: get(`${name}-weights-second`, shape) },
        biases: { first: get(`${name}-biases-first`, units), second: get(`${name}-biases-second`, units) },
      },
    };
  };
  const layers = Array.from({ length: latentLayers(model) }, (_, k) => k);
  const encoders = layers.map((k) => mapOf('encoder', k));
  const decoders = layers.map((k) => mapOf('decoder', k));
  const top = [model.sizes.at(-1)!];
  return {
    spec,
    imageShape: about.imageShape,
    images: about.images,
    curve: about.curve,
    state: {
      parameters: { encoders: encoders.map(({ map }) => map), decoders: decoders.map(({ map }) => map) },
      moments: { encoders: encoders.map(({ moments }) => moments), decoders: decoders.map(({ moments }) => moments) },
      statistics: layers.map((k) => ({
        mean: get(`mean-${k + 1}`, [model.sizes[k + 1]!]),
        variance: get(`variance-${k + 1}`, [model.sizes[k + 1]!]),
      })),
      updates: about.updates,
    },
    ...('prior-mean' in checkpoint.arrays
      ? { prior: { mean: get('prior-mean', top), variance: get('prior-variance', top) } }
      : {}),
  };
}
