// Philox4x32-10 (Salmon et al., SC 2011) for one counter, and for the generators of four trials side by side.
// Twin of src/random/philox.ts.

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
const ROUNDS = 10;
/** Purpose of the generators of spikes, PURPOSE.spikes of src/random/address.ts. */
const SPIKES: u32 = 4;

/** Words 0 and 1 of the last `randomBlock` in the low and high half. */
export let block01: u64 = 0;

/** The random bits at counter (sequence, 0, step, 0). */
export function randomBlock(seed: u32, purpose: u32, sequence: u32, step: u32): void {
  let c0 = sequence;
  let c1: u32 = 0;
  let c2 = step;
  let c3: u32 = 0;
  let k0 = seed;
  let k1 = purpose;
  for (let round = 0; round < ROUNDS; round++) {
    const product0 = <u64>MULTIPLIER_0 * c0;
    const product1 = <u64>MULTIPLIER_1 * c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  block01 = ((<u64>c1) << 32) | c0;
}

/** States of sfc32 for trials `trial` … `trial + 3`: counters (sequence, trial, 0, 0); four vectors to `generators`. */
export function seedGenerators(generators: usize, seed: u32, sequence: u32, trial: u32): void {
  // The first round and half of the second are the same in every trial.
  const first = <u64>MULTIPLIER_0 * sequence;
  const second = <u64>MULTIPLIER_1 * <u64>(<u32>(first >> 32) ^ SPIKES);
  const k0 = seed + WEYL_0;
  const k1 = SPIKES + WEYL_1;
  const multiplier0 = i32x4.splat(MULTIPLIER_0);
  const c0 = v128.xor(i32x4.add(i32x4.splat(trial), i32x4(0, 1, 2, 3)), i32x4.splat(seed));
  const low = i64x2.extmul_low_i32x4_u(c0, multiplier0);
  const high = i64x2.extmul_high_i32x4_u(c0, multiplier0);
  finishBlocks(
    generators,
    i32x4.splat(<u32>(second >> 32) ^ k0),
    i32x4.splat(<u32>second),
    v128.xor(v128.shuffle<i32>(low, high, 1, 3, 5, 7), i32x4.splat(<u32>first ^ k1)),
    v128.shuffle<i32>(low, high, 0, 2, 4, 6),
    k0,
    k1,
    2,
  );
}

/** Four blocks as those of {@link randomBlock}, at steps `step` … `step + 3`: word by word, a vector each, to `out`. */
export function randomBlocks(out: usize, seed: u32, purpose: u32, sequence: u32, step: u32): void {
  const zero = i32x4.splat(0);
  const steps = i32x4.add(i32x4.splat(step), i32x4(0, 1, 2, 3));
  finishBlocks(out, i32x4.splat(sequence), zero, steps, zero, seed - WEYL_0, purpose - WEYL_1, 0);
}

/** The rounds from `round` on; `k0`, `k1` is the key of the round before. */
function finishBlocks(out: usize, c0: v128, c1: v128, c2: v128, c3: v128, k0: u32, k1: u32, round: i32): void {
  const multiplier0 = i32x4.splat(MULTIPLIER_0);
  const multiplier1 = i32x4.splat(MULTIPLIER_1);
  for (; round < ROUNDS; round++) {
    k0 += WEYL_0;
    k1 += WEYL_1;
    const low0 = i64x2.extmul_low_i32x4_u(c0, multiplier0);
    const high0 = i64x2.extmul_high_i32x4_u(c0, multiplier0);
    const low1 = i64x2.extmul_low_i32x4_u(c2, multiplier1);
    const high1 = i64x2.extmul_high_i32x4_u(c2, multiplier1);
    c0 = v128.xor(v128.xor(v128.shuffle<i32>(low1, high1, 1, 3, 5, 7), c1), i32x4.splat(k0));
    c1 = v128.shuffle<i32>(low1, high1, 0, 2, 4, 6);
    c2 = v128.xor(v128.xor(v128.shuffle<i32>(low0, high0, 1, 3, 5, 7), c3), i32x4.splat(k1));
    c3 = v128.shuffle<i32>(low0, high0, 0, 2, 4, 6);
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
}
