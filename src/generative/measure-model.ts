import type { LabelledImages, Mnist } from '../io/mnist.ts';
import type { EngineOptions, EngineProgress, ModelEngine } from './engine.ts';
import { paperInference } from './inference-settings.ts';
import { damaged, type MissingPattern, missingError, missingPatterns } from './missing.ts';
import type { PortableModel } from './portable-model.ts';
import { decodeFromTop } from './reference/maps.ts';
import { estimateOf, type LikelihoodEstimate } from './reference/parzen.ts';
import { pixelsOf } from './run-training.ts';
import { drawSamples } from './samples.ts';
import { defaultTrainingImages } from './training-images.ts';

/** σ of the Parzen density in the paper. */
const PAPER_SIGMA = 0.2;
/** σ among which the validation images choose. */
const SIGMAS = [0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.24] as const;
/** Steps of the log p(x, h) curve, as in the paper's Fig. 4. */
const CURVE_STEPS = 20;
/** Rounds of filling in missing pixels, as in the paper. */
const INPAINT_ROUNDS = 20;

/** How much is measured; the defaults are the whole test set and 10,000 samples. */
export interface MeasureOptions extends EngineOptions {
  /** Samples, and real images, that are the centres of the densities. Default 10,000. */
  readonly samples?: number;
  /** Test images of likelihoods and of log p(x, h), from the first on. Default all. */
  readonly testImages?: number;
  /** Images, from the first on, that the model was trained on. Default all but the last 10,000, as `generative train`. */
  readonly trainingImages?: number;
  /** Validation images that choose σ. Default 1,000. */
  readonly validationImages?: number;
  /** Test images that are filled in. Default 1,000. */
  readonly inpaintImages?: number;
  /** Seed of samples and of what is missing. */
  readonly seed?: number;
  readonly onStage?: (name: string) => void;
}

/** Likelihoods of test images under densities around samples of the chain, of the directed model, and real images. */
export interface Likelihoods {
  readonly sigma: number;
  readonly chain: LikelihoodEstimate;
  readonly directed: LikelihoodEstimate;
  /** The first training images: what shows how far the measure can be trusted. */
  readonly real: LikelihoodEstimate;
}

/** Errors on missing pixels, mean squares. */
export interface InpaintErrors {
  readonly missing_mse: number;
  /** With the mean training image in their place. */
  readonly mean_fill_mse: number;
  /** After encoding the damaged image and decoding it, once, through all layers. */
  readonly reconstruction_mse: number;
}

/** What `generative likelihood` measures. */
export interface ModelMeasures extends Likelihoods {
  /** With the σ that gives validation images the largest likelihood under the chain. */
  readonly validated: Likelihoods;
  /** Mean log p(x, h) before inference and after each step, up to the constant: see `reference/joint.ts`. */
  readonly logp_curve: readonly number[];
  readonly logp_curve_se: readonly number[];
  /** Share of the images whose log p(x, h) ends above its start. */
  readonly logp_rising_share: number;
  /** Steps in which the mean rises. */
  readonly logp_rising_steps: number;
  readonly inpaint: InpaintErrors & { readonly patterns: Readonly<Record<MissingPattern, InpaintErrors>> };
  readonly samples: number;
  readonly test_images: number;
}

