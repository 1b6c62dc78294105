import type { ExperimentPlan } from './plan.ts';
import type { SpikeTrains } from './spikes.ts';
import type { Rates, Region, Tallies } from './tallies.ts';

/** Part of an experiment on a device: rates drawn, histograms at zero, ready for trials. */
export interface Tile {
  readonly region: Region;
  /** Runs trials `first` … `first + count − 1` of every sequence and adds them to the histograms. */
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

/** A region of one of several experiments that share their dispatches. */
export interface BatchPart {
  readonly plan: ExperimentPlan;
  readonly region: Region;
}

/** Regions of several experiments on a device, run together. */
export interface BatchTile {
  readonly parts: readonly BatchPart[];
  /** Runs trials `first` … `first + count − 1` of every sequence of every part that has them. */
  runTrials(first: number, count: number): Promise<void>;
  /** Tallies of every part. */
  readTallies(): Promise<readonly Tallies[]>;
  /** Rates of one part. */
  readRates(part: number): Promise<Rates>;
  /** The spikes of one trial of one part. */
  readSpikes(part: number, sequence: number, trial: number): Promise<SpikeTrains>;
  destroy(): void;
}

/** An engine that can run small experiments together, in dispatches as large as one big experiment's. */
export interface BatchEngine extends Engine {
  /**
   * Whether two experiments can share a tile: same steps, window, edges, and types of drives and rates. Seeds,
   * sequences, trials and all numbers of drives, rates and kernel may differ.
   */
  shareTile(a: ExperimentPlan, b: ExperimentPlan): boolean;
  /** @param parts all of which share a tile, with together at most `largestRegion` sequences. */
  openBatch(parts: readonly BatchPart[]): Promise<BatchTile>;
}
