/*
 * Arrays of 64-bit integers without a `bigint` for each of them, which takes longer than anything else that is done
 * with tallies. The halves of a number are two 32-bit words of its memory, the low one first: typed arrays are little
 * endian wherever WebAssembly and WebGPU run.
 */

/**
 * The numbers nearest to 64-bit integers: what `Number` makes of each.
 *
 * @param unit a power of two that they are given in
 */
export function nearestNumbers(integers: BigInt64Array, unit = 1): Float64Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = integers;
  const words = new Int32Array(buffer, byteOffset, 2 * length);
  const numbers = new Float64Array(length);
  // Both terms are exact, so that the sum is rounded once.
  for (let i = 0; i < length; i++) numbers[i] = (words[2 * i + 1]! * 2 ** 32 + (words[2 * i]! >>> 0)) * unit;
  return numbers;
}

/** Sums of two arrays, element by element, modulo 2⁶⁴ as those of `BigInt64Array` are. */
export function addIntegers(a: BigInt64Array, b: BigInt64Array): BigInt64Array<ArrayBuffer> {
  const sums = new BigInt64Array(a);
  addInPlace(sums, b);
  return sums;
}

/** Adds `integers` to those of `sums` from element `at` on, modulo 2⁶⁴. */
export function addInPlace(sums: BigInt64Array, integers: BigInt64Array, at = 0): void {
  const added = new Uint32Array(integers.buffer, integers.byteOffset, 2 * integers.length);
  const words = new Uint32Array(sums.buffer, sums.byteOffset + 8 * at, added.length);
  for (let low = 0; low < added.length; low += 2) {
    const sum = words[low]! + added[low]!;
    words[low] = sum;
    words[low + 1] = words[low + 1]! + added[low + 1]! + (sum >= 2 ** 32 ? 1 : 0);
  }
}
