// The experiment of one region in WebAssembly: what `../core.ts` calls, one sequence (row) at a time. WebAssembly engines
// put optimized code in place when a function is called the next time, never within a loop that runs: hence the exports
// of functions that only this file calls, which keeps the compiler from inlining them into their loops.

import { drawStates } from './drive';
import { countPairs, fillBinTable, LIST, listSpikes } from './pairing';
import { countSchemePairs } from './pairing-schemes';
import { seedGenerators } from './philox';
import { derivePlanes, readProbabilities } from './probability';
import { tallySequence } from './tally';
// biome-ignore lint/style/useImportType: AssemblyScript has no type-only imports.
import { Tile } from './tile';
import { CHUNK, readWords, sampleWords, TRAIN } from './trains';
import { countTriplets, TRACES } from './triplets';

export { countPairs, countSchemePairs, countTriplets, fillBinTable, listSpikes, sampleWords, seedGenerators };

/** First byte of memory that is free. */
export function memoryBase(): usize {
  return __heap_base;
}

/** Bytes of the buffer that `preTrains` points to, and of that of `postTrains`. */
export function trainBytes(): usize {
  return 4 * TRAIN;
}

/** Bytes of the buffer that `list` points to. */
export function listBytes(): usize {
  return LIST;
}

/** Bytes of the buffer that `traces` points to. */
export function tracesBytes(): usize {
  return TRACES;
}

/** Draws the activities (1: presynaptic, 2: postsynaptic, 3: both; the others are there) and the spike probabilities. */
export function prepare(tile: Tile, row: u32, drawn: u32): void {
  if (drawn & 1) drawStates(tile, tile.pre, row);
  if (drawn & 2) drawStates(tile, tile.post, row);
  derivePlanes(tile, tile.pre, 0, row);
  derivePlanes(tile, tile.post, 1, row);
}

/** Runs trials `first` … `first + count − 1` of one sequence; recorded ones are those that lie in memory. */
export function runTrials(tile: Tile, row: u32, first: u32, count: u32): void {
  const bytesPerTrial = (<usize>tile.words) << 3;
  for (let done: u32 = 0; done < count; done += 4) {
    const recorded = tile.recording === 0 ? 0 : tile.recording + (<usize>row * count + done) * bytesPerTrial;
    if (recorded === 0) seedGenerators(tile.generators, tile.seed, tile.firstSequence + row, first + done);
    runFour(tile, row, min(count - done, 4), recorded);
  }
}

/** Writes the spike trains of one trial. */
export function sampleTrial(tile: Tile, row: u32, trial: u32, pre: usize, post: usize): void {
  seedGenerators(tile.generators, tile.seed, tile.firstSequence + row, trial);
  for (let word: u32 = 0; word < tile.words; word += CHUNK) {
    const words = min(tile.words - word, CHUNK);
    sampleWords(tile.generators, planesOf(tile, row, word), words, tile.preTrains, tile.postTrains);
    memory.copy(pre + ((<usize>word) << 2), tile.preTrains, (<usize>words) << 2);
    memory.copy(post + ((<usize>word) << 2), tile.postTrains, (<usize>words) << 2);
  }
}

export function tally(tile: Tile, row: u32): void {
  tallySequence(tile, row);
}

export function probabilities(tile: Tile, row: u32): void {
  readProbabilities(tile, tile.pre, 0, row);
  readProbabilities(tile, tile.post, 1, row);
}

/**
 * Runs the four trials whose generators are ready, or whose words are recorded, and counts the first `lanes` of them. The spike trains pass through
 * the buffers in chunks: 2 words that were paired, 2 words that wait for those after them, the words of the chunk, and
 * after the last of them zeros.
 */
export function runFour(tile: Tile, row: u32, lanes: u32, recorded: usize): void {
  const bytesPerStep = (<usize>tile.bins) << 2;
  const pairsOnce = tile.bins === 2 * tile.window + 1;
  const isTriplet = tile.tripletTerms !== 0;
  if (isTriplet) memory.fill(tile.traces, 0, TRACES);
  clearWords(tile, 0);
  for (let word: u32 = 0; word < tile.words; word += CHUNK) {
    const words = min(tile.words - word, CHUNK);
    const pre = tile.preTrains + 16;
    const post = tile.postTrains + 16;
    if (recorded === 0) sampleWords(tile.generators, planesOf(tile, row, word), words, pre, post);
    else readWords(recorded + ((<usize>word) << 3), (<usize>tile.words) << 3, words, lanes, pre, post);
    const isLast = word + words === tile.words;
    if (isLast) clearWords(tile, words + 4);

    const firstStep = (word - 4) << 5;
    if (isTriplet) {
      countTriplets(tile, row, lanes, firstStep, words);
      if (!isLast) keepLastWords(tile, words);
      continue;
    }
    const cells = tile.histogram + (<usize>row * tile.recordedSteps + firstStep - tile.firstRecorded) * bytesPerStep;
    const end = listSpikes(tile, row, lanes, firstStep, word === 0 ? 4 : 2, isLast ? words + 4 : words + 2);
    if (pairsOnce) countPairs(tile, end, cells);
    else countSchemePairs(tile, end, cells);
    if (!isLast) keepLastWords(tile, words);
  }
}

/** Clears four words of every buffer. */
function clearWords(tile: Tile, word: u32): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    const offset = lane * TRAIN + ((<usize>word) << 2);
    memory.fill(tile.preTrains + offset, 0, 16);
    memory.fill(tile.postTrains + offset, 0, 16);
  }
}

/** Moves the last four words of every buffer to its beginning. */
function keepLastWords(tile: Tile, words: u32): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    const pre = tile.preTrains + lane * TRAIN;
    const post = tile.postTrains + lane * TRAIN;
    memory.copy(pre, pre + ((<usize>words) << 2), 16);
    memory.copy(post, post + ((<usize>words) << 2), 16);
  }
}

function planesOf(tile: Tile, row: u32, word: u32): usize {
  return tile.planes + ((<usize>row * tile.words + word) << 8);
}
