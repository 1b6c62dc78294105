import type { GenerativeModel } from './model.ts';
import type { TrainingState } from './reference/train.ts';
import type { TrainingSettings } from './training-settings.ts';

/** What a training is opened with. */
export interface TrainerOptions {
  readonly model: GenerativeModel;
  /** Where it begins. */
  readonly state: TrainingState;
  /** Training images, shape [imageCount][pixels], 0 … 255. */
  readonly images: Uint8Array<ArrayBuffer>;
  readonly imageCount: number;
  readonly settings: TrainingSettings;
  readonly seed: number;
  /** Updates of the whole training. */
  readonly totalUpdates: number;
  /** What the prior's variance is multiplied with, in walks as in generation. */
  readonly varianceFactor: number;
}

/** A training whose state is on a device. */
export interface Trainer {
  /** Updates done since the very beginning. */
  readonly updates: number;
  /** Sets the order of the images in an epoch. */
  setOrder(images: Uint32Array<ArrayBuffer>): void;
  /** Does one update with the images from this place in the order on. */
  update(firstImage: number): Promise<void>;
  /** The state after the updates so far. */
  read(): Promise<TrainingState>;
  destroy(): void;
}
