import type { ExperimentSpec } from '../../src/index.ts';
import type { Runtime } from '../../src/live/runtime.ts';
import type { WantedRuntime } from '../../src/live/runtime-choice.ts';
import type { ScalarMeasure } from '../../src/stdp/sweep/measure-names.ts';
import type { UntilSpec } from '../../src/stdp/sweep/sweep-spec.ts';

/** A checked sweep as the page needs it: small even for a million points, which the page addresses by arithmetic. */
export interface SweepOutline {
  /** Of its journal in this browser. */
  readonly name: string;
  readonly points: number;
  readonly replicates: number;
  /** With `until` the most that it can take. */
  readonly trialSteps: number;
  readonly axes: readonly AxisOutline[];
  /** Axes that move together, by their indices; the last group is fastest, and replicates are faster still. */
  readonly groups: readonly { readonly axes: readonly number[]; readonly length: number }[];
  readonly measures: readonly ScalarMeasure[];
  /** Whether the whole curves are kept. */
  readonly curves: boolean;
  readonly until: UntilSpec | null;
  readonly base: ExperimentSpec;
}

export interface AxisOutline {
  readonly path: string;
  /** By the position in the axis's group. */
  readonly values: Float64Array;
  /** Whether equal ratios rather than equal differences are equally far apart. */
  readonly logarithmic: boolean;
}

/** Why something was not done. */
export interface Refusal {
  readonly message: string;
  readonly path?: string | undefined;
}

export type TableFormat = 'csv' | 'arrow';
export type SweepFile = 'points' | 'curves' | 'manifest';

/** What the page asks of its worker. */
export type Request =
  | { readonly type: 'begin'; readonly wanted: WantedRuntime }
  /** Checks a sweep, and opens its journal where this browser has one; the last check counts. */
  | { readonly type: 'check'; readonly id: number; readonly input: unknown }
  /** Runs what is left of the sweep that was checked last. */
  | { readonly type: 'run' }
  | { readonly type: 'stop' }
  /** The curves of these points are wanted: at once where they are finished, the others as soon as they are. */
  | { readonly type: 'watch'; readonly points: Uint32Array }
  | { readonly type: 'list' }
  | { readonly type: 'delete'; readonly name: string }
  | { readonly type: 'save'; readonly file: SweepFile; readonly format: TableFormat; readonly name: string };

/** Finished points; arrays have one entry a point, those of measures one a point and measure, NaN for none. */
export interface FinishedBatch {
  readonly points: Uint32Array;
  readonly trials: Uint32Array;
  /** 1 where `until` was reached, 0 where it was not. */
  readonly converged: Uint8Array;
  /** shape [points][measures] */
  readonly values: Float32Array;
  readonly errors: Float32Array;
  /** Largest |ΔW| of the rate-rule curve that stands clear of its error; 0 without curves. */
  readonly curvePeaks: Float32Array;
}

/** The rate-rule curve of a finished point at dt = −D … D, NaN where it has no value. */
export interface WatchedCurve {
  readonly point: number;
  /** shape [2D + 1] */
  readonly dw: Float32Array;
  readonly se: Float32Array;
}

export interface ProgressReport {
  readonly trialStepsPerSecond: number;
  readonly secondsLeft: number | undefined;
}

/** A sweep that this browser keeps. */
export interface StoredSweep {
  readonly name: string;
  readonly input: unknown;
  readonly version: string;
  /** `undefined` where another tab has it open, or it is of another version. */
  readonly finished: number | undefined;
  readonly points: number | undefined;
}

/** What the worker tells the page. */
export type Reply =
  | { readonly type: 'runtime'; readonly kind: Runtime['kind']; readonly name: string; readonly reason: string }
  | { readonly type: 'accepted'; readonly id: number; readonly outline: SweepOutline }
  | { readonly type: 'refused'; readonly id: number; readonly refusal: Refusal }
  | { readonly type: 'estimated'; readonly id: number; readonly seconds: number }
  /** Everything that the journal has of the checked sweep was sent. */
  | { readonly type: 'opened'; readonly id: number }
  | { readonly type: 'finished'; readonly batch: FinishedBatch }
  | { readonly type: 'progress'; readonly progress: ProgressReport }
  | { readonly type: 'curves'; readonly curves: readonly WatchedCurve[] }
  /** The run has ended: complete, stopped, or failed. */
  | { readonly type: 'ended'; readonly refusal?: Refusal }
  | { readonly type: 'stored'; readonly sweeps: readonly StoredSweep[] }
  | { readonly type: 'saved'; readonly name: string; readonly content: Blob }
  | { readonly type: 'failed'; readonly refusal: Refusal };
