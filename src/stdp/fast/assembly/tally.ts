// From the histogram of one sequence to its tallies, in exact 64-bit sums. Twin of `readTallies` in src/stdp/twin.ts.
//
// Four bins at a time over a block of steps, so that the sums by bin stay in registers and the counts in the first cache.
// Most counts of an experiment of few trials are zero, and to skip these costs more, in branches that nobody can predict,
// than to add them.

import { rhoOf } from './probability';
// biome-ignore lint/style/useImportType: AssemblyScript has no type-only imports.
import { Tile } from './tile';

/** Steps in a block. */
const BLOCK: u32 = 64;
/** Of each step of a block: ṡ_i ρ(s_j) and ṡ_i, i32; then two i64 that add up to its pair rule. */
const rates = memory.data(4 * 64, 16);
const changes = memory.data(4 * 64, 16);
const weighted = memory.data(16 * 64, 16);

export function tallySequence(tile: Tile, row: u32): void {
  const bins = tile.bins;
  memory.fill(tile.pairs + ((<usize>row * bins) << 2), 0, bins << 2);
  memory.fill(tile.rateSums + ((<usize>row * bins) << 3), 0, bins << 3);
  memory.fill(tile.spikeSums + ((<usize>row * bins) << 3), 0, bins << 3);
  const isTriplet = tile.tripletTerms !== 0;
  if (isTriplet) memory.fill(tile.tripletSums + ((<usize>row * bins) << 3), 0, bins << 3);
  for (let first: u32 = 0; first < tile.recordedSteps; first += BLOCK) {
    const steps = min(tile.recordedSteps - first, BLOCK);
    deriveTerms(tile, row, first, steps);
    const cell = <usize>row * tile.recordedSteps + first;
    tallyBlock(tile, row, cell, steps);
    for (let step: usize = 0; step < <usize>steps; step++) {
      const sums = weighted + (step << 4);
      let sum = load<i64>(sums) + load<i64>(sums, 8);
      if (isTriplet) sum += tallyTriplets(tile, tile.tripletCells + (((cell + step) * bins) << 3), row);
      store<i64>(tile.cellPairs + ((cell + step) << 3), sum);
    }
  }
}

/** Puts the terms of a block of steps in place and clears its sums. */
function deriveTerms(tile: Tile, row: u32, first: u32, steps: u32): void {
  const states = (<usize>row * (tile.steps + 1) + tile.firstRecorded + first) << 2;
  const cellRates = tile.cellRates + ((<usize>row * tile.recordedSteps + first) << 2);
  memory.fill(weighted, 0, (<usize>steps) << 4);
  for (let at: usize = 0; at < (<usize>steps) << 2; at += 4) {
    const post = tile.post.states + states + at;
    const change = load<i32>(post, 4) - load<i32>(post);
    const rho = rhoOf(load<i32>(tile.pre.states + states + at), tile.pre, tile.logisticTable);
    const rate = <i32>((<i64>change * rho + (1 << 29)) >> 30);
    store<i32>(changes + at, change);
    store<i32>(rates + at, rate);
    store<i32>(cellRates + at, rate);
  }
}

/** Adds the counts of a block, from `cell` on, to the sums by bin, and weighted with the pair rule to those by step. */
function tallyBlock(tile: Tile, row: u32, cell: usize, steps: u32): void {
  const bins = tile.bins;
  for (let bin: u32 = 0; bin < bins; bin += 4) {
    // What is added to the lanes beyond the last bin, which belong to other sums, is zero.
    const mask = i32x4.gt_s(i32x4.splat(bins - bin), i32x4(0, 1, 2, 3));
    const kernel = v128.load(tile.kernel + ((<usize>bin) << 2));
    const pairsAt = tile.pairs + ((<usize>row * bins + bin) << 2);
    const ratesAt = tile.rateSums + ((<usize>row * bins + bin) << 3);
    const spikesAt = tile.spikeSums + ((<usize>row * bins + bin) << 3);
    let pairs = v128.load(pairsAt);
    let rateLow = v128.load(ratesAt);
    let rateHigh = v128.load(ratesAt, 16);
    let spikeLow = v128.load(spikesAt);
    let spikeHigh = v128.load(spikesAt, 16);
    let largest = i32x4.splat(0);
    let at = tile.histogram + ((cell * bins + bin) << 2);
    for (let step: usize = 0; step < <usize>steps; step++) {
      const counts = v128.and(v128.load(at), mask);
      const rate = v128.load_splat<u32>(rates + (step << 2));
      const change = v128.load_splat<u32>(changes + (step << 2));
      const sums = weighted + (step << 4);
      largest = v128.or(largest, counts);
      pairs = i32x4.add(pairs, counts);
      rateLow = i64x2.add(rateLow, i64x2.extmul_low_i32x4_s(counts, rate));
      rateHigh = i64x2.add(rateHigh, i64x2.extmul_high_i32x4_s(counts, rate));
      spikeLow = i64x2.add(spikeLow, i64x2.extmul_low_i32x4_s(counts, change));
      spikeHigh = i64x2.add(spikeHigh, i64x2.extmul_high_i32x4_s(counts, change));
      const low = i64x2.extmul_low_i32x4_s(counts, kernel);
      const high = i64x2.extmul_high_i32x4_s(counts, kernel);
      v128.store(sums, i64x2.add(v128.load(sums), i64x2.add(low, high)));
      at += (<usize>bins) << 2;
    }
    v128.store(pairsAt, pairs);
    v128.store(ratesAt, rateLow);
    v128.store(ratesAt, rateHigh, 16);
    v128.store(spikesAt, spikeLow);
    v128.store(spikesAt, spikeHigh, 16);
    if (i32x4.bitmask(largest) !== 0) addHighBits(tile, bin, ratesAt, spikesAt, cell, steps);
  }
}

/** What products with counts of 2³¹ and more, taken as negative, lack of four bins: only single steps have as many trials. */
function addHighBits(tile: Tile, bin: u32, ratesAt: usize, spikesAt: usize, cell: usize, steps: u32): void {
  for (let step: usize = 0; step < <usize>steps; step++) {
    for (let lane: usize = 0; lane < min(tile.bins - bin, 4); lane++) {
      if (load<i32>(tile.histogram + (((cell + step) * tile.bins + bin + lane) << 2)) >= 0) continue;
      addWide(ratesAt + (lane << 3), load<i32>(rates + (step << 2)));
      addWide(spikesAt + (lane << 3), load<i32>(changes + (step << 2)));
      addWide(weighted + (step << 4), load<i32>(tile.kernel + ((<usize>bin + lane) << 2)));
    }
  }
}

/** Adds 2³² times `term` to a sum. */
function addWide(sum: usize, term: i32): void {
  store<i64>(sum, load<i64>(sum) + ((<i64>term) << 32));
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
