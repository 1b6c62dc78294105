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

/** What computes tiles: a GPU, or the TypeScript twin. */
export interface Engine {
  /** Largest regions that one tile can hold. */
  largestRegion(plan: ExperimentPlan): { readonly sequences: number; readonly steps: number };
  openTile(plan: ExperimentPlan, region: Region): Promise<Tile>;
}
