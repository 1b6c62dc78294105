import type { Pace } from './pace.ts';
import type { ExperimentPlan } from './plan.ts';
import type { SpikeTrains } from './spikes.ts';
import type { Rates, Region, Tallies } from './tallies.ts';

/** Part of an experiment on a device: rates drawn, histograms at zero, ready for trials. */
export interface Tile {
  readonly region: Region;
  /**
   * Runs trials `first` … `first + count − 1` of every sequence and adds them to the histograms; to be called with ranges
   * that follow each other.
   */
  runTrials(first: number, count: number): Promise<void>;
  /** Reads the tallies of the trials run so far. */
  readTallies(): Promise<Tallies>;
  /** Reads the rates that the spikes are drawn with. */
  readRates(): Promise<Rates>;
  /** The spikes of one trial, drawn again from their addresses. `sequence` counts from the start of the experiment. */
  readSpikes(sequence: number, trial: number): Promise<SpikeTrains>;
  destroy(): void;
}

/** What computes tiles: a GPU, or the CPU. */
export interface Engine {
  /** Largest regions that one tile can hold. */
  largestRegion(plan: ExperimentPlan): { readonly sequences: number; readonly steps: number };
  openTile(plan: ExperimentPlan, region: Region): Promise<Tile>;
}

/** Some trials of an experiment. */
export interface Shard {
  readonly plan: ExperimentPlan;
  /** Trials `firstTrial` … `endTrial` − 1 of every sequence, 0 ≤ firstTrial < endTrial. */
  readonly firstTrial: number;
  readonly endTrial: number;
}

export interface BatchOptions {
  /** How many trials a dispatch takes. */
  readonly pace: Pace;
  /** Stops between dispatches. */
  readonly signal?: AbortSignal | undefined;
}

/** An engine that can run small experiments together, in dispatches as large as one big experiment's. */
export interface BatchEngine extends Engine {
  /**
   * Whether two shards can be in one batch. A GPU wants the same steps, window, edges, types of drives and rates, user's
   * rule but for its numbers, and first trial; seeds, sequences, last trials and all numbers of drives, rates and kernel may differ.
   */
  shareBatch(a: Shard, b: Shard): boolean;
  /**
   * Runs shards together.
   *
   * @param shards all of which share a batch, with together at most `largestRegion` sequences
   * @returns tallies of each shard, its trials alone; `undefined` where the signal came first
   */
  runBatch(shards: readonly Shard[], options: BatchOptions): Promise<readonly Tallies[] | undefined>;
}
