// Counts the pairs of the triplet schemes, each at its later spike, and sums what earlier spikes add to their weight
// changes. Twin of src/stdp/triplet.ts; as shaders/stdp/triplet-trials.wgsl.

import { ACAUSAL, CAUSAL, increment, PRE_HIDES_AFTER, stepsFrom } from './pairing-schemes';
// biome-ignore lint/style/useImportType: AssemblyScript has no type-only imports.
import { Tile } from './tile';
import { TRAIN } from './trains';

/** Bytes of the traces of four trials: value and step of the last spike, of the presynaptic and the postsynaptic neuron. */
export const TRACES: usize = 4 * 16;

/**
 * Counts the spikes and pairs of `lanes` trials in the chunk that begins at word 4 of the buffers.
 *
 * @param firstStep step of the first bit of a buffer
 */
export function countTriplets(tile: Tile, row: u32, lanes: u32, firstStep: u32, words: u32): void {
  const causal = (tile.pairing & CAUSAL) !== 0;
  const acausal = (tile.pairing & ACAUSAL) !== 0;
  const nearest = (tile.pairing & PRE_HIDES_AFTER) !== 0;
  const within = (<u64>-1 >> (64 - <u64>tile.window)) << (64 - <u64>tile.window);
  const window = tile.window;
  const firstRecorded = tile.firstRecorded;
  const recordedSteps = tile.recordedSteps;
  let preCount: u32 = 0;
  let postCount: u32 = 0;
  for (let lane: u32 = 0; lane < lanes; lane++) {
    const pre = tile.preTrains + <usize>lane * TRAIN;
    const post = tile.postTrains + <usize>lane * TRAIN;
    const preTrace = tile.traces + ((<usize>lane) << 4);
    const postTrace = preTrace + 8;
    for (let word: u32 = 4; word < words + 4; word++) {
      const preWord = load<u32>(pre + ((<usize>word) << 2));
      const postWord = load<u32>(post + ((<usize>word) << 2));
      preCount += popcnt(preWord);
      postCount += popcnt(postWord);
      for (let waiting = preWord; waiting !== 0; waiting &= waiting - 1) {
        const b = ctz(waiting);
        const bit = (word << 5) + b;
        const t = firstStep + bit;
        const trace = passSpike(preTrace, t, tile.preDecay, tile.preDecaySteps, tile.traceOne, nearest);
        if (t - firstRecorded >= recordedSteps) continue;
        const cell = row * recordedSteps + t - firstRecorded;
        increment(tile.histogram + ((<usize>cell * tile.bins + 2 * window + 1) << 2));
        const coincident = acausal && ((postWord >> b) & 1) !== 0;
        if (coincident) countPair(tile, cell, window, trace);
        let partners = stepsFrom(post, bit - 64) & within;
        if (nearest) partners = coincident ? 0 : highest(partners);
        for (; partners !== 0; partners &= partners - 1) {
          countPair(tile, cell, window + <u32>ctz(partners) - 64, trace);
        }
      }
      for (let waiting = postWord; waiting !== 0; waiting &= waiting - 1) {
        const b = ctz(waiting);
        const bit = (word << 5) + b;
        // From here on steps before the first recorded one wrap round to large numbers.
        const t = firstStep + bit - firstRecorded;
        const trace = passSpike(
          postTrace,
          firstStep + bit,
          tile.postDecay,
          tile.postDecaySteps,
          tile.traceOne,
          nearest,
        );
        const coincident = causal && ((preWord >> b) & 1) !== 0;
        if (coincident && t < recordedSteps) countPair(tile, row * recordedSteps + t, window, trace);
        let partners = stepsFrom(pre, bit - 64) & within;
        if (nearest) partners = coincident ? 0 : highest(partners);
        for (; partners !== 0; partners &= partners - 1) {
          const d = 64 - <u32>ctz(partners);
          if (t - d < recordedSteps) countPair(tile, row * recordedSteps + t - d, window + d, trace);
        }
      }
    }
  }
  const preSpikes = tile.preSpikes + ((<usize>row) << 2);
  const postSpikes = tile.postSpikes + ((<usize>row) << 2);
  store<u32>(preSpikes, load<u32>(preSpikes) + preCount);
  store<u32>(postSpikes, load<u32>(postSpikes) + postCount);
}

/** The trace just before a spike at step t, which then adds to it. */
function passSpike(trace: usize, t: u32, decay: usize, decaySteps: u32, one: u32, nearest: boolean): u32 {
  const passed = t - load<u32>(trace, 4);
  let before: u32 = 0;
  if (passed < decaySteps) {
    before = <u32>((<u64>load<u32>(trace) * load<u32>(decay + ((<usize>passed) << 2)) + (1 << 30)) >> 31);
  }
  store<u32>(trace, nearest ? one : before + one);
  store<u32>(trace, t, 4);
  return before;
}

function countPair(tile: Tile, cell: u32, bin: u32, trace: u32): void {
  const at = <usize>cell * tile.bins + bin;
  increment(tile.histogram + (at << 2));
  const size = (<u64>trace * load<u32>(tile.tripletTerms + ((<usize>bin) << 2)) + (1 << 31)) >> 32;
  const sum = tile.tripletCells + (at << 3);
  store<u64>(sum, load<u64>(sum) + size);
}

/** The highest bit that is set. */
function highest(steps: u64): u64 {
  return steps === 0 ? 0 : (<u64>1) << (63 - clz(steps));
}
