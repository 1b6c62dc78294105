import type { ShaderPiece } from '../gpu/source.ts';
import { USAGE, type Workspace } from '../gpu/workspace.ts';
import type { Fold } from './gpu-many-trials.ts';
import { productSums } from './shaders.ts';

/** A counter of 16 bits counts so many trials: each adds at most one to a bin of a step. */
const MOST_TRIALS = 2 ** 16 - 1;
/** Products with counts of so many trials are added up in 32 bits (shaders/arithmetic/product-sums.wgsl). */
const MOST_SHORT_TRIALS = 2 ** 13 - 1;
/** Bytes of a vector of four words. */
const VECTOR_BYTES = 16;

const gpuManyTrials = () => import('./gpu-many-trials.ts');

/** Vectors of four words of counters, eight bins each, of a step (shaders/stdp/counters.wgsl): ⌈(D + 1) / 4⌉. */
export function stepVectorsOf(window: number): number {
  return Math.ceil((window + 1) / 4);
}

/** Bytes that the counts of so many trials need in one buffer, at most, for a step. */
export function bytesOfStep(window: number, trials: number): number {
  return stepVectorsOf(window) * VECTOR_BYTES * (trials > MOST_TRIALS ? 2 : 1);
}

/** The counts as the kernels that reduce them are given them (shaders/stdp/counts.wgsl). */
export interface ReadableCounts {
  readonly counters: GPUBuffer;
  readonly stepVectors: number;
  /** How many steps, and how many vectors of one step, short sums hold. */
  readonly together: { readonly stepsTogether: number; readonly vectorsTogether: number };
  /** What sums products with counts so large. */
  readonly products: ShaderPiece;
  readonly switches: { readonly FOLDED: boolean };
}

/** The counters of a tile's trials. */
export class TrialCounts {
  /** Shape [rows][recordedSteps][stepVectors][4]. */
  readonly counters: GPUBuffer;
  readonly #stepVectors: number;
  /** Where trials are more than 16 bits count. */
  readonly #fold: Fold | undefined;
  /** Trials that the counters have counted since they were last folded, and all. */
  #counted = 0;
  #trials = 0;

  private constructor(counters: GPUBuffer, stepVectors: number, fold: Fold | undefined) {
    this.counters = counters;
    this.#stepVectors = stepVectors;
    this.#fold = fold;
  }

  /**
   * @param cells recorded steps of all rows
   * @param trials that are counted in all, at most
   */
  static async open(workspace: Workspace, cells: number, window: number, trials: number): Promise<TrialCounts> {
    const vectors = cells * stepVectorsOf(window);
    const counters = await workspace.buffer('counters', USAGE.storage, vectors * VECTOR_BYTES);
    const fold =
      trials > MOST_TRIALS ? await (await gpuManyTrials()).openFold(workspace, counters, vectors) : undefined;
    return new TrialCounts(counters, stepVectorsOf(window), fold);
  }

  /** How many of so many trials a dispatch may count. */
  most(trials: number): number {
    return Math.min(trials, MOST_TRIALS);
  }

  /** To be called just before the dispatch of so many trials; the promise tells whether the device took what came first. */
  async expect(trials: number): Promise<void> {
    const full = this.#counted + trials > MOST_TRIALS;
    this.#trials += trials;
    this.#counted = full ? trials : this.#counted + trials;
    // Without a fold, trials beyond the last one are dispatched, which count nothing.
    if (full) await this.#fold?.run();
  }

  /** The counts of the trials dispatched so far. */
  async read(): Promise<ReadableCounts> {
    const trials = Math.max(1, this.#trials);
    const stepsTogether = Math.floor(MOST_TRIALS / Math.min(trials, MOST_SHORT_TRIALS));
    const fold = this.#fold;
    if (fold) {
      this.#counted = 0;
      await fold.run();
    }
    return {
      counters: fold?.folded ?? this.counters,
      stepVectors: this.#stepVectors,
      // A vector has the counts of eight bins.
      together: { stepsTogether, vectorsTogether: Math.floor(stepsTogether / 8) },
      products: trials > MOST_SHORT_TRIALS ? (await gpuManyTrials()).wideProductSums : productSums,
      switches: { FOLDED: fold !== undefined },
    };
  }
}
