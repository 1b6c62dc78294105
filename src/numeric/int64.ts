/*
 * Arrays of 64-bit integers without a `bigint` for each of them, which takes longer than anything else that is done
 * with tallies. The halves of a number are two 32-bit words of its memory, the low one first: typed arrays are little
 * endian wherever WebAssembly and WebGPU run.
 */

/** The numbers nearest to 64-bit integers: what `Number` makes of each. */
export function nearestNumbers(integers: BigInt64Array): Float64Array {
  const { buffer, byteOffset, length } = integers;
  const words = new Int32Array(buffer, byteOffset, 2 * length);
  const numbers = new Float64Array(length);
  // Both terms are exact, so that the sum is rounded once.
  for (let i = 0; i < length; i++) numbers[i] = words[2 * i + 1]! * 2 ** 32 + (words[2 * i]! >>> 0);
  return numbers;
}

/** Sums of two arrays, element by element, modulo 2⁶⁴ as those of `BigInt64Array` are. */
export function addIntegers(a: BigInt64Array, b: BigInt64Array): BigInt64Array<ArrayBuffer> {
  const sums = new BigInt64Array(a.length);
  const left = new Uint32Array(a.buffer, a.byteOffset, 2 * a.length);
  const right = new Uint32Array(b.buffer, b.byteOffset, 2 * a.length);
  const words = new Uint32Array(sums.buffer);
  for (let low = 0; low < words.length; low += 2) {
    const sum = left[low]! + right[low]!;
    words[low] = sum;
    words[low + 1] = left[low + 1]! + right[low + 1]! + (sum >= 2 ** 32 ? 1 : 0);
  }
  return sums;
}
