import { EngineError } from '../errors.ts';
import type { LabelledImages } from '../io/mnist.ts';
import { randomBlock } from '../random/address.ts';
import { NETWORK_PURPOSE } from '../random/network-purposes.ts';
import type { EngineOptions, ModelEngine } from './engine.ts';
import { paperInference } from './inference-settings.ts';
import type { GenerativeModel, ModelParameters, Prior } from './model.ts';
import { modelOf, type SavedTraining, type TrainingPoint } from './model-file.ts';
import { decode, decodeFromTop } from './reference/maps.ts';
import { meanCosine, targetPressure, trueGradient } from './reference/pressure.ts';
import { momentsOf } from './reference/regression.ts';
import { freshState } from './reference/train.ts';
import type { GenerativeSpec } from './spec.ts';
import { startParameters } from './start.ts';
import type { Trainer, TrainerOptions } from './trainer.ts';

/** Where trainings are computed. */
export interface TrainingPlace {
  openTrainer(options: TrainerOptions): Promise<Trainer>;
  openEngine(model: GenerativeModel, parameters: ModelParameters): Promise<ModelEngine>;
}

/** What a training takes beside its spec and images. */
export interface TrainingOptions extends EngineOptions {
  /** Goes on from here. */
  readonly from?: SavedTraining;
  /** Updates between two calls of `onSaved`, beside the ends of epochs. Default 200. */
  readonly saveEvery?: number;
  /** Told the training after so many updates and at its end; awaited. */
  readonly onSaved?: (training: SavedTraining) => Promise<void> | void;
}

/** Images behind the training images that the curves are measured on; they are never trained on. */
const CURVE_IMAGES = 200;
/** Of these, those on which Eq. 12 is compared with the gradient. */
const COSINE_IMAGES = 20;

/** Updates of a whole training. */
export function updatesOf({ training }: GenerativeSpec, images: number): number {
  return training.epochs * Math.floor(images / training.batch);
}

/**
 * TRAIN (generative paper, Algorithm 2): epochs of updates, each on a batch of images in an order that is drawn anew for
 * every epoch, and the prior at the end. The same spec, images and adapter give the same bits, however often the
 * training was interrupted and continued from what `onSaved` was told.
 *
 * @param data its first `images` images are trained on
 * @throws EngineError `invalid-option` where there are too few images, `aborted` after the last save where the signal
 *   came, `diverged`, and those of the place.
 */
export async function runTraining(
  place: TrainingPlace,
  spec: GenerativeSpec,
  data: LabelledImages,
  images: number,
  { from, saveEvery = 200, onSaved, signal, onProgress }: TrainingOptions = {},
): Promise<SavedTraining> {
  const pixels = data.rows * data.columns;
  const model = modelOf(spec, pixels);
  const { batch } = spec.training;
  if (images < batch || images > data.count) {
    const expected = `from ${batch} (one batch) to ${data.count}`;
    const message = `images: ${images} is not allowed; expected ${expected}`;
    throw new EngineError('invalid-option', message, { path: 'images', value: images, expected });
  }
  const bytes = data.images.subarray(0, images * pixels);
  const totalUpdates = updatesOf(spec, images);
  const perEpoch = Math.floor(images / batch);
  const state = from?.state ?? freshState(model, await startParameters(model, bytes, spec));
  const curve = [...(from?.curve ?? [])];
  const held = pixelsOf(data, Math.min(images, data.count - CURVE_IMAGES), CURVE_IMAGES);
  const trainer = await place.openTrainer({
    model,
    state,
    images: bytes,
    imageCount: images,
    settings: spec.training,
    seed: spec.seed,
    totalUpdates,
    varianceFactor: spec.prior.varianceFactor,
  });
  try {
    let orderOf = -1;
    while (trainer.updates < totalUpdates) {
      const epoch = Math.floor(trainer.updates / perEpoch);
      if (epoch !== orderOf) trainer.setOrder(epochOrder(spec.seed, epoch, images));
      orderOf = epoch;
      await trainer.update((trainer.updates % perEpoch) * batch);
      const { updates } = trainer;
      onProgress?.({ done: updates * batch, total: totalUpdates * batch });
      const last = updates === totalUpdates;
      if (last || signal?.aborted || updates % saveEvery === 0 || updates % perEpoch === 0) {
        const training = await saved(last);
        await onSaved?.(training);
        if (last) return training;
        if (signal?.aborted) {
          throw new EngineError('aborted', `interrupted after ${updates} of ${totalUpdates} updates`);
        }
      }
    }
    // Nothing was left to do.
    return await saved(true);
  } finally {
    trainer.destroy();
  }

  async function saved(last: boolean): Promise<SavedTraining> {
    const reached = await trainer.read();
    const { parameters } = reached;
    const { variance } = reached.statistics.at(-1)!;
    if (!variance.every(Number.isFinite) || !parameters.decoders.every(({ biases }) => biases.every(Number.isFinite))) {
      const message = `the training diverged within ${reached.updates} updates; smaller rates may help`;
      throw new EngineError('diverged', message);
    }
    const engine = await place.openEngine(model, parameters);
    try {
      if (curve.at(-1)?.updates !== reached.updates) {
        curve.push(await pointOf(engine, model, parameters, held, reached.updates, variance));
      }
      const prior = last ? await priorOf(engine, model, spec, data, images) : undefined;
      return {
        spec,
        imageShape: [data.rows, data.columns],
        images,
        state: reached,
        curve: [...curve],
        ...(prior ? { prior } : {}),
      };
    } finally {
      engine.destroy();
    }
  }
}

