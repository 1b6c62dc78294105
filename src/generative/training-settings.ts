import type { InferenceSettings } from './inference-settings.ts';

/** Noise on what the maps learn from (generative paper, Algorithm 2: "h̃ is a corrupted version of h"). */
export interface CorruptionSettings {
  /** Standard deviation of Gaussian noise on pixels. */
  readonly pixels: number;
  /** Standard deviation of Gaussian noise on a hidden unit, in units of its own standard deviation over images. */
  readonly hidden: number;
  /** Bernoulli samples of a top unit whose mean stands for it; 0: none, the unit itself. */
  readonly spikes: number;
}

/**
 * Homeostasis of the encoders' units: after every update the weights of a unit are scaled towards a standard deviation
 * of its input over images, and its bias is moved towards a mean. A unit needs only its own input for it.
 */
export interface HomeostasisSettings {
  /** Share of the way that is gone per update; 0: none. */
  readonly rate: number;
  /** Standard deviation and mean of the inputs of softplus units. */
  readonly hidden: { readonly sd: number; readonly mean: number };
  /** Of the inputs of top units. */
  readonly top: { readonly sd: number; readonly mean: number };
}

/**
 * Matching: an E-step that starts from the prior. For every update a pool of top states is drawn from Normal(½, sd²),
 * kept in 0 … 1, and decoded; INFERENCE of an image starts from the one whose pixels are nearest to it, the best of so
 * many proposals of the prior (implicit maximum likelihood estimation, Li & Malik 2018, arXiv:1809.09087). The top
 * encoder learns the states of the pool from the layer below that they are decoded to.
 */
export interface MatchingSettings {
  /** Top states of an update's pool; 0: no matching, INFERENCE starts from the encoders' own. */
  readonly pool: number;
  /** Standard deviation of the distribution that they are drawn from. */
  readonly sd: number;
}

/**
 * Walkback: the decoders also learn to give the clean state from where the generating chain goes when it starts beside
 * the data. A share of the top units, drawn anew for each image from 0 … `share`, takes values of the prior; then 1 to
 * `rounds` rounds of decoding and INFERENCE follow.
 */
export interface WalkbackSettings {
  /** Largest share; 0: walks start from the inferred state itself. */
  readonly share: number;
  /** Most rounds; how many is drawn for each batch. 0: no walks. */
  readonly rounds: number;
  readonly inference: InferenceSettings;
}

/** Adam's step sizes; its other constants are 0.9, 0.999 and 10⁻⁸. */
export interface RateSettings {
  /** Of the decoders, for inputs of unit scale; falls linearly to 0 over the training. */
  readonly decoders: number;
  /** Of the hidden layers' encoders, as a multiple of that. */
  readonly encoders: number;
  /** Of the top layer's encoder, as a multiple of the decoders'. */
  readonly topEncoder: number;
  /** Updates over which the encoders' rate grows from 0. */
  readonly encoderRamp: number;
}

/**
 * How an encoder starts.
 *
 * - `uniform`: Glorot's uniform distribution.
 * - `imprint`: the weights of a unit are the activities of one training image minus the mean ones, which is what one
 *   Hebbian step from zero weights leaves in a unit that is made to fire.
 */
export type EncoderStart = 'uniform' | 'imprint';

/** How the encoders start: those of the hidden layers, and that of the top layer. */
export interface StartSettings {
  readonly hidden: EncoderStart;
  /** Or `principal`: the principal directions of what it reads, partly whitened and rotated. No local rule makes them. */
  readonly top: EncoderStart | 'principal';
}

/** One way to train (TRAIN of the generative paper's Algorithm 2, with what the paper leaves open). */
export interface TrainingSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly start: StartSettings;
  readonly matching: MatchingSettings;
  readonly inference: InferenceSettings;
  readonly corruption: CorruptionSettings;
  readonly homeostasis: HomeostasisSettings;
  readonly walkback: WalkbackSettings;
  readonly rates: RateSettings;
}

/** Adam's constants. */
export const adam = { decay: 0.9, squareDecay: 0.999, epsilon: 1e-8 } as const;
