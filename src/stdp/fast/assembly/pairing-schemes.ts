// Pairs the listed spikes under any pairing scheme and counts the pairs. Twin of src/stdp/pairing-schemes.ts, which walks
// from step to step: here the spikes on one side of a presynaptic spike are the bits of a word, the nearest one lowest
// after it and highest before it, and hiding is arithmetic on them.

// biome-ignore lint/style/useImportType: AssemblyScript has no type-only imports.
import { Tile } from './tile';
import { TRAIN } from './trains';

/** Bits of `Tile.pairing`: spikes that hide pairs after and before the presynaptic spike, and the rest of the rule. */
const POST_HIDES_AFTER: u32 = 1;
export const PRE_HIDES_AFTER: u32 = 2;
const POST_HIDES_BEFORE: u32 = 4;
const PRE_HIDES_BEFORE: u32 = 8;
const EXCLUSIVE: u32 = 16;
export const CAUSAL: u32 = 32;
export const ACAUSAL: u32 = 64;

/** Counts the listed spikes and their pairs; `cells` is where the histogram of the first bit of a buffer would begin. */
export function countSchemePairs(tile: Tile, end: usize, cells: usize): void {
  const pairing = tile.pairing;
  const window = <usize>tile.window;
  const bytesPerStep = (<usize>tile.bins) << 2;
  const near: u64 = <u64>-1 >> (64 - window);
  const causal = (pairing & CAUSAL) !== 0;
  const acausal = (pairing & ACAUSAL) !== 0;
  for (let entry = tile.list; entry < end; entry += 2) {
    const bit = <usize>load<u16>(entry);
    const coincident = ((load<u8>(tile.postTrains + (bit >> 3)) >> <u8>(bit & 7)) & 1) !== 0;
    let after = stepsFrom(tile.postTrains, bit + 1) & near;
    let before = stepsFrom(tile.postTrains, bit - 64) & (near << (64 - window));
    if (pairing & POST_HIDES_AFTER) after = causal && coincident ? 0 : after & upToLowest(after);
    if (pairing & PRE_HIDES_AFTER) {
      const pre = stepsFrom(tile.preTrains, bit + 1);
      // Of tied spikes the presynaptic one is passed first.
      after &= causal ? upToLowest(pre) & ~pre : upToLowest(pre);
    }
    if (pairing & POST_HIDES_BEFORE) before = acausal && coincident ? 0 : before & fromHighest(before);
    if (pairing & PRE_HIDES_BEFORE) {
      const pre = stepsFrom(tile.preTrains, bit - 64);
      before &= acausal ? fromHighest(pre) & ~pre : fromHighest(pre);
    }
    let together = coincident && (causal || acausal);
    if (pairing & EXCLUSIVE) {
      const isAfter = after !== 0 || (causal && coincident);
      const isBefore = before !== 0 || (acausal && coincident);
      if (isAfter && isBefore) {
        after = 0;
        before = 0;
        together = false;
      }
    }
    const cell = cells + (bit & (TRAIN * 8 - 1)) * bytesPerStep;
    const middle = cell + (window << 2);
    increment(middle + ((window + 1) << 2));
    if (together) increment(middle);
    for (; after !== 0; after &= after - 1) increment(middle + ((<usize>ctz(after) + 1) << 2));
    for (; before !== 0; before &= before - 1) increment(middle - ((64 - <usize>ctz(before)) << 2));
  }
}

export function increment(count: usize): void {
  store<u32>(count, load<u32>(count) + 1);
}

/** The 64 steps of a train from a bit on. */
export function stepsFrom(train: usize, bit: usize): u64 {
  const byte = train + (bit >> 3);
  const i = bit & 7;
  return (load<u64>(byte) >> i) | (((<u64>load<u8>(byte, 8)) << 1) << (63 - i));
}

/** The bits up to the lowest one that is set; all of them where there is none. */
function upToLowest(spikes: u64): u64 {
  return spikes ^ (spikes - 1);
}

/** The bits from the highest one that is set; all of them where there is none. */
function fromHighest(spikes: u64): u64 {
  return spikes === 0 ? <u64>-1 : (<u64>-1) << (63 - clz(spikes));
}
