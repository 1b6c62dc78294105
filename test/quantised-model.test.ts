import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createModel } from '../src/generative/model.ts';
import type { PortableModel } from '../src/generative/portable-model.ts';
import { fromQuantised, quantised } from '../src/generative/quantised-model.ts';
import { errorOf } from './support/errors.ts';

const wave = (length: number, pace: number) => Float32Array.from({ length }, (_, i) => Math.sin(pace * (i + 1)));
const map = (inputs: number, outputs: number) => ({
  weights: wave(inputs * outputs, 0.7 + inputs),
  biases: wave(outputs, 0.3),
});
const portable: PortableModel = {
  model: createModel({ sizes: [6, 5, 3], hiddenScale: 0.5 }),
  imageShape: [2, 3],
  parameters: { encoders: [map(6, 5), map(5, 3)], decoders: [map(5, 6), map(3, 5)] },
  prior: { mean: wave(3, 1), variance: Float32Array.of(0.5, 1, 2) },
  generation: { rounds: 3, inference: { steps: 5, delta: 0.1, alpha: 0.3 } },
};
const bytes = quantised(portable);
const textBytes = new DataView(bytes.buffer).getUint32(0, true);

/** The file with another text at its beginning. */
function withText(change: (head: Record<string, unknown>) => unknown): ArrayBuffer {
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + textBytes)));
  const text = new TextEncoder().encode(JSON.stringify(change(head)));
  const file = new Uint8Array(4 + text.length + bytes.length - 4 - textBytes);
  new DataView(file.buffer).setUint32(0, text.length, true);
  file.set(text, 4);
  file.set(bytes.subarray(4 + textBytes), 4 + text.length);
  return file.buffer;
}

describe('an exported model', () => {
  test('keeps all but the rounding of its weights', () => {
    const { parameters, ...rest } = fromQuantised(bytes.buffer);
    const { parameters: exact, ...others } = portable;
    expect(rest).toEqual(others);
    for (const kind of ['encoders', 'decoders'] as const) {
      parameters[kind].forEach(({ weights, biases }, k) => {
        expect(biases).toEqual(exact[kind][k]!.biases);
        // Half a 127th of the largest weight, which is below 1.
        weights.forEach((weight, i) => {
          expect(Math.abs(weight - exact[kind][k]!.weights[i]!)).toBeLessThan(0.5 / 127 + 1e-6);
        });
      });
    }
  });

  test('is refused where it is cut, at any byte, or goes on', () => {
    for (let length = 0; length < bytes.length; length++) {
      const { code, path } = errorOf(() => fromQuantised(bytes.buffer.slice(0, length), 'cut.bin'));
      expect({ code, path }).toEqual({ code: 'file', path: 'cut.bin' });
    }
    const longer = new Uint8Array(bytes.length + 4);
    longer.set(bytes);
    expect(errorOf(() => fromQuantised(longer.buffer, 'long.bin')).message).toBe(
      `long.bin: has ${bytes.length + 4} bytes where a model of its sizes has ${bytes.length}; ` +
        'expected a whole file that `generative export` wrote',
    );
  });

  test.each<[string, (head: Record<string, unknown>) => unknown]>([
    ['nothing', () => null],
    ['a list', () => [1, 2]],
    ['no settings', ({ generation: _, ...head }) => head],
    ['endless rounds', (head) => ({ ...head, generation: { ...portable.generation, rounds: 1e12 } })],
    ['sizes that are a text', (head) => ({ ...head, sizes: '6,5,3' })],
    ['layers beyond the file', (head) => ({ ...head, sizes: [6, 2 ** 40, 3] })],
    ['one latent layer', (head) => ({ ...head, sizes: [6, 5] })],
    ['an image of another size', (head) => ({ ...head, imageShape: [3, 3] })],
    ['no unit of activity', (head) => ({ ...head, hiddenScale: 0 })],
  ])('is refused where its text says %s', (_, change) => {
    expect(errorOf(() => fromQuantised(withText(change))).code).toBe('file');
    expect(fromQuantised(withText((head) => head)).model).toEqual(portable.model);
  });

  test('is refused where a number in it is not finite, or a variance negative', () => {
    for (const [value, named] of [
      [Number.NaN, 'not finite'],
      [-1, 'negative'],
    ] as const) {
      const damaged = bytes.slice();
      new DataView(damaged.buffer).setFloat32(bytes.length - 4, value, true);
      expect(errorOf(() => fromQuantised(damaged.buffer)).message).toContain(named);
    }
  });

  test('of the site is read', async () => {
    const shipped = new Uint8Array(await readFile(join(import.meta.dirname, '../demo/digits/digits.bin')));
    const { model, imageShape } = fromQuantised(shipped.buffer, 'digits.bin');
    expect({ sizes: model.sizes, imageShape }).toEqual({ sizes: [784, 1000, 100], imageShape: [28, 28] });
  });
});
