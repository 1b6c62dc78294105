/** What a sweep can report of each point, in the order of the columns of its table. */
export const measureNames = [
  /** Exponential fit ΔW(d) = A e^(−d/τ) to the rate-rule curve at d > 0: A τ, A, τ (steps). */
  'area_plus',
  'peak_plus',
  'tau_plus',
  /** The same at d < 0 with |d| in place of d; A is negative where the lobe is. */
  'area_minus',
  'peak_minus',
  'tau_minus',
  /** (area₊ + area₋) / (|area₊| + |area₋|), −1 … 1; 0 where the lobes are equal. */
  'asymmetry',
  /** Number of pairs. */
  'pairs',
  /** Correlations of the pair rule with the rate rule over cells and over the 25 bins. */
  'correlation_raw',
  'correlation_binned',
  /** Spikes per step of each neuron. */
  'mean_rate_pre',
  'mean_rate_post',
  /** The whole curve, in a table of its own. */
  'curve',
] as const;

export type MeasureName = (typeof measureNames)[number];

/** Measures that are one number of a point. */
export type ScalarMeasure = Exclude<MeasureName, 'curve'>;

/** Measures that recorded spikes without activities have. */
export const measuresOfSpikes: readonly MeasureName[] = ['pairs', 'mean_rate_pre', 'mean_rate_post', 'curve'];

const withoutError = ['pairs', 'correlation_raw', 'correlation_binned', 'curve'] as const satisfies MeasureName[];

/** Measures that have a standard error. */
export type MeasureWithError = Exclude<MeasureName, (typeof withoutError)[number]>;

export const measuresWithError: readonly MeasureWithError[] = measureNames.filter(
  (name): name is MeasureWithError => !(withoutError as readonly MeasureName[]).includes(name),
);
