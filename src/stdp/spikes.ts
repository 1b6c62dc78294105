import { PURPOSE, randomBlock } from '../random/address.ts';
import { Sfc32 } from '../random/sfc32.ts';
import { PLANES } from './probability.ts';

/** Spike trains of one trial as bits, 32 steps a word, shape [words]. */
export interface SpikeTrains {
  readonly pre: Uint32Array;
  readonly post: Uint32Array;
}

/**
 * Draws the spikes of 32 steps at once: each step spikes where its own uniform 31-bit number is at most 2³¹ p − 1.
 * The comparison goes from the most significant bit down, one random word for one bit of all 32 numbers, and stops
 * when every step is decided: after 7 bits, then after every 4 more. Twin of `spikeWord` in
 * `shaders/stdp/spikes.wgsl`.
 *
 * @param planes bit planes of the probabilities (see {@link PLANES}), read from `offset`.
 */
export function sampleSpikeWord(planes: Uint32Array, offset: number, random: Sfc32): number {
  let undecided = planes[offset]!;
  let spikes = 0;
  for (let plane = 1; plane < PLANES; plane++) {
    const threshold = planes[offset + plane]!;
    const differs = undecided & (random.next() ^ threshold);
    spikes |= differs & threshold;
    undecided ^= differs;
    if (undecided === 0 && plane >= 7 && (plane & 3) === 3) break;
  }
  return (spikes | undecided) >>> 0;
}

/**
 * Spike trains of one trial of one sequence. The trial's generator serves the presynaptic and the postsynaptic
 * neuron in turn, word by word.
 */
export function sampleTrial(
  seed: number,
  sequence: number,
  trial: number,
  prePlanes: Uint32Array,
  postPlanes: Uint32Array,
): SpikeTrains {
  const random = new Sfc32(randomBlock(seed, PURPOSE.spikes, sequence, trial, 0));
  const words = prePlanes.length / PLANES;
  const pre = new Uint32Array(words);
  const post = new Uint32Array(words);
  for (let word = 0; word < words; word++) {
    pre[word] = sampleSpikeWord(prePlanes, word * PLANES, random);
    post[word] = sampleSpikeWord(postPlanes, word * PLANES, random);
  }
  return { pre, post };
}

/** One byte a step, 1 where the neuron spikes, shape [steps]. */
export function unpackSpikes(words: Uint32Array, steps: number): Uint8Array {
  const bytes = new Uint8Array(steps);
  for (let t = 0; t < steps; t++) bytes[t] = (words[t >>> 5]! >>> (t & 31)) & 1;
  return bytes;
}
