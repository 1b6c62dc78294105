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

export interface PairingSpec {
  /** STDP paper §5.1: nearest postsynaptic spike, none if there are spikes on both sides or a coincident one. */
  readonly scheme: 'nearest-exclusive';
  /** D: farthest spike-timing difference that is paired, in steps, 1 … 64. */
  readonly window: number;
  /** `interior`: presynaptic spikes at D ≤ t < T − D are paired; `truncate`: all are. */
  readonly edges: 'interior' | 'truncate';
}

/** Weight change of a pair: A₊ e^(−d/τ₊) for d > 0, −A₋ e^(−|d|/τ₋) for d < 0; τ in steps. */
export interface KernelSpec {
  readonly aPlus: number;
  readonly tauPlus: number;
  readonly aMinus: number;
  readonly tauMinus: number;
}

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
  /** The user's own rule, where there is one. */
  readonly rule?: RuleSpec;
}
