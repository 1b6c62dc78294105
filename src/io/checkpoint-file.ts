import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../errors.ts';
import { type Checkpoint, packCheckpoint, unpackCheckpoint } from './checkpoint.ts';

/** Writes a checkpoint so that the file is at every moment the earlier one or this one, whole. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial-${process.pid}`;
  try {
    const file = await open(partial, 'w');
    try {
      await file.writeFile(await packCheckpoint(checkpoint));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    const { code } = cause as NodeJS.ErrnoException;
    const expected = 'a place that can be written';
    throw new EngineError('file', `${path}: cannot be written (${String(code)}); expected ${expected}`, {
      path,
      expected,
      cause,
    });
  }
}

/** @throws EngineError `file` where it cannot be read, is damaged, or of another kind. */
export async function readCheckpoint(path: string, kind: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${String(code)})`;
    const expected = 'a file that a training wrote';
    throw new EngineError('file', `${path}: ${what}; expected ${expected}`, { path, expected, cause });
  });
  return unpackCheckpoint(new Uint8Array(bytes), path, kind);
}
