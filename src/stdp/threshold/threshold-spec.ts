/** Slopes V̇ of the simulated voltages: `count` magnitudes from `low` to `high` at equal ratios, each with both signs. */
export interface SlopesSpec {
  /** Per step, > 0. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/**
 * A postsynaptic voltage V(t) = V(0) + V̇ t + noise around a presynaptic spike at t = 0 (S5, generative paper §2), every
 * default filled in.
 */
export interface ThresholdSpec {
  /** 0 … 2³² − 1. */
  readonly seed: number;
  /** Trials of each slope. */
  readonly trials: number;
  /** Farthest crossing that is looked for, in steps on either side. */
  readonly window: number;
  /** The neuron spikes where V reaches this. */
  readonly threshold: number;
  /** V(0) is uniform between this and the threshold. */
  readonly low: number;
  /** Standard deviation of the noise on V at each step but 0, ≥ 0. */
  readonly noise: number;
  readonly slopes: SlopesSpec;
  /** Duration of a step in milliseconds; labels axes. */
  readonly msPerStep: number;
}

/** What `{}` stands for; the paper gives no numbers. */
export const defaultThresholdSpec: ThresholdSpec = {
  seed: 1,
  trials: 4096,
  window: 100,
  threshold: 1,
  low: 0,
  noise: 0,
  slopes: { low: 0.02, high: 0.5, count: 16 },
  msPerStep: 1,
};
