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

/** Writes the planes of one neuron of one sequence; `side` is 0 for the presynaptic, 1 for the postsynaptic one. */
export function derivePlanes(tile: Tile, neuron: Neuron, side: u32, row: u32): void {
  const states = neuron.states + ((<usize>row * (tile.steps + 1)) << 2);
  for (let word: u32 = 0; word < tile.words; word++) {
    const at = planesAt(tile, side, row, word);
    memory.fill(at, 0, 128);
    const end = min(tile.steps - (word << 5), 32);
    for (let i: u32 = 0; i < end; i++) {
      const rho = rhoOf(load<i32>(states + ((<usize>((word << 5) + i)) << 2)), neuron, tile.logisticTable);
      const p = <u32>((<u64>neuron.peak * <u64>rho + (1 << 29)) >> 30);
      if (p === 0) continue;
      store<u32>(at, load<u32>(at) | (1 << i));
      const threshold = p - 1;
      for (let plane: u32 = 1; plane < 32; plane++) {
        const place = at + (plane << 2);
        store<u32>(place, load<u32>(place) | (((threshold >> (31 - plane)) & 1) << i));
      }
    }
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