/** Measures a trained model: likelihoods, log p(x, h) along inference, and filled-in pixels. */
export async function measureModel(
  engine: ModelEngine,
  portable: PortableModel,
  { train, test }: Mnist,
  options: MeasureOptions = {},
): Promise<ModelMeasures> {
  const { samples = 10_000, validationImages = 1000, inpaintImages = 1000, seed = 1, signal, onStage } = options;
  const { model, prior, generation } = portable;
  const trained = Math.min(options.trainingImages ?? defaultTrainingImages(train.count), train.count);
  const testImages = Math.min(options.testImages ?? test.count, test.count);
  const centres = Math.min(samples, train.count);
  const stage = (name: string) => {
    onStage?.(name);
    const onProgress = (progress: EngineProgress) => options.onProgress?.(progress);
    return { ...(signal ? { signal } : {}), onProgress };
  };
  const drawn = await drawSamples(engine, model, prior, generation, {
    count: samples,
    seed,
    ...stage('samples'),
  });
  const points = pixelsOf(test, 0, testImages);
  const validation = validationOf(train, trained, validationImages);
  const scores = await engine.parzen(drawn.chain, validation, SIGMAS, stage('choice of σ'));
  const means = scores.map((values) => estimateOf(values).mean);
  const sigmas = [PAPER_SIGMA, SIGMAS[means.indexOf(Math.max(...means))]!];
  const chain = await engine.parzen(drawn.chain, points, sigmas, stage('likelihood, chain'));
  const directed = await engine.parzen(drawn.directed, points, sigmas, stage('likelihood, directed'));
  const real = await engine.parzen(pixelsOf(train, 0, centres), points, sigmas, stage('likelihood, real images'));
  const likelihoods = sigmas.map((sigma, s) => ({
    sigma,
    chain: estimateOf(chain[s]!),
    directed: estimateOf(directed[s]!),
    real: estimateOf(real[s]!),
  }));
  const curve = await engine.logJointCurve(points, { ...paperInference, steps: CURVE_STEPS }, stage('log p(x, h)'));
  const images = pixelsOf(test, 0, Math.min(inpaintImages, test.count));
  const patterns = {} as Record<MissingPattern, InpaintErrors>;
  for (const pattern of missingPatterns) {
    patterns[pattern] = await inpaintErrors(pattern, images, stage(`missing pixels, ${pattern}`));
  }
  return {
    ...likelihoods[0]!,
    validated: likelihoods[1]!,
    ...curveOf(curve, testImages),
    inpaint: { ...patterns.random, patterns },
    samples,
    test_images: testImages,
  };

  async function inpaintErrors(
    pattern: MissingPattern,
    whole: Float32Array,
    engineOptions: EngineOptions,
  ): Promise<InpaintErrors> {
    const { visible, pixels } = damaged(whole, [train.rows, train.columns], pattern, seed);
    const settings = { ...generation.inference, rounds: INPAINT_ROUNDS };
    const filled = await engine.inpaint(pixels, visible, settings, engineOptions);
    const mean = meanImage(train, trained);
    const once = await reconstructed(engine, portable, pixels);
    return {
      missing_mse: missingError(filled, whole, visible),
      mean_fill_mse: missingError(
        whole.map((_, i) => mean[i % mean.length]!),
        whole,
        visible,
      ),
      reconstruction_mse: missingError(once, whole, visible),
    };
  }
}

/** Encoded and decoded through all layers, once. */
async function reconstructed(
  engine: ModelEngine,
  { model, parameters }: PortableModel,
  pixels: Float32Array,
): Promise<Float32Array> {
  const state = await engine.infer(pixels, { ...paperInference, steps: 0 });
  return decodeFromTop(model, parameters, state.at(-1)!);
}

/** Mean of the training images. */
export function meanImage({ images, rows, columns }: LabelledImages, count: number): Float32Array {
  const size = rows * columns;
  const sums = new Float64Array(size);
  for (let i = 0; i < count * size; i++) sums[i % size] = sums[i % size]! + images[i]!;
  return Float32Array.from(sums, (sum) => sum / (255 * count));
}

/** Images behind those that were trained on, or the last ones where all were. */
function validationOf(train: LabelledImages, trained: number, count: number): Float32Array {
  const some = Math.min(count, train.count);
  return pixelsOf(train, Math.min(trained, train.count - some), some);
}

function curveOf(curve: Float32Array, examples: number) {
  const times = curve.length / examples;
  const estimates = Array.from({ length: times }, (_, time) =>
    estimateOf(curve.subarray(time * examples, (time + 1) * examples)),
  );
  let rising = 0;
  for (let n = 0; n < examples; n++) if (curve[(times - 1) * examples + n]! > curve[n]!) rising++;
  return {
    logp_curve: estimates.map(({ mean }) => mean),
    logp_curve_se: estimates.map(({ se }) => se),
    logp_rising_share: rising / examples,
    logp_rising_steps: estimates.filter(({ mean }, time) => time > 0 && mean > estimates[time - 1]!.mean).length,
  };
}
