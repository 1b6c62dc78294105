import { expect, test } from 'vitest';
import { messageParts, packMessage, unpackMessage } from '../src/io/message.ts';

const value = {
  text: 'µ and "quotes"',
  nothing: null,
  bytes: Uint8Array.of(1, 2, 255),
  nested: [{ whole: Int32Array.of(-(2 ** 31), 2 ** 31 - 1), empty: new Uint32Array() }, 3.5],
  large: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
  real: Float64Array.of(Number.NaN, -0, 5e-324, Number.POSITIVE_INFINITY),
  part: Uint32Array.of(0, 1, 2, 3).subarray(1, 3),
};

test('a message gives back every value and every bit of its arrays', async () => {
  expect(unpackMessage(await packMessage(value).arrayBuffer())).toEqual(value);
});

test('a message may lie anywhere in a larger buffer', async () => {
  const bytes = new Uint8Array(await packMessage(value).arrayBuffer());
  for (const offset of [0, 8, 13]) {
    const larger = new Uint8Array(bytes.length + 40).fill(0xaa);
    larger.set(bytes, offset);
    expect(unpackMessage(larger.subarray(offset, offset + bytes.length))).toEqual(value);
  }
});

test('every message is a multiple of 8 bytes long, so that messages can follow each other', () => {
  for (let length = 0; length < 10; length++) {
    const parts = messageParts({ bytes: new Uint8Array(length), text: 'x'.repeat(length) });
    expect(parts.reduce((sum, part) => sum + part.length, 0) % 8).toBe(0);
  }
});

test('an array of a kind that the other side does not know is refused', () => {
  expect(() => messageParts({ small: new Uint16Array(1) })).toThrow('Uint16Array cannot travel');
});
