import type { ExperimentSpec } from '../spec.ts';
import type { MeasureName, MeasureWithError } from './measure-names.ts';

/** The values of one swept number. `range` draws have a number of values only through `latin`. */
export type AxisSpec =
  | readonly number[]
  /** n values from first to last, both included, at equal distances. */
  | { readonly linspace: readonly [first: number, last: number, n: number] }
  /** n values from first to last, both included and > 0, at equal ratios; the others are rounded to 13 digits. */
  | { readonly logspace: readonly [first: number, last: number, n: number] }
  /** n seeded draws from Uniform(low, high); without n, a range for the Latin hypercube. */
  | { readonly uniform: readonly [low: number, high: number, n: number] | readonly [low: number, high: number] }
  /** The same with the logarithm of the value uniform; low > 0. */
  | { readonly loguniform: readonly [low: number, high: number, n: number] | readonly [low: number, high: number] };

/** When a point has enough trials. */
export interface UntilSpec {
  /** One of the sweep's measures. */
  readonly measure: MeasureWithError;
  /** The point is finished when the measure's standard error is at most this. */
  readonly se: number;
  /** Most trials of a point; it is finished then in any case. */
  readonly maxTrials: number;
}

/** A sweep, every default filled in: what the file says, in a canonical form that JSON holds. */
export interface SweepSpec {
  readonly base: ExperimentSpec;
  /** Path of a number in the base (`post.epsilon`, `pre.drive.values[0][3]`) → its values. */
  readonly axes: Readonly<Record<string, AxisSpec>>;
  /** Axes that move together. */
  readonly zip: readonly (readonly string[])[];
  /** Number of points of the Latin hypercube over the axes that give only a range; `null` where there are none. */
  readonly latin: number | null;
  /** Every point is run with seeds seed … seed + replicates − 1. */
  readonly replicates: number;
  readonly measures: readonly MeasureName[];
  readonly until: UntilSpec | null;
}

/** One parameter point with one seed. */
export interface SweepPoint {
  /** 0 … points − 1: the grid in row-major order, the last axis faster than the first, replicates fastest. */
  readonly index: number;
  /** Values of the axes, in the order of {@link SweepPlan.paths}. */
  readonly values: readonly number[];
  /** 0 … replicates − 1. */
  readonly replicate: number;
  /** The point's own experiment; `trials` is that of a shard under `until`, else of the whole point. */
  readonly spec: ExperimentSpec;
}

/** A checked sweep whose points can be had one by one, so that a million of them take no memory. */
export interface SweepPlan {
  readonly spec: SweepSpec;
  /** The swept paths, in the order of `axes`. */
  readonly paths: readonly string[];
  /** Number of points, replicates included. */
  readonly points: number;
  /** @param index 0 … points − 1 */
  pointAt(index: number): SweepPoint;
}
