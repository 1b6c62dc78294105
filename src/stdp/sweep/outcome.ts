import type { CurvePoint } from '../results.ts';
import type { ScalarMeasure } from './measure-names.ts';

/** A measured number. */
export interface Estimate {
  /** `null` where the data do not determine it. */
  readonly value: number | null;
  /** Standard error; `null` where there is none. */
  readonly se: number | null;
}

/** What is known of a finished point; plain JSON. */
export interface PointOutcome {
  /** Trials of each sequence. */
  readonly trials: number;
  /** Whether the error asked for by `until` was reached; `null` without `until`. */
  readonly converged: boolean | null;
  /** The measures that were asked for. */
  readonly measures: Readonly<Partial<Record<ScalarMeasure, Estimate>>>;
  /** The whole curve, where asked for. */
  readonly curve: readonly CurvePoint[] | null;
}
