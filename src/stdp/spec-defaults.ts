import type {
  ExperimentSpec,
  ExponentialKernel,
  HardSigmoid,
  Logistic,
  NeuronSpec,
  NoiseDrive,
  RampsDrive,
  StepsDrive,
} from './spec.ts';

/** What a drive of each type has where a spec is silent; a `table` has no default, its values are the user's. */
export const defaultDrives: {
  readonly noise: NoiseDrive;
  readonly steps: StepsDrive;
  readonly ramps: RampsDrive;
} = {
  noise: { type: 'noise', mean: 0.3, sd: 1.4 },
  steps: { type: 'steps', low: -0.7, high: 1.3, hold: 10 },
  ramps: { type: 'ramps', low: -0.7, high: 1.3, knots: 9 },
};

/** What a firing-rate function of each type has where a spec is silent. */
export const defaultRhos: { readonly hardSigmoid: HardSigmoid; readonly logistic: Logistic } = {
  hardSigmoid: { type: 'hard-sigmoid', beta1: -0.2 },
  logistic: { type: 'logistic', slope: 8, midpoint: 0.3 },
};

/** The kernel where a spec is silent. */
export const defaultKernel: ExponentialKernel = {
  type: 'exponential',
  aPlus: 1,
  tauPlus: 16.8,
  aMinus: 1,
  tauMinus: 16.8,
};

/** The neuron on either side of the synapse where a spec is silent. */
export const defaultNeuron: NeuronSpec = {
  drive: defaultDrives.noise,
  epsilon: 0.06,
  rho: defaultRhos.hardSigmoid,
  peak: 0.1,
};

/**
 * The STDP paper's experiment, which the spec `{}` stands for. The paper gives no numbers: mean, sd, epsilon and peak
 * are this project's choice, so that Fig. 1 and Fig. 2 come out well.
 */
export const defaultSpec: ExperimentSpec = {
  seed: 1,
  sequences: 500,
  steps: 160,
  trials: 1000,
  msPerStep: 1,
  pre: defaultNeuron,
  post: defaultNeuron,
  pairing: { scheme: 'nearest-exclusive', coincidence: 'skip', window: 20, edges: 'interior' },
  kernel: defaultKernel,
};
