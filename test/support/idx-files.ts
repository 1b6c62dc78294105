import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type MnistPart, mnistNames } from '../../src/io/mnist.ts';

/** An IDX file of unsigned bytes. */
export function idxBytes(shape: readonly number[], values: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 | shape.length);
  shape.forEach((size, k) => {
    view.setUint32(4 + 4 * k, size);
  });
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

export interface SyntheticSet {
  readonly train: number;
  readonly test: number;
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
}

/**
 * Images that can be told apart: each class has a pattern of its own, over which every image has its own noise. The
 * four files by their part.
 */
export function syntheticMnist(set: SyntheticSet): Record<MnistPart, Uint8Array<ArrayBuffer>> {
  const pixels = set.rows * set.columns;
  const part = (count: number, salt: number) => {
    const labels = Uint8Array.from({ length: count }, (_, n) => (n * 7 + salt) % set.classes);
    const images = Uint8Array.from({ length: count * pixels }, (_, at) => {
      const n = Math.floor(at / pixels);
      const pattern = hash(labels[n]! * pixels + (at % pixels), 1) > 0.6 ? 200 : 20;
      return Math.round(pattern + 40 * (hash(at, salt + 2) - 0.5));
    });
    return { images: idxBytes([count, set.rows, set.columns], images), labels: idxBytes([count], labels) };
  };
  const train = part(set.train, 0);
  const test = part(set.test, 1);
  return {
    'train-images': train.images,
    'train-labels': train.labels,
    'test-images': test.images,
    'test-labels': test.labels,
  };
}

/** Writes the four files, the images compressed and the labels plain. */
export async function writeMnist(folder: string, files: Record<MnistPart, Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [part, bytes] of Object.entries(files) as [MnistPart, Uint8Array][]) {
    const name = mnistNames[part];
    if (part.endsWith('images')) await writeFile(join(folder, `${name}.gz`), gzipSync(bytes));
    else await writeFile(join(folder, name), bytes);
  }
}

/** A number in 0 … 1 that looks random. */
function hash(n: number, salt: number): number {
  let x = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 12)) >>> 0) * 2 ** -32;
}
