/** More of `PURPOSE`, apart from it so that experiments with spikes load without. */
export const NETWORK_PURPOSE = {
  /** Initial weights of a network; `sequence` is the connection. */
  weights: 32,
  /** Noise on the units of a network; `sequence` is the example, `trial` the step of inference, `step` four units. */
  stateNoise: 33,
  /** Inputs, targets and states that a network is tried with; `sequence` is the example. */
  trialInputs: 34,
  /** Sign of β; `trial` is the epoch, `step` four batches. */
  nudgeSign: 35,
  /** The generative model. Initial weights; `sequence` is the map (encoders, then decoders), `step` four weights. */
  mapWeights: 48,
  /** Images that encoders start from; `sequence` is the map, `step` four units. */
  imprints: 49,
  /** Order of the images of an epoch; `trial` is the epoch, `step` four images. */
  epochOrder: 50,
  /** Noise on the layers of a batch in training; `sequence` is the row, `trial` 16 · update + layer. */
  layerNoise: 51,
  /** Units of a walk that take values of the prior, by row and update; `step` is the unit, after the last the share. */
  walkUnits: 52,
  /** Rounds of the walks of an update, `trial`. */
  walkRounds: 53,
  /** Spikes of the top layer in a walk; `trial` is 16 · update + round, `step` the unit. */
  walkSpikes: 54,
  /** Top states that samples start from; `sequence` is the sample, `step` four units. */
  topStates: 55,
  /** What stands for missing pixels, and which are missing; `sequence` is the image, `step` four pixels. */
  missingPixels: 56,
  missingMask: 57,
  /** Langevin noise of inference; `sequence` is the row, `trial` 16 · step + layer, `step` four units. */
  langevin: 58,
  /** Top states of an update's pool; `sequence` is the state, `trial` the update, `step` four units. */
  poolStates: 59,
} as const;

export type NetworkPurpose = (typeof NETWORK_PURPOSE)[keyof typeof NETWORK_PURPOSE];
