import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Checkpoint, packCheckpoint, savedArray, unpackCheckpoint } from '../src/io/checkpoint.ts';
import { readCheckpoint, writeCheckpoint } from '../src/io/checkpoint-file.ts';
import { rejectionOf } from './support/errors.ts';

const checkpoint: Checkpoint = {
  kind: 'energy',
  about: { sizes: [2, 3], epoch: 4, note: 'ρ' },
  arrays: {
    'weights-1': { shape: [2, 3], values: Float32Array.of(1, -0, Number.NaN, 1e-40, Number.POSITIVE_INFINITY, 6) },
    nothing: { shape: [0], values: new Float32Array() },
  },
};

describe('a checkpoint', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdp-checkpoint-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('keeps every bit of its arrays, and replaces the earlier file whole', async () => {
    const path = join(folder, 'deep', 'training.ckpt');
    await writeCheckpoint(path, { ...checkpoint, about: 'earlier' });
    await writeCheckpoint(path, checkpoint);
    const read = await readCheckpoint(path, 'energy');
    expect(read.about).toEqual(checkpoint.about);
    const values = savedArray(read, path, 'weights-1', [2, 3]);
    expect(new Uint32Array(values.buffer)).toEqual(new Uint32Array(checkpoint.arrays['weights-1']!.values.buffer));
    expect(await readdir(join(folder, 'deep'))).toEqual(['training.ckpt']);
  });

  it('is refused when any byte is damaged or missing', async () => {
    const bytes = await packCheckpoint(checkpoint);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 4;
      expect((await rejectionOf(unpackCheckpoint(damaged, 'file', 'energy'))).code).toBe('file');
    }
    for (const length of [0, 7, 20, bytes.length - 1]) {
      expect((await rejectionOf(unpackCheckpoint(bytes.slice(0, length), 'file', 'energy'))).code).toBe('file');
    }
  });

  it('is refused when it is of another kind, shape or network', async () => {
    const bytes = await packCheckpoint(checkpoint);
    expect((await rejectionOf(unpackCheckpoint(bytes, 'a.ckpt', 'generative'))).message).toBe(
      'a.ckpt: is a checkpoint of kind "energy"; expected kind "generative"',
    );
    expect(() => savedArray(checkpoint, 'a.ckpt', 'weights-1', [3, 2])).toThrow(
      'a.ckpt: has weights-1 of shape [2][3]; expected weights-1 of shape [3][2]',
    );
    expect(() => savedArray(checkpoint, 'a.ckpt', 'toString', [1])).toThrow('a.ckpt: has no toString');
  });

  it('says why a file cannot be read', async () => {
    const text = join(folder, 'text');
    await writeFile(text, 'stdp');
    expect((await rejectionOf(readCheckpoint(text, 'energy'))).message).toMatch(/is no checkpoint/);
    expect((await rejectionOf(readCheckpoint(join(folder, 'none'), 'energy'))).message).toMatch(/no such file/);
    expect(await readFile(text, 'utf8')).toBe('stdp');
  });
});