/** Images as activities of the pixels, 0 … 1; shape [count][pixels]. @param first of them */
export function pixelsOf({ images, rows, columns }: LabelledImages, first: number, count: number): Float32Array {
  const pixels = rows * columns;
  return Float32Array.from(images.subarray(first * pixels, (first + count) * pixels), (byte) => byte / 255);
}

/** The order of the images in an epoch: Fisher and Yates's shuffle with words of the blocks at (seed, epochOrder, 0, epoch). */
export function epochOrder(seed: number, epoch: number, images: number): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: images }, (_, i) => i);
  for (let i = images - 1; i > 0; i--) {
    const word = randomBlock(seed, NETWORK_PURPOSE.epochOrder, 0, epoch, i >>> 2)[i & 3]!;
    const j = Math.floor((word / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Mean and variance of the top units over training images by INFERENCE, the variance multiplied. */
async function priorOf(
  engine: ModelEngine,
  model: GenerativeModel,
  { prior }: GenerativeSpec,
  data: LabelledImages,
  images: number,
): Promise<Prior> {
  const state = await engine.infer(pixelsOf(data, 0, Math.min(images, prior.images)), paperInference);
  const { mean, variance } = momentsOf(state.at(-1)!, model.sizes.at(-1)!);
  return {
    mean: Float32Array.from(mean),
    variance: Float32Array.from(variance, (value) => value * prior.varianceFactor),
  };
}

async function pointOf(
  engine: ModelEngine,
  model: GenerativeModel,
  parameters: ModelParameters,
  pixels: Float32Array,
  updates: number,
  topVariance: Float32Array,
): Promise<TrainingPoint> {
  const inferred = await engine.infer(pixels, paperInference);
  const encoded = await engine.infer(pixels, { ...paperInference, steps: 0 });
  const joint = await engine.logJointCurve(pixels, paperInference);
  const examples = pixels.length / model.sizes[0]!;
  const meanOf = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const errorOf = (shown: Float32Array) => meanOf(shown.map((value, i) => (value - pixels[i]!) ** 2));
  const spread = topVariance.map(Math.sqrt);
  return {
    updates,
    reconstruction: errorOf(decode(model, parameters, 1, inferred[0]!)),
    deepReconstruction: errorOf(decodeFromTop(model, parameters, encoded.at(-1)!)),
    logJoint: [meanOf(joint.subarray(0, examples)), meanOf(joint.subarray(joint.length - examples))],
    pressureCosines: encoded.map((above, k) => {
      const below = k === 0 ? pixels : encoded[k - 1]!;
      const some = (values: Float32Array, units: number) => values.subarray(0, COSINE_IMAGES * units);
      const [from, at] = [some(below, model.sizes[k]!), some(above, model.sizes[k + 1]!)];
      const gradient = trueGradient(model, parameters, k + 1, from, at);
      return meanCosine(targetPressure(model, parameters, k + 1, from, at), gradient, model.sizes[k + 1]!);
    }),
    topSpread: { least: Math.min(...spread), mean: meanOf(spread) },
  };
}
