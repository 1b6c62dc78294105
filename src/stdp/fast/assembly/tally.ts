// From the histogram of one sequence to its tallies, in exact 64-bit sums. Twin of `readTallies` in src/stdp/twin.ts.

import { rhoOf } from './probability';
// biome-ignore lint/style/useImportType: AssemblyScript has no type-only imports.
import { Tile } from './tile';

export function tallySequence(tile: Tile, row: u32): void {
  const bins = tile.bins;
  const pairs = tile.pairs + ((<usize>row * bins) << 2);
  const rateSums = tile.rateSums + ((<usize>row * bins) << 3);
  const spikeSums = tile.spikeSums + ((<usize>row * bins) << 3);
  memory.fill(pairs, 0, bins << 2);
  memory.fill(rateSums, 0, bins << 3);
  memory.fill(spikeSums, 0, bins << 3);
  const isTriplet = tile.tripletTerms !== 0;
  if (isTriplet) memory.fill(tile.tripletSums + ((<usize>row * bins) << 3), 0, bins << 3);
  const states = (<usize>row * (tile.steps + 1) + tile.firstRecorded) << 2;
  for (let index: u32 = 0; index < tile.recordedSteps; index++) {
    const post = tile.post.states + states + ((<usize>index) << 2);
    const change = load<i32>(post, 4) - load<i32>(post);
    const rho = rhoOf(load<i32>(tile.pre.states + states + ((<usize>index) << 2)), tile.pre, tile.logisticTable);
    const rate = <i32>((<i64>change * rho + (1 << 29)) >> 30);
    const cell = <usize>row * tile.recordedSteps + index;
    store<i32>(tile.cellRates + (cell << 2), rate);
    let weighted = tallyCell(tile, tile.histogram + ((cell * bins) << 2), change, rate, row);
    if (isTriplet) weighted += tallyTriplets(tile, tile.tripletCells + ((cell * bins) << 3), row);
    store<i64>(tile.cellPairs + (cell << 3), weighted);
  }
}

/** Adds what earlier spikes add to the weight changes of one step to the sums by bin; returns their sum. */
function tallyTriplets(tile: Tile, sizes: usize, row: u32): i64 {
  const bins = tile.bins;
  const sums = tile.tripletSums + ((<usize>row * bins) << 3);
  let total: i64 = 0;
  for (let bin: u32 = 0; bin < bins; bin++) {
    const wide = (<usize>bin) << 3;
    const size = load<i64>(sizes + wide);
    const change = bin < tile.firstAfter ? -size : size;
    store<i64>(sums + wide, load<i64>(sums + wide) + change);
    total += change;
  }
  return total;
}

/** Adds the counts of one step to the sums by bin; returns their sum weighted with the pair rule. */
function tallyCell(tile: Tile, counts: usize, change: i32, rate: i32, row: u32): i64 {
  const bins = tile.bins;
  const pairs = tile.pairs + ((<usize>row * bins) << 2);
  const rateSums = tile.rateSums + ((<usize>row * bins) << 3);
  const spikeSums = tile.spikeSums + ((<usize>row * bins) << 3);
  let weighted: i64 = 0;
  for (let bin: u32 = 0; bin < bins; bin++) {
    const narrow = (<usize>bin) << 2;
    const wide = (<usize>bin) << 3;
    const count = <i64>load<u32>(counts + narrow);
    if (count === 0) continue;
    store<u32>(pairs + narrow, load<u32>(pairs + narrow) + <u32>count);
    store<i64>(rateSums + wide, load<i64>(rateSums + wide) + count * rate);
    store<i64>(spikeSums + wide, load<i64>(spikeSums + wide) + count * change);
    weighted += count * load<i32>(tile.kernel + narrow);
  }
  return weighted;
}
