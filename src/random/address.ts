import { philox4x32, type Words4 } from './philox.ts';

/**
 * What a random number is for. With the seed it is the Philox key, so that numbers of different purposes come from
 * different bijections and never meet.
 */
export const PURPOSE = {
  /** External voltage of the presynaptic and of the postsynaptic neuron; `step` counts blocks of the drive. */
  preDrive: 0,
  postDrive: 1,
  /** Integrated activity at t = 0. */
  preStart: 2,
  postStart: 3,
  /** State of the generator of one trial's spikes. */
  spikes: 4,
  /** Drawn values of a sweep's axes; `sequence` is the axis, `trial` the draw, `step` what the draw is for. */
  sweep: 5,
  /** Rows of one resample of measured data. */
  bootstrap: 6,
  /** The closed loop: as above, by `trial`. Spikes: two steps a block; the block of the initial weight is its first. */
  loopPreDrive: 7,
  loopPostDrive: 8,
  loopPreStart: 9,
  loopPostStart: 10,
  loopSpikes: 11,
  loopWeight: 12,
  /** Threshold crossing, by `sequence` (the slope) and `trial`: voltage at time 0, and noise in blocks of four steps. */
  thresholdStart: 13,
  thresholdNoise: 14,
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
} as const;

export type Purpose = (typeof PURPOSE)[keyof typeof PURPOSE];

/**
 * The 128 random bits at an address. They depend on the address alone, never on thread, chunk or history; different
 * addresses of one seed and purpose are different counters of one bijection, so that streams cannot collide as they
 * do when an address is hashed to fewer bits.
 *
 * @param sequence, trial, step each 0 … 2³² − 1; 0 where the purpose has none.
 */
export function randomBlock(seed: number, purpose: Purpose, sequence: number, trial: number, step: number): Words4 {
  return philox4x32(seed, purpose, [sequence, trial, step, 0]);
}
