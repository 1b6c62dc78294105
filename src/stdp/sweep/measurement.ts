/** One measured weight change. */
export interface Measurement {
  /** Spike-timing difference, post minus pre, in milliseconds. */
  readonly dt: number;
  /** Weight change, in any unit. */
  readonly dw: number;
  /** Standard error of the weight change, > 0, in all measurements or in none. */
  readonly se: number | null;
}

/** Fewer measurements determine no parameter. */
export const FEWEST_MEASUREMENTS = 3;
