// Matrix products and leaky steps in float32 with SIMD, for rows that are filled up to whole vectors of four
// (src/matrix/layout.ts). All pointers are byte addresses, all strides counts of values.
//
// Pixels are mostly 0, and so are the units of a trained network: products go through the values of a row that are not,
// and read no weights for the others.

/** Values in a vector, and bytes of one. */
const LANES: u32 = 4;
const BYTES: usize = 16;

/** First address that is free for use. */
export function memoryBase(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * result ← result + left · right.
 *
 * @param columns of right and result, a multiple of 4, which is their stride too
 * @param lists room for rows · (inner + 1) words
 */
export function addProduct(
  left: usize,
  right: usize,
  result: usize,
  rows: u32,
  inner: u32,
  columns: u32,
  leftStride: u32,
  lists: usize,
): void {
  const width = (<usize>inner + 1) << 2;
  for (let row: u32 = 0; row < rows; row++) {
    listNonZero(left + ((<usize>row * leftStride) << 2), inner, 4, lists + row * width);
  }
  const stride = (<usize>columns) << 2;
  let column: u32 = 0;
  // Columns outside, rows inside: the columns' part of right stays in the cache.
  for (; column + 8 * LANES <= columns; column += 8 * LANES) {
    const at = (<usize>column) << 2;
    for (let row: usize = 0; row < rows; row++) {
      sum8(left + ((row * leftStride) << 2), lists + row * width, right + at, stride, result + row * stride + at);
    }
  }
  for (; column + 4 * LANES <= columns; column += 4 * LANES) {
    const at = (<usize>column) << 2;
    for (let row: usize = 0; row < rows; row++) {
      sum4(left + ((row * leftStride) << 2), lists + row * width, right + at, stride, result + row * stride + at);
    }
  }
  for (; column < columns; column += LANES) {
    const at = (<usize>column) << 2;
    for (let row: usize = 0; row < rows; row++) {
      sum1(left + ((row * leftStride) << 2), lists + row * width, right + at, stride, result + row * stride + at);
    }
  }
}

/**
 * weights ← weights + scale · leftᵀ · right, over the rows of left and right.
 *
 * @param units columns of left, rows of weights
 * @param columns of right and weights, a multiple of 4, which is their stride too
 * @param list room for rows + 1 words and rows values
 * @returns the largest |weight| of those that changed; NaN where there is one
 */
export function addOuterProduct(
  left: usize,
  right: usize,
  weights: usize,
  rows: u32,
  units: u32,
  columns: u32,
  leftStride: u32,
  scale: f32,
  list: usize,
): f32 {
  const stride = (<usize>columns) << 2;
  largest = f32x4.splat(0);
  for (let unit: u32 = 0; unit < units; unit++) {
    const values = left + ((<usize>unit) << 2);
    const pitch = (<usize>leftStride) << 2;
    listNonZero(values, rows, pitch, list);
    if (load<u32>(list) === 0) continue;
    const row = weights + <usize>unit * stride;
    let column: u32 = 0;
    for (; column + 4 * LANES <= columns; column += 4 * LANES) {
      const at = (<usize>column) << 2;
      spread4(values, pitch, list, right + at, stride, row + at, scale);
    }
    for (; column < columns; column += LANES) {
      const at = (<usize>column) << 2;
      spread1(values, pitch, list, right + at, stride, row + at, scale);
    }
  }
  const high = f32x4.max(largest, v128.shuffle<f32>(largest, largest, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.max(high, v128.shuffle<f32>(high, high, 1, 0, 3, 2)), 0);
}

/** next ← s + ε (input − s + β (goal − s)), cut to 0 … 1. @param goal 0 where there is none. @param count of vectors */
export function leakyStep(
  states: usize,
  input: usize,
  next: usize,
  count: u32,
  epsilon: f32,
  goal: usize,
  strength: f32,
): void {
  const share = f32x4.splat(epsilon);
  const beta = f32x4.splat(strength);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < <usize>count * BYTES; at += BYTES) {
    const s = v128.load(states + at);
    let force = f32x4.sub(v128.load(input + at), s);
    if (goal !== 0) force = f32x4.add(force, f32x4.mul(beta, f32x4.sub(v128.load(goal + at), s)));
    const moved = f32x4.add(s, f32x4.mul(share, force));
    v128.store(next + at, f32x4.min(one, f32x4.max(zero, moved)));
  }
}

/** out ← scale · (after − before). @param count of vectors */
export function scaledDifference(after: usize, before: usize, out: usize, count: u32, scale: f32): void {
  const factor = f32x4.splat(scale);
  for (let at: usize = 0; at < <usize>count * BYTES; at += BYTES) {
    v128.store(out + at, f32x4.mul(factor, f32x4.sub(v128.load(after + at), v128.load(before + at))));
  }
}

/** out ← (a + b) / 2. @param count of vectors */
export function mean(a: usize, b: usize, out: usize, count: u32): void {
  const half = f32x4.splat(0.5);
  for (let at: usize = 0; at < <usize>count * BYTES; at += BYTES) {
    v128.store(out + at, f32x4.mul(half, f32x4.add(v128.load(a + at), v128.load(b + at))));
  }
}

/** The rows of one matrix as the columns of another. @param columns of `from`, whose stride is given. */
export function transpose(from: usize, to: usize, rows: u32, columns: u32, fromStride: u32, toStride: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    for (let column: u32 = 0; column < columns; column++) {
      const value = load<f32>(from + ((<usize>row * fromStride + column) << 2));
      store<f32>(to + ((<usize>column * toStride + row) << 2), value);
    }
  }
}

