import type { Parameters } from '../network.ts';

/** Images with their classes, as a trainer takes them. */
export interface Examples {
  readonly count: number;
  /** Pixels of an image: units of the input layer. */
  readonly pixels: number;
  /** Shape [count][pixels], 0 … 255. */
  readonly images: Uint8Array<ArrayBuffer>;
  /** Shape [count]. */
  readonly labels: Uint8Array<ArrayBuffer>;
}

/** How well examples were classified. */
export interface Score {
  readonly examples: number;
  /** Examples whose most active output was that of another class. */
  readonly errors: number;
  /** Sum of C = ½ ‖y − d‖². */
  readonly cost: number;
}

/** Everything that a training needs to go on. */
export interface TrainingState {
  readonly parameters: Parameters<Float32Array<ArrayBuffer>>;
  /**
   * Free states of all training examples, one array per layer after the input, shape [examples][units]; none where they
   * do not persist.
   */
  readonly particles: readonly Float32Array<ArrayBuffer>[];
}

export interface PassOptions {
  readonly signal?: AbortSignal;
  /** Called now and then with what is done. */
  readonly onProgress?: (score: Score) => void;
}

/** A network that is trained on examples. */
export interface Trainer {
  /**
   * One pass over the training examples, in their order: free phase, nudged phase, update, batch after batch.
   *
   * @param epoch from 0; decides the signs of β and how far the learning rates have decayed
   * @returns errors and cost of the free phases; with fewer examples than there are where the signal aborted it.
   * @throws EngineError `diverged` where a weight is beyond all use, or no number.
   */
  runEpoch(epoch: number, options?: PassOptions): Promise<Score>;
  /** Classifies examples: free phases that start at 0. Changes nothing. */
  evaluate(examples: Examples, options?: PassOptions): Promise<Score>;
  readState(): Promise<TrainingState>;
  destroy(): void;
}
