import type { NetworkPurpose } from './network-purposes.ts';
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
} as const;

export type Purpose = (typeof PURPOSE)[keyof typeof PURPOSE] | NetworkPurpose;

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