/** Largest |weight| that {@link addOuterProduct} has written, in each lane. */
let largest: v128 = f32x4.splat(0);

/** Writes how many of some values are not 0, and then their indices. @param pitch bytes from a value to the next */
function listNonZero(values: usize, count: u32, pitch: usize, list: usize): void {
  let end = list + 4;
  for (let k: u32 = 0; k < count; k++) {
    store<u32>(end, k);
    end += (<usize>(load<f32>(values + <usize>k * pitch) !== 0)) << 2;
  }
  store<u32>(list, <u32>((end - list - 4) >> 2));
}

// The unrolled loops over listed values: how many vectors each keeps in registers is in its name.

function sum8(values: usize, list: usize, right: usize, stride: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  let s4 = v128.load(out, 64);
  let s5 = v128.load(out, 80);
  let s6 = v128.load(out, 96);
  let s7 = v128.load(out, 112);
  const end = list + 4 + ((<usize>load<u32>(list)) << 2);
  for (let at = list + 4; at < end; at += 4) {
    const k = <usize>load<u32>(at);
    const value = v128.load_splat<f32>(values + (k << 2));
    const row = right + k * stride;
    s0 = f32x4.add(s0, f32x4.mul(value, v128.load(row)));
    s1 = f32x4.add(s1, f32x4.mul(value, v128.load(row, 16)));
    s2 = f32x4.add(s2, f32x4.mul(value, v128.load(row, 32)));
    s3 = f32x4.add(s3, f32x4.mul(value, v128.load(row, 48)));
    s4 = f32x4.add(s4, f32x4.mul(value, v128.load(row, 64)));
    s5 = f32x4.add(s5, f32x4.mul(value, v128.load(row, 80)));
    s6 = f32x4.add(s6, f32x4.mul(value, v128.load(row, 96)));
    s7 = f32x4.add(s7, f32x4.mul(value, v128.load(row, 112)));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  v128.store(out, s4, 64);
  v128.store(out, s5, 80);
  v128.store(out, s6, 96);
  v128.store(out, s7, 112);
}

function sum4(values: usize, list: usize, right: usize, stride: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  const end = list + 4 + ((<usize>load<u32>(list)) << 2);
  for (let at = list + 4; at < end; at += 4) {
    const k = <usize>load<u32>(at);
    const value = v128.load_splat<f32>(values + (k << 2));
    const row = right + k * stride;
    s0 = f32x4.add(s0, f32x4.mul(value, v128.load(row)));
    s1 = f32x4.add(s1, f32x4.mul(value, v128.load(row, 16)));
    s2 = f32x4.add(s2, f32x4.mul(value, v128.load(row, 32)));
    s3 = f32x4.add(s3, f32x4.mul(value, v128.load(row, 48)));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

function sum1(values: usize, list: usize, right: usize, stride: usize, out: usize): void {
  let s0 = v128.load(out);
  const end = list + 4 + ((<usize>load<u32>(list)) << 2);
  for (let at = list + 4; at < end; at += 4) {
    const k = <usize>load<u32>(at);
    s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(values + (k << 2)), v128.load(right + k * stride)));
  }
  v128.store(out, s0);
}

function spread4(values: usize, pitch: usize, list: usize, right: usize, stride: usize, out: usize, scale: f32): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  const end = list + 4 + ((<usize>load<u32>(list)) << 2);
  for (let at = list + 4; at < end; at += 4) {
    const n = <usize>load<u32>(at);
    const value = v128.load_splat<f32>(values + n * pitch);
    const row = right + n * stride;
    s0 = f32x4.add(s0, f32x4.mul(value, v128.load(row)));
    s1 = f32x4.add(s1, f32x4.mul(value, v128.load(row, 16)));
    s2 = f32x4.add(s2, f32x4.mul(value, v128.load(row, 32)));
    s3 = f32x4.add(s3, f32x4.mul(value, v128.load(row, 48)));
  }
  const factor = f32x4.splat(scale);
  learn(out, f32x4.mul(factor, s0));
  learn(out + 16, f32x4.mul(factor, s1));
  learn(out + 32, f32x4.mul(factor, s2));
  learn(out + 48, f32x4.mul(factor, s3));
}

function spread1(values: usize, pitch: usize, list: usize, right: usize, stride: usize, out: usize, scale: f32): void {
  let s0 = f32x4.splat(0);
  const end = list + 4 + ((<usize>load<u32>(list)) << 2);
  for (let at = list + 4; at < end; at += 4) {
    const n = <usize>load<u32>(at);
    s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(values + n * pitch), v128.load(right + n * stride)));
  }
  learn(out, f32x4.mul(f32x4.splat(scale), s0));
}

function learn(weight: usize, change: v128): void {
  const value = f32x4.add(v128.load(weight), change);
  largest = f32x4.max(largest, f32x4.abs(value));
  v128.store(weight, value);
}
