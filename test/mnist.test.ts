import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MnistPart, mnistAmong, mnistNames, mnistPartOf, readMnist } from '../src/io/mnist.ts';
import { readMnistFolder } from '../src/io/mnist-folder.ts';
import { rejectionOf } from './support/errors.ts';
import { idxBytes, syntheticMnist, writeMnist } from './support/idx-files.ts';

const set = { train: 12, test: 5, rows: 4, columns: 3, classes: 3 } as const;
const whole = syntheticMnist(set);

function inMemory(changes: Partial<Record<MnistPart, Uint8Array<ArrayBuffer>>> = {}) {
  const files = Object.entries({ ...whole, ...changes }).map(([part, bytes]) => [
    part,
    { name: part, bytes: async () => bytes },
  ]);
  return Object.fromEntries(files) as Parameters<typeof readMnist>[0];
}

describe('MNIST files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdp-mnist-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read from a folder, plain or compressed', async () => {
    await writeMnist(folder, whole);
    const { train, test } = await readMnistFolder(folder);
    expect([train.count, train.rows, train.columns, test.count]).toEqual([12, 4, 3, 5]);
    expect(train.images).toEqual(whole['train-images'].slice(16));
    expect(test.labels).toEqual(whole['test-labels'].slice(8));
  });

  it('are found among the files of a picker by their usual names', async () => {
    const files = Object.entries(whole).map(
      ([part, bytes]) => new File([gzipSync(bytes)], `${mnistNames[part as MnistPart]}.gz`),
    );
    const { test } = await readMnist(mnistAmong([...files, new File([], 'README')]));
    expect(test.images).toEqual(whole['test-images'].slice(16));
    expect(mnistPartOf('t10k-labels.idx1-ubyte')).toBe('test-labels');
    expect(() => mnistAmong(files.slice(1))).toThrow(/train-images-idx3-ubyte: is not among the files/);
  });

  const labels = whole['train-labels'];
  const images = whole['train-images'];
  const compressed = new Uint8Array(gzipSync(images));
  const damaged = compressed.slice();
  damaged[damaged.length - 6]! ^= 1;
  it.each([
    ['cut off', { 'train-images': images.slice(0, -1) }, /train-images: is cut off: 143 bytes follow.* expected 144/],
    ['cut off in the header', { 'train-labels': labels.slice(0, 6) }, /train-labels: ends after 6 bytes/],
    ['empty', { 'test-labels': labels.slice(0, 0) }, /test-labels: ends after 0 bytes/],
    ['too long', { 'test-images': new Uint8Array([...whole['test-images'], 0]) }, /is too long: 61 bytes/],
    ['labels for images', { 'train-images': labels }, /train-images: has magic number 2049.* 2051/],
    ['text', { 'train-labels': new TextEncoder().encode('5\n0\n4\n1\n') }, /train-labels: has magic number/],
    ['half a gzip', { 'train-images': compressed.slice(0, 40) }, /train-images: cannot be decompressed/],
    ['a damaged gzip', { 'train-images': damaged }, /train-images: cannot be decompressed/],
    ['too few labels', { 'train-labels': idxBytes([2], Uint8Array.of(1, 2)) }, /holds 2 labels; expected 12/],
    [
      'images of another size',
      { 'test-images': idxBytes([5, 2, 2], new Uint8Array(20)) },
      /2 × 2 pixels; expected 4 × 3/,
    ],
    ['no images', { 'train-images': idxBytes([0, 4, 3], new Uint8Array()) }, /holds no pixels/],
  ])('are refused when %s', async (_, changes, message) => {
    const error = await rejectionOf(readMnist(inMemory(changes)));
    expect(error.code).toBe('file');
    expect(error.message).toMatch(message);
  });

  it('are refused when the folder or a file is missing', async () => {
    expect((await rejectionOf(readMnistFolder(join(folder, 'none')))).message).toMatch(/no such folder/);
    const partial = await mkdtemp(join(folder, 'partial-'));
    await writeFile(join(partial, mnistNames['train-images']), images);
    expect((await rejectionOf(readMnistFolder(partial))).message).toMatch(
      /train-labels-idx1-ubyte: there is no such file/,
    );
  });
});
