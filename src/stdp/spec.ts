/** External voltage u(t) ~ Normal(mean, sd), redrawn every step. */
export interface NoiseDrive {
  readonly type: 'noise';
  /** Mean of u, in units of the integrated activity s. */
  readonly mean: number;
  /** Standard deviation of u per step, ≥ 0. */
  readonly sd: number;
}

/** External voltage u ~ Uniform(low, high), held, and redrawn at each step with probability 1/hold. */
export interface StepsDrive {
  readonly type: 'steps';
  readonly low: number;
  readonly high: number;
  /** Mean time between redraws in steps, ≥ 1. */
  readonly hold: number;
}

/** External voltage that is piecewise linear between equally spaced levels, each ~ Uniform(low, high). */
export interface RampsDrive {
  readonly type: 'ramps';
  readonly low: number;
  readonly high: number;
  /** Number of levels over the sequence, ≥ 2; the first at step 0, the last at step `steps` − 1. */
  readonly knots: number;
}

/** The user's own integrated activity s; `epsilon` is not used. */
export interface TableDrive {
  readonly type: 'table';
  /** s, shape [sequences][steps + 1]. */
  readonly values: readonly (readonly number[])[];
}

export type Drive = NoiseDrive | StepsDrive | RampsDrive | TableDrive;

/** ρ(s) = clip(s − β1, 0, 1), STDP paper Eq. 18 with β2 = β1 + 1. */
export interface HardSigmoid {
  readonly type: 'hard-sigmoid';
  /** Lower threshold, −1 < β1 < 0. */
  readonly beta1: number;
}

/** ρ(s) = 1 / (1 + exp(−slope (s − midpoint))). */
export interface Logistic {
  readonly type: 'logistic';
  /** > 0, per unit of s. */
  readonly slope: number;
  readonly midpoint: number;
}

export type Rho = HardSigmoid | Logistic;

export interface NeuronSpec {
  readonly drive: Drive;
  /** Leak per step of s(t+1) = s(t) + ε (u(t) − s(t)) (STDP paper Eq. 6), 0 < ε ≤ 1. */
  readonly epsilon: number;
  /** Firing-rate function of the integrated activity. */
  readonly rho: Rho;
  /** Spike probability per step at ρ = 1, 0 < peak ≤ 1. */
  readonly peak: number;
}

/**
 * Which spikes make a pair, always within the window:
 * - `nearest-exclusive` (STDP paper §5.1): each presynaptic spike with the nearest postsynaptic one; none if there are
 *   postsynaptic spikes on both sides.
 * - `nearest-presynaptic`: each presynaptic spike with the last postsynaptic one before it and the next one after it.
 * - `nearest-symmetric`: each presynaptic spike with the last postsynaptic one before it, each postsynaptic spike with
 *   the last presynaptic one before it.
 * - `nearest-reduced`: neighbours only, with no spike of either neuron between them.
 * - `all-to-all`: every presynaptic spike with every postsynaptic one.
 * - `triplet`: the same pairs, whose weight changes depend on earlier spikes too ({@link TripletKernel}).
 * - `triplet-nearest`: the pairs of `nearest-symmetric`, whose weight changes depend on the last spike before.
 *
 * Names but the first and the last two: Morrison, Diesmann & Gerstner, Biol. Cybern. 98:459 (2008). Triplets with
 * all-to-all and with nearest interactions: Pfister & Gerstner, J. Neurosci. 26:9673 (2006).
 */
export type PairingScheme =
  | 'nearest-exclusive'
  | 'nearest-presynaptic'
  | 'nearest-symmetric'
  | 'nearest-reduced'
  | 'all-to-all'
  | 'triplet'
  | 'triplet-nearest';

/**
 * What spikes of both neurons at one step are:
 * - `skip`: no pair; the coincident spike is passed over and the next one counts. Under `nearest-exclusive` no change at
 *   all, as the STDP paper says (§5.1).
 * - `causal`: a pair at d = 0 as if the postsynaptic spike came right after the presynaptic one, ΔW = +A₊; it hides what
 *   such a spike hides.
 * - `acausal`: as if it came right before it, ΔW = −A₋.
 */
export type Coincidence = 'skip' | 'causal' | 'acausal';

