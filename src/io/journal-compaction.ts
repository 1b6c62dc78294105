import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readFully, writeFully } from './journal-frames.ts';
import type { Place } from './journal-places.ts';

/** Bytes that are in memory at a time. */
const pieceBytes = 1 << 20;

/** The file that a journal is copied to; one that a kill left is of no account. */
function copyOf(path: string): string {
  return `${path}.compacting`;
}

/** Removes what a kill in the middle of {@link replaceByStretches} left. The journal's lock must be held. */
export async function removeLeftCopy(path: string): Promise<void> {
  // One that stays does no harm, but that there is no other.
  await rm(copyOf(path), { force: true }).catch(() => undefined);
}

/**
 * Replaces a journal file by one of its start and some stretches. Whatever the moment of a kill or a power failure,
 * the path leads to the one or to the other, whole: the copy takes its place when it is on the disk.
 *
 * @returns the file that stands there then, open.
 * @throws what the system says; the journal is what it was then, and no copy is left.
 */
export async function replaceByStretches(
  path: string,
  file: FileHandle,
  start: Uint8Array,
  stretches: readonly Place[],
): Promise<FileHandle> {
  const { mode } = await file.stat();
  await removeLeftCopy(path);
  const copy = await open(copyOf(path), 'wx+', mode);
  try {
    await writeFully(copy, start, 0);
    await copyStretches(file, copy, start.length, stretches);
    await copy.sync();
    await rename(copyOf(path), path);
  } catch (error) {
    await copy.close();
    await removeLeftCopy(path);
    throw error;
  }
  await syncFolder(dirname(path));
  return copy;
}

async function copyStretches(from: FileHandle, to: FileHandle, at: number, stretches: readonly Place[]) {
  const piece = new Uint8Array(pieceBytes);
  let end = at;
  for (const { offset, length } of stretches) {
    for (let done = 0; done < length; ) {
      const part = piece.subarray(0, Math.min(pieceBytes, length - done));
      if ((await readFully(from, part, offset + done)) < part.length) throw new Error('it became shorter');
      await writeFully(to, part, end);
      done += part.length;
      end += part.length;
    }
  }
}

/** Makes the name of a new file outlast a power failure too; not every system can. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path);
    await folder.sync().finally(() => folder.close());
  } catch {
    // The file itself is safe.
  }
}
