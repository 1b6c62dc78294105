// From integrated activities to the bit planes of the spike probabilities, and back. Twin of src/stdp/probability.ts
// and src/stdp/rho.ts, where the definitions are.

// biome-ignore lint/style/useImportType: AssemblyScript has no type-only imports.
import { Neuron, Tile } from './tile';

/** ρ(s) in units of 2⁻³⁰. */
export function rhoOf(s: i32, neuron: Neuron, table: usize): i32 {
  if (!neuron.logistic) {
    const above = min(max(s - neuron.beta1, 0), 1 << neuron.fractionBits);
    return above << (30 - neuron.fractionBits);
  }
  const argument = (<i64>(s - neuron.midpoint) * neuron.slopeMantissa) >> neuron.slopeShift;
  const clipped = <u32>min(abs(argument), 16 << 20);
  const at = table + ((<usize>(clipped >> 12)) << 2);
  const from = load<u32>(at);
  const value = from + (((load<u32>(at, 4) - from) * (clipped & 0xfff)) >> 12);
  return argument < 0 ? (1 << 30) - value : value;
}

/** Of 32 steps: the planes' bits of one step, most significant first. */
const steps = memory.data(4 * 32, 16);

/** Writes the planes of one neuron of one sequence; `side` is 0 for the presynaptic, 1 for the postsynaptic one. */
export function derivePlanes(tile: Tile, neuron: Neuron, side: u32, row: u32): void {
  const states = neuron.states + ((<usize>row * (tile.steps + 1)) << 2);
  for (let word: u32 = 0; word < tile.words; word++) {
    const end = min(tile.steps - (word << 5), 32);
    for (let i: u32 = 0; i < end; i++) {
      const rho = rhoOf(load<i32>(states + ((<usize>((word << 5) + i)) << 2)), neuron, tile.logisticTable);
      const p = <u32>((<u64>neuron.peak * <u64>rho + (1 << 29)) >> 30);
      store<u32>(steps + ((<usize>i) << 2), p === 0 ? 0 : (p - 1) | 0x80000000);
    }
    memory.fill(steps + ((<usize>end) << 2), 0, (<usize>(32 - end)) << 2);
    transpose(planesAt(tile, side, row, word));
  }
}

/** Writes the 32 planes of `steps`: bit i of plane k is bit 31 − k of step i. */
function transpose(planes: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    const at = steps + (half << 6);
    const out = planes + (half << 1);
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    // The first bytes of eight steps, then their second bytes; third and fourth.
    const ab01 = v128.shuffle<u8>(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const cd01 = v128.shuffle<u8>(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const ab23 = v128.shuffle<u8>(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
    const cd23 = v128.shuffle<u8>(c, d, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
    storePlanes(out, v128.shuffle<u64>(ab23, cd23, 1, 3));
    storePlanes(out + 32, v128.shuffle<u64>(ab23, cd23, 0, 2));
    storePlanes(out + 64, v128.shuffle<u64>(ab01, cd01, 1, 3));
    storePlanes(out + 96, v128.shuffle<u64>(ab01, cd01, 0, 2));
  }
}

/** Writes 16 steps of eight planes, from a byte of each step. */
function storePlanes(out: usize, bytes: v128): void {
  let rest = bytes;
  for (let plane: usize = 0; plane < 32; plane += 4) {
    store<u16>(out + plane, <u16>i8x16.bitmask(rest));
    rest = i8x16.add(rest, rest);
  }
}

/** Writes the probabilities that the planes stand for. */
export function readProbabilities(tile: Tile, neuron: Neuron, side: u32, row: u32): void {
  const out = neuron.probabilities + ((<usize>row * tile.steps) << 2);
  for (let t: u32 = 0; t < tile.steps; t++) {
    const at = planesAt(tile, side, row, t >> 5);
    const i = t & 31;
    let threshold: u32 = 0;
    for (let plane: u32 = 1; plane < 32; plane++) {
      threshold = (threshold << 1) | ((load<u32>(at + (plane << 2)) >> i) & 1);
    }
    store<u32>(out + ((<usize>t) << 2), (load<u32>(at) >> i) & 1 ? threshold + 1 : 0);
  }
}

function planesAt(tile: Tile, side: u32, row: u32, word: u32): usize {
  return tile.planes + (((<usize>row * tile.words + word) * 2 + side) << 7);
}