export interface PairingSpec {
  readonly scheme: PairingScheme;
  readonly coincidence: Coincidence;
  /** D: farthest spike-timing difference that is paired, in steps, 1 … 64. */
  readonly window: number;
  /** `interior`: presynaptic spikes at D ≤ t < T − D make pairs; `truncate`: all do. All of them hide others. */
  readonly edges: 'interior' | 'truncate';
}

/** A₊ e^(−d/τ₊) for d > 0, −A₋ e^(−|d|/τ₋) for d < 0; τ in the unit of d. */
export interface ExponentialWindow {
  readonly aPlus: number;
  readonly tauPlus: number;
  readonly aMinus: number;
  readonly tauMinus: number;
}

/** The exponential window, τ in steps. At d = 0 it is A₊ where coincident spikes are `causal`, −A₋ where `acausal`. */
export interface ExponentialKernel extends ExponentialWindow {
  readonly type: 'exponential';
}

/** Weight changes as a list. */
export interface TableKernel {
  readonly type: 'table';
  /** Weight change of a pair at d = −D … D, shape [2D + 1]; 0 at d = 0 where coincident spikes are skipped. */
  readonly values: readonly number[];
}

/**
 * The triplet rule (Pfister & Gerstner, J. Neurosci. 26:9673, 2006, Eq. 3 and 4), as weight changes of pairs: with the
 * trace o2 of the postsynaptic spikes before the pair's, e^(−d/τ₊) (A₂⁺ + A₃⁺ o2) for d > 0, and with the trace r2 of the
 * presynaptic spikes before the pair's, −e^(−|d|/τ₋) (A₂⁻ + A₃⁻ r2) for d < 0. What the pairs of one spike add up to is
 * the weight change at that spike, its traces r1 and o1 cut off at the window.
 */
export interface TripletKernel {
  readonly type: 'triplet';
  /** Amplitudes of pairs, ≥ 0. */
  readonly a2Plus: number;
  readonly a2Minus: number;
  /** Amplitudes of triplets, ≥ 0. */
  readonly a3Plus: number;
  readonly a3Minus: number;
  /** Time constants in ms of the traces r1 and o1, which pairs decay with, and of r2 and o2. */
  readonly tauPlusMs: number;
  readonly tauMinusMs: number;
  readonly tauXMs: number;
  readonly tauYMs: number;
}

/** Weight change of a pair: by its spike-timing difference, and by earlier spikes under the triplet schemes. */
export type KernelSpec = ExponentialKernel | TableKernel | TripletKernel;

/**
 * The user's own weight change of a pair, beside those of the other rules.
 *
 * @example
 * { expression: 'select(-a, a, d > 0.0) * exp(-abs(d) / tau)', parameters: { a: 1, tau: 16.8 } }
 */
export interface RuleSpec {
  /**
   * A WGSL expression of `d`, `ds_post` = ṡ_i(t), `rho_pre` = ρ(s_j(t)), `rho_post` = ρ(s_i(t)), `t` and the parameters, all
   * f32; t is the step of the presynaptic spike.
   */
  readonly expression: string;
  /** Values of the names that the expression has beside those. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Weight changes are rounded to multiples of this power of two; default: the finest that bounds on them allow. */
  readonly step?: number;
}

/** Recorded spike trains, which are counted in place of sampled ones. */
export interface RecordedSpikes {
  /** Steps of the spikes of every trial, ascending, shape [sequences][trials][spikes]. */
  readonly pre: readonly (readonly (readonly number[])[])[];
  readonly post: readonly (readonly (readonly number[])[])[];
}

/** One Monte-Carlo STDP experiment (S1), every default filled in. */
export interface ExperimentSpec {
  /** 0 … 2³² − 1. */
  readonly seed: number;
  /** Number of rate sequences. */
  readonly sequences: number;
  /** T: time steps of a sequence. */
  readonly steps: number;
  /** Spike trains sampled per sequence. */
  readonly trials: number;
  /** Duration of a step in milliseconds; labels axes and places the biological fit. */
  readonly msPerStep: number;
  readonly pre: NeuronSpec;
  readonly post: NeuronSpec;
  readonly pairing: PairingSpec;
  readonly kernel: KernelSpec;
  /** Recorded spikes; the drives are then of no account, but for tables, which the rate and spike rules need. */
  readonly spikes?: RecordedSpikes;
  /** The user's own rule, where there is one. */
  readonly rule?: RuleSpec;
}
