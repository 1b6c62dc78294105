// Pairs presynaptic spikes with postsynaptic ones (`nearest-exclusive`, STDP paper §5.1) and counts them. Twin of
// src/stdp/pairing.ts.
//
// First the presynaptic spikes of four trials are listed, then the list is worked through: one loop whose end is hard to
// predict instead of one for every 64 steps. The distances to the nearest postsynaptic spike before and after are counts
// of leading and trailing zeros in two 64-bit windows, read from memory at the byte of the presynaptic spike; a table
// gives the bin for the two distances. No branch depends on the postsynaptic spikes.

// biome-ignore lint/style/useImportType: AssemblyScript has no type-only imports.
import { Tile } from './tile';
import { CHUNK, TRAIN } from './trains';

/** Farthest distance that a 64-bit window read at a byte reaches, wherever in the byte it starts. */
const NARROW: u32 = 56;
/** Entries of the list written at a time: more than most pairs of words have. */
const BATCH: usize = 4;

/** Bytes of `list`: all steps of what is paired at once, and what the last batch writes beyond them. */
export const LIST: usize = (4 * (<usize>CHUNK + 2) * 32 + BATCH) << 1;

/** Fills `binTable`: [before << 7 | after]; a distance is 0 for a coincident spike and more than D for none. */
export function fillBinTable(tile: Tile): void {
  const window = tile.window;
  for (let before: u32 = 0; before <= 65; before++) {
    for (let after: u32 = 0; after <= 65; after++) {
      const hasBefore = before <= window;
      const hasAfter = after <= window;
      const pairs = before !== 0 && after !== 0 && hasBefore !== hasAfter;
      const bin = !pairs ? window : hasAfter ? window + after : window - before;
      store<u8>(tile.binTable + ((before << 7) | after), bin);
    }
  }
}

/**
 * Lists the presynaptic spikes at recorded steps in words `from` … `to` − 1 of the buffers of `lanes` trials, as bit
 * positions in the four buffers, and counts all spikes of both neurons.
 *
 * @param firstStep step of the first bit of a buffer.
 * @returns the end of the list.
 */
export function listSpikes(tile: Tile, row: u32, lanes: u32, firstStep: u32, from: u32, to: u32): usize {
  const firstRecorded = tile.firstRecorded;
  const endRecorded = firstRecorded + tile.recordedSteps;
  const preTrains = tile.preTrains;
  const postTrains = tile.postTrains;
  let end = tile.list;
  let preCount: u64 = 0;
  let postCount: u64 = 0;
  for (let word = from; word < to; word += 2) {
    const step = firstStep + (word << 5);
    const recorded = lowBits(max(endRecorded, step) - step) & ~lowBits(max(firstRecorded, step) - step);
    let offset = (<usize>word) << 2;
    for (let lane: u32 = 0; lane < lanes; lane++) {
      const pre = load<u64>(preTrains + offset);
      preCount += popcnt(pre);
      postCount += popcnt(load<u64>(postTrains + offset));
      let waiting = pre & recorded;
      const first = (<u32>offset) << 3;
      let entry = end;
      end += (<usize>popcnt(waiting)) << 1;
      do {
        store<u16>(entry, first + <u32>ctz(waiting));
        waiting &= waiting - 1;
        store<u16>(entry, first + <u32>ctz(waiting), 2);
        waiting &= waiting - 1;
        store<u16>(entry, first + <u32>ctz(waiting), 4);
        waiting &= waiting - 1;
        store<u16>(entry, first + <u32>ctz(waiting), 6);
        waiting &= waiting - 1;
        entry += BATCH << 1;
      } while (waiting !== 0);
      offset += TRAIN;
    }
  }
  const preSpikes = tile.preSpikes + ((<usize>row) << 2);
  const postSpikes = tile.postSpikes + ((<usize>row) << 2);
  store<u32>(preSpikes, load<u32>(preSpikes) + <u32>preCount);
  store<u32>(postSpikes, load<u32>(postSpikes) + <u32>postCount);
  return end;
}

/** Counts the listed spikes; `cells` is where the histogram of the first bit of a buffer would begin. */
export function countPairs(tile: Tile, end: usize, cells: usize): void {
  if (tile.window > NARROW) {
    countWidePairs(tile, end, cells);
    return;
  }
  const bytesPerStep: usize = (2 * tile.window + 1) << 2;
  const binTable = tile.binTable;
  const post = tile.postTrains - 7;
  for (let entry = tile.list; entry < end; entry += 2) {
    const bit = <usize>load<u16>(entry);
    const byte = post + (bit >> 3);
    const before = <usize>clz(load<u64>(byte) << (~bit & 7));
    const after = <usize>ctz(load<u64>(byte, 7) >> (bit & 7));
    const bin = <usize>load<u8>(binTable + ((before << 7) | after));
    const count = cells + (bit & (TRAIN * 8 - 1)) * bytesPerStep + (bin << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
}

function countWidePairs(tile: Tile, end: usize, cells: usize): void {
  const bytesPerStep: usize = (2 * tile.window + 1) << 2;
  for (let entry = tile.list; entry < end; entry += 2) {
    const bit = <usize>load<u16>(entry);
    const byte = tile.postTrains + (bit >> 3);
    const distances = (distanceBefore(byte, bit & 7) << 7) | distanceAfter(byte, bit & 7);
    const bin = <usize>load<u8>(tile.binTable + distances);
    const count = cells + (bit & (TRAIN * 8 - 1)) * bytesPerStep + (bin << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
}

/** Distance, up to 64, to the last spike at or before bit i of a byte; 65 for none. */
function distanceBefore(byte: usize, i: usize): usize {
  const farthest = load<u8>(byte - 8);
  const near = (load<u64>(byte - 7) << (7 - i)) | (<u64>farthest >> (i + 1));
  return near !== 0 ? <usize>clz(near) : 65 - ((farthest >> <u8>i) & 1);
}

/** Distance, up to 64, to the first spike at or after bit i of a byte; 65 for none. */
function distanceAfter(byte: usize, i: usize): usize {
  const farthest = load<u8>(byte, 8);
  const near = (load<u64>(byte) >> i) | (((<u64>farthest) << 1) << (63 - i));
  return near !== 0 ? <usize>ctz(near) : 65 - ((farthest >> <u8>i) & 1);
}

/** The lowest `count` bits; count may exceed 64. */
function lowBits(count: u32): u64 {
  return count >= 64 ? -1 : ((<u64>1) << count) - 1;
}
