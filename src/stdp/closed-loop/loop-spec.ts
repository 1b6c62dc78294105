import type { PairwiseScheme } from '../pairing-schemes.ts';
import type { ExponentialKernel, NeuronSpec, PairingSpec } from '../spec.ts';
import { defaultKernel, defaultNeuron, defaultSpec } from '../spec-defaults.ts';

/** Limits of the weight. */
export type WeightBounds =
  | { readonly type: 'none' }
  /** A change that would leave the range ends at its end. */
  | { readonly type: 'hard'; readonly low: number; readonly high: number }
  /** Increases are scaled with (high − W) / (high − low), decreases with (W − low) / (high − low). */
  | { readonly type: 'soft'; readonly low: number; readonly high: number };

export interface LoopRuleSpec {
  /** x_j, what the synapse transmits: the rate ρ(s_j) or the spike ξ_j. */
  readonly input: 'rate' | 'spike';
  /** ΔW: ṡ_i ρ(s_j) (STDP paper Eq. 1), ṡ_i ξ_j (Eq. 2), or pairs of spikes, applied `pairing.window` steps later. */
  readonly rule: 'rate' | 'spike' | 'pair';
  /** Learning rate η: W(t+1) = W(t) + η ΔW(t); 0, or 2⁻³² … 1. */
  readonly eta: number;
  /** W(0): one number, or uniform between two, drawn for each trial. */
  readonly initialWeight: number | { readonly low: number; readonly high: number };
  readonly bounds: WeightBounds;
}

/** What is kept of the trials. */
export interface LoopRecordSpec {
  /** Steps of one record: squared rates of change are averaged over them, weights are taken at their start. */
  readonly every: number;
  /** Bins of the weights' histograms, between `low` and `high`. */
  readonly bins: number;
  readonly low: number;
  readonly high: number;
}

/** Which spikes make a pair, for the rule `pair`. All presynaptic spikes with a whole window after them do. */
export type LoopPairing = Pick<PairingSpec, 'window' | 'coincidence'> & { readonly scheme: PairwiseScheme };

/** A closed loop (S4), every default filled in. A trial has its own drives, states, spikes and weight. */
export interface LoopSpec {
  /** 0 … 2³² − 1. */
  readonly seed: number;
  readonly trials: number;
  /** T: steps with learning, after a burn-in without. */
  readonly steps: number;
  readonly pre: NeuronSpec;
  readonly post: NeuronSpec;
  readonly loop: LoopRuleSpec;
  readonly pairing: LoopPairing;
  readonly kernel: ExponentialKernel;
  readonly record: LoopRecordSpec;
}

/** What `{}` stands for, but for `record.low` and `record.high`, which follow the bounds. The paper gives no numbers. */
export const defaultLoopSpec = {
  seed: 1,
  trials: 4096,
  steps: 1000,
  pre: defaultNeuron,
  post: defaultNeuron,
  loop: {
    input: 'rate',
    rule: 'rate',
    eta: 0.1,
    initialWeight: 0.5,
    bounds: { type: 'hard', low: -2, high: 2 },
  },
  pairing: { scheme: 'nearest-exclusive', coincidence: 'skip', window: defaultSpec.pairing.window },
  kernel: defaultKernel,
  record: { every: 10, bins: 40 },
} as const;
