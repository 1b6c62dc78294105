import type { InferenceSettings } from './inference-settings.ts';
import type { LatentState } from './model.ts';
import type { GenerationSettings, Samples } from './reference/generate.ts';

/** How far a long computation is: examples done and in all. */
export interface EngineProgress {
  readonly done: number;
  readonly total: number;
}

/** What long computations take. */
export interface EngineOptions {
  /** Aborts between batches. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EngineProgress) => void;
}

/** Computes with one trained model, for any number of examples: on a GPU, or in plain TypeScript. */
export interface ModelEngine {
  /** Latent states by INFERENCE, with Langevin noise of a temperature, default 0. @param pixels shape [examples][pixels] */
  infer(
    pixels: Float32Array,
    settings: InferenceSettings,
    options?: EngineOptions & { readonly temperature?: number; readonly seed?: number },
  ): Promise<LatentState>;
  /** log p(x, h) before the first step and after each; shape [steps + 1][examples]. */
  logJointCurve(pixels: Float32Array, settings: InferenceSettings, options?: EngineOptions): Promise<Float32Array>;
  /** GENERATE from states of the top layer, shape [examples][units]. */
  generate(top: Float32Array, settings: GenerationSettings, options?: EngineOptions): Promise<Samples<Float32Array>>;
  /** Fills in the pixels that are not visible (1 or 0). */
  inpaint(
    pixels: Float32Array,
    visible: Float32Array,
    settings: InferenceSettings & { readonly rounds: number },
    options?: EngineOptions,
  ): Promise<Float32Array>;
  /**
   * Parzen log-likelihoods of points for several σ; shape [σ][points]. Uses no model.
   *
   * @param centres shape [centres][pixels] @param points shape [points][pixels]
   */
  parzen(
    centres: Float32Array,
    points: Float32Array,
    sigmas: readonly number[],
    options?: EngineOptions,
  ): Promise<readonly Float64Array[]>;
  destroy(): void;
}
