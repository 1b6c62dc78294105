import type { GenerativeModel, ModelParameters, Prior } from './model.ts';
import type { GenerationSettings } from './reference/generate.ts';

/** A trained model that can be asked for samples, likelihoods and missing pixels; nothing of how it was trained. */
export interface PortableModel {
  readonly model: GenerativeModel;
  /** Pixels down and across. */
  readonly imageShape: readonly [number, number];
  readonly parameters: ModelParameters;
  readonly prior: Prior;
  readonly generation: GenerationSettings;
}
