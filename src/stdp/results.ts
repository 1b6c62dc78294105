/** The curve at one spike-timing difference. `null` where the distance has no pairs (as d = 0 where coincident spikes are skipped). */
export interface CurvePoint {
  /** d: postsynaptic minus presynaptic spike time, in steps, −D … D. */
  readonly dt: number;
  /** Number of pairs over all sequences and trials. */
  readonly pairs: number;
  /** Mean weight change of the rate rule ṡ_i ρ(s_j) (Eq. 1) over the pairs, and its standard error over sequences. */
  readonly dwRate: number | null;
  readonly dwRateSe: number | null;
  /** Mean weight change of the spike rule ṡ_i ξ_j (Eq. 2). */
  readonly dwSpike: number | null;
  readonly dwSpikeSe: number | null;
  /** Mean weight change of the pair rule: the kernel at this distance, but for triplets. */
  readonly dwPair: number | null;
  readonly dwPairSe: number | null;
  /** Pairs × kernel per presynaptic spike: what the pair rule contributes at this distance (Fig. 1 right). */
  readonly dwPairPerSpike: number | null;
  readonly dwPairPerSpikeSe: number | null;
  /** Mean weight change of the user's rule over the pairs; absent without one. */
  readonly dwUser?: number | null;
  readonly dwUserSe?: number | null;
}

/** The spike-timing curve (Fig. 1). */
export interface Curve {
  /** 2D + 1 points, dt = −D … D. */
  readonly points: readonly CurvePoint[];
  /** Presynaptic spikes at the paired steps, over all sequences and trials. */
  readonly presynapticSpikes: number;
  /** Pairs at all distances. */
  readonly pairs: number;
  /** There are no activities (recorded spikes), and so no values of the rate and spike rules. */
  readonly withoutActivities?: true;
}

/** The closed form beside a curve, shape [2D + 1], dt = −D … D. */
export interface ExpectedCurve {
  /** Expected number of pairs. */
  readonly pairs: Float64Array;
  /** Expected mean weight change of the rate rule over the pairs; NaN-free: 0 where no pair is expected. */
  readonly dwRate: Float64Array;
  /** Expected sum of the pair rule over them. */
  readonly dwPairSums: Float64Array;
}

/** One of 25 bins of equally many (sequence, step) cells, ordered by the rate rule's weight change. */
export interface AgreementBin {
  readonly bin: number;
  readonly cells: number;
  /** Mean weight change of the rate rule (Eq. 1) over the cells. */
  readonly dwRate: number;
  /** Mean over cells of the pair rule's weight change averaged over trials, and its standard error. */
  readonly dwPair: number;
  /** `null` with a single sequence. */
  readonly dwPairSe: number | null;
  /** The same for the user's rule; absent without one. */
  readonly dwUser?: number;
  readonly dwUserSe?: number | null;
}

/** How a rule goes with the rate rule over the cells. */
export interface AgreementFit {
  /** Least-squares line dw = intercept + slope · dwRate over the cells; `null` where the rate rule never varies. */
  readonly fit: { readonly slope: number; readonly intercept: number } | null;
  /** Pearson correlations; `null` where one side does not vary. */
  readonly correlation: { readonly raw: number | null; readonly binned: number | null };
}

/** Agreement of the pair rule with the rate rule (Fig. 2 right). */
export interface Agreement extends AgreementFit {
  readonly bins: readonly AgreementBin[];
  /** The same of the user's rule; absent without one. */
  readonly user?: AgreementFit;
}

/** One trial in full (Fig. 3). */
export interface Trace {
  readonly sequence: number;
  readonly trial: number;
  /** 1 at steps with a spike, shape [steps]. */
  readonly preSpikes: Uint8Array;
  readonly postSpikes: Uint8Array;
  /** Integrated activities, shape [steps + 1]. */
  readonly sPre: Float64Array;
  readonly sPost: Float64Array;
  /** Weight after each step under the spike rule (Eq. 2), from 0, shape [steps]. */
  readonly weight: Float64Array;
}
