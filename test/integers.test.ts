import { describe, expect, test } from 'vitest';
import { powerOfTwo } from '../src/numeric/elementary.ts';
import { addInPlace, addIntegers, nearestNumbers } from '../src/numeric/int64.ts';
import { ascendingOrder } from '../src/numeric/order.ts';
import { addTallies, type Tallies } from '../src/stdp/tallies.ts';
import { talliesOf } from './journal/entries.ts';

/** Integers of every size and sign, ends of the range, and those that lie between two numbers. */
const integers = BigInt64Array.from([
  0n,
  -1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  ...[31n, 32n, 33n, 52n, 53n, 54n, 55n, 62n].flatMap((bits) =>
    [-3n, -2n, -1n, 0n, 1n, 2n, 3n].flatMap((near) => [2n ** bits + near, near - 2n ** bits]),
  ),
  ...Array.from({ length: 200 }, (_, i) => BigInt.asIntN(64, 0x9e3779b97f4a7c15n * BigInt(i + 1)) >> BigInt(i % 60)),
]);

describe('64-bit integers', () => {
  test('become the numbers that Number makes of them, also from the middle of a memory', () => {
    expect(nearestNumbers(integers)).toEqual(Float64Array.from(integers, Number));
    expect(nearestNumbers(integers.subarray(3, 9))).toEqual(Float64Array.from(integers.subarray(3, 9), Number));
  });

  test('are added with their carries, modulo 2⁶⁴', () => {
    const others = integers.toReversed();
    expect(addIntegers(integers, others)).toEqual(integers.map((integer, i) => integer + others[i]!));
    expect(addIntegers(integers.subarray(1), others.subarray(1))).toEqual(
      integers.subarray(1).map((integer, i) => integer + others[i + 1]!),
    );
  });

  test('are added in place from some element on, in the middle of a memory', () => {
    const sums = integers.slice();
    addInPlace(sums.subarray(2), integers.subarray(5, 25), 7);
    expect(sums).toEqual(integers.map((integer, i) => integer + (i >= 9 && i < 29 ? integers[i - 4]! : 0n)));
  });

  test('of tallies are those of the trials of both', () => {
    const [a, b] = [talliesOf(1, 5), talliesOf(1, 9)];
    const sum = addTallies(a, b);
    expect(sum.trials).toBe(14);
    for (const name of ['rateSums', 'spikeSums', 'cellPairs'] as const satisfies (keyof Tallies)[]) {
      expect(sum[name]).toEqual(a[name].map((value, i) => value + b[name][i]!));
    }
  });
});

test('the order of integers is that of a stable sort', () => {
  for (const spread of [0, 3, 1000, 2 ** 32]) {
    const values = Int32Array.from({ length: 3000 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 0) % Math.max(1, spread));
    values.set([-(2 ** 31), 2 ** 31 - 1, -1, 0], 70);
    const expected = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
    expect(ascendingOrder(values)).toEqual(expected);
  }
  expect(ascendingOrder(new Int32Array())).toEqual(new Uint32Array());
});

test('powers of two are exact from the least to the largest number', () => {
  for (const k of [-1074, -1073, -1023, -1022, -53, -1, 0, 1, 52, 1023]) {
    expect(Math.log2(powerOfTwo(k))).toBe(k);
  }
  expect(powerOfTwo(-1074)).toBe(Number.MIN_VALUE);
  expect(2 * powerOfTwo(1023)).toBe(Number.POSITIVE_INFINITY);
});
