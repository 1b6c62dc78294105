import type { ExperimentSpec } from '../src/stdp/spec.ts';
import type { MatrixResult } from './matrix.ts';
import type { Operations } from './operations.ts';

/** One line of a benchmark. Times are seconds per run. */
export interface BenchResult {
  readonly name: string;
  /** What a run is. */
  readonly what: string;
  /** `resident`: trials on an open tile; `round-trip`: rates drawn, trials, tallies read back. */
  readonly kind: 'resident' | 'round-trip';
  readonly sequences: number;
  readonly steps: number;
  readonly trials: number;
  /** Sequences × steps × trials, over all experiments of the run. */
  readonly trial_steps: number;
  /** By the host's clock, with what it costs to submit the work and to wait for it. */
  readonly median_s: number;
  /** Interquartile range. */
  readonly spread_s: number;
  /** 95 % interval of the median; null below six samples. */
  readonly interval_s: readonly [number, number] | null;
  /** By the device's clock; null where it has none, or where a run is more than dispatches. */
  readonly gpu_median_s: number | null;
  readonly gpu_spread_s: number | null;
  readonly samples: number;
  /** Runs within one sample. */
  readonly repeats: number;
  /** Whether the median became steady within the time that was given. */
  readonly steady: boolean;
  /** From `median_s`. */
  readonly trial_steps_per_s: number;
  /** From `gpu_median_s`. */
  readonly gpu_trial_steps_per_s: number | null;
  /** The closed form agrees with every run. */
  readonly correct: boolean;
  /** Chance of the worst of what was compared, if the sampler is right. */
  readonly chance: number;
  /** Operations that the algorithm needs over time × peak; for the product kernel. */
  readonly share_of_peak: number | null;
}

/** How long a person waits for the first curve of the demo page, cold. */
export interface FirstCurve {
  /** Seconds from navigation to the end of the frame that shows the curve. */
  readonly median_s: number;
  /** Interquartile range. */
  readonly spread_s: number;
  /** Browsers that were started for it, each with an empty profile. */
  readonly samples: number;
}

/** Something that was asked for and could not run here. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** Where a benchmark ran. */
export interface Machine {
  readonly runtime: 'chrome' | 'node' | 'cpu' | 'browser';
  readonly adapter: string;
  readonly software: boolean;
  readonly vendor: string;
  readonly architecture: string;
  /** As far as the adapter tells. */
  readonly driver: string | null;
  readonly browser: string | null;
  readonly flags: readonly string[];
  readonly platform: string;
  readonly cores: number;
}

/** A whole benchmark: what `bench --json` writes. */
export interface BenchReport extends Machine {
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
  readonly quick: boolean;
  readonly spec: ExperimentSpec;
  /** Tick of the device's clock; null where there is none. */
  readonly timestamp_tick_s: number | null;
  /** 32-bit integer operations per second, measured; null without a GPU. */
  readonly peak_ops_per_s: number | null;
  /** Of the product kernel: needed (1 lane), and executed where vectors of 4 and 32 lanes wait for their slowest. */
  readonly operations_per_trial_step: readonly Operations[];
  readonly results: readonly BenchResult[];
  /** Where the command line has a browser. */
  readonly first_curve?: FirstCurve;
  /** Matrix products and an epoch of training; absent where they were not asked for, or without a GPU. */
  readonly matrix?: readonly MatrixResult[];
  readonly left_out: readonly LeftOut[];
}

/** How many times faster one result is than another, by time per trial-step on the clock that both have. */
export function ratio(report: Pick<BenchReport, 'results'>, faster: string, slower: string): number | undefined {
  const find = (name: string) => report.results.find((result) => result.name === name);
  const [a, b] = [find(faster), find(slower)];
  if (!a || !b) return undefined;
  if (a.gpu_trial_steps_per_s !== null && b.gpu_trial_steps_per_s !== null) {
    return a.gpu_trial_steps_per_s / b.gpu_trial_steps_per_s;
  }
  return a.trial_steps_per_s / b.trial_steps_per_s;
}
