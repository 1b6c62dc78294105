// Integrated activities by leaky integration (STDP paper Eq. 6). Twin of src/stdp/drive.ts, where the definitions are.

import { block01, randomBlock, randomBlocks } from './philox';
// biome-ignore lint/style/useImportType: AssemblyScript has no type-only imports.
import { Neuron, Tile } from './tile';

/** Writes s(0) … s(T) of one neuron of one sequence. */
export function drawStates(tile: Tile, neuron: Neuron, row: u32): void {
  const out = neuron.states + ((<usize>row * (tile.steps + 1)) << 2);
  const sequence = tile.firstSequence + row;
  if (neuron.drive === 0) drawNoise(tile, neuron, sequence, out);
  else if (neuron.drive === 1) drawSteps(tile, neuron, sequence, out);
  else drawRamps(tile, neuron, sequence, out);
}

/** Four blocks of random words, which serve 16 steps. */
const blocks = memory.data(64, 16);

function drawNoise(tile: Tile, neuron: Neuron, sequence: u32, out: usize): void {
  randomBlock(tile.seed, neuron.startPurpose, sequence, 0);
  let state = fixed(neuron.mean + scaledNormal(neuron.startSd, <u32>block01, tile.normalTable));
  for (let t: u32 = 0; t < tile.steps; t++) {
    if ((t & 15) === 0) randomBlocks(blocks, tile.seed, neuron.drivePurpose, sequence, t >> 2);
    const word = load<u32>(blocks + ((<usize>(t & 3)) << 4) + <usize>(t & 12));
    store<i32>(out + ((<usize>t) << 2), <i32>(state >> 32));
    state = leak(state, neuron.mean + scaledNormal(neuron.sd, word, tile.normalTable), neuron);
  }
  store<i32>(out + ((<usize>tile.steps) << 2), <i32>(state >> 32));
}

function drawSteps(tile: Tile, neuron: Neuron, sequence: u32, out: usize): void {
  const total = neuron.burnIn + tile.steps;
  let state = fixed(neuron.low + <i32>(neuron.range >> 1));
  let level = 0;
  for (let t: u32 = 0; t < total; t++) {
    if (t >= neuron.burnIn) store<i32>(out + ((<usize>(t - neuron.burnIn)) << 2), <i32>(state >> 32));
    randomBlock(tile.seed, neuron.drivePurpose, sequence, t);
    if (t === 0 || <u32>block01 <= neuron.redrawAtMost) level = levelFrom(neuron, <u32>(block01 >> 32));
    state = leak(state, level, neuron);
  }
  store<i32>(out + ((<usize>tile.steps) << 2), <i32>(state >> 32));
}

function drawRamps(tile: Tile, neuron: Neuron, sequence: u32, out: usize): void {
  const total = neuron.burnIn + tile.steps;
  let state = fixed(neuron.low + <i32>(neuron.range >> 1));
  let knot: u32 = 0;
  let numerator = neuron.numerator;
  let from = knotLevel(tile, neuron, sequence, 0);
  let to = knotLevel(tile, neuron, sequence, 1);
  for (let t: u32 = 0; t < total; t++) {
    if (t >= neuron.burnIn) store<i32>(out + ((<usize>(t - neuron.burnIn)) << 2), <i32>(state >> 32));
    const fraction = <i64>(((<u64>numerator) << 24) / neuron.denominator);
    state = leak(state, from + <i32>((<i64>(to - from) * fraction) >> 24), neuron);
    numerator += neuron.increment;
    if (numerator >= neuron.denominator) {
      numerator -= neuron.denominator;
      knot++;
      from = to;
      to = knotLevel(tile, neuron, sequence, knot + 1);
    }
  }
  store<i32>(out + ((<usize>tile.steps) << 2), <i32>(state >> 32));
}

/** The integrator's units, 2^−(F+32). */
function fixed(value: i32): i64 {
  return (<i64>value) << 32;
}

/** state + ε (u − state), ε = mantissa · 2^−(31 + shift); |u − state| < 2⁶² so that its double does not overflow. */
function leak(state: i64, u: i32, neuron: Neuron): i64 {
  const twice = (fixed(u) - state) << 1;
  const low = <u64>(<u32>twice) * neuron.epsilonMantissa;
  const product = (twice >> 32) * <i64>neuron.epsilonMantissa + <i64>(low >> 32);
  return state + (product >> neuron.epsilonShift);
}

function levelFrom(neuron: Neuron, word: u32): i32 {
  return neuron.low + <i32>((<u64>neuron.range * word) >> 32);
}

function knotLevel(tile: Tile, neuron: Neuron, sequence: u32, knot: u32): i32 {
  randomBlock(tile.seed, neuron.drivePurpose, sequence, knot);
  return levelFrom(neuron, <u32>block01);
}

/** sd · z, rounded, for the normal deviate z of a word. Twin of `normalFromWord` in src/random/normal.ts. */
function scaledNormal(sd: i32, word: u32, table: usize): i32 {
  const tail = word | 1;
  const leadingZeros = clz(tail);
  const normalized = tail << leadingZeros;
  const node = ((31 - leadingZeros) << 7) + ((normalized >> 24) & 127);
  const fraction = <i32>((normalized >> 10) & 0x3fff);
  const at = table + ((<usize>node) << 2);
  const from = load<i32>(at);
  const magnitude = from + (((load<i32>(at, 4) - from) * fraction) >> 14);
  const deviate = word & 1 ? -magnitude : magnitude;
  return <i32>((<i64>sd * deviate + (1 << 23)) >> 24);
}
