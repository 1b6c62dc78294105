import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EngineError } from '../errors.ts';

/** Name of the file that marks a folder as a result of this program. */
export const MANIFEST = 'manifest.json';

/** What a folder holds, as far as reuse is concerned. */
export interface Identity {
  readonly command: string;
  /** The full spec, or what else decides the results. */
  readonly spec: unknown;
}

/**
 * Checks that `--out` may be written: it is not there, is empty, or holds a result with the same identity.
 *
 * @throws EngineError `file` otherwise. Makes nothing.
 */
export async function checkOutputFolder(path: string, identity: Identity): Promise<void> {
  const refuse = (what: string) => {
    const expected = 'a new or empty folder, or one that holds the result of the same spec';
    return new EngineError('file', `--out: ${path} ${what}; expected ${expected}`, {
      path: '--out',
      value: path,
      expected,
    });
  };
  let entries: string[];
  try {
    if (!(await stat(path)).isDirectory()) throw refuse('is not a folder');
    entries = await readdir(path);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw refuse(`cannot be used (${code === 'ENOTDIR' ? 'a part of the path is a file' : message})`);
  }
  if (entries.length === 0) return;
  let manifest: Identity;
  try {
    manifest = JSON.parse(await readFile(join(path, MANIFEST), 'utf8')) as Identity;
  } catch {
    throw refuse('holds something else');
  }
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  if (manifest?.command !== identity.command) throw refuse('holds the result of another command');
  if (!same(manifest.spec, identity.spec)) throw refuse('holds the result of another spec');
}

/**
 * Fills an output folder in one go: `fill` writes into a folder beside it, which then takes the place of the earlier
 * result. A failure or a kill in the middle leaves the earlier result as it was.
 */
export async function writeOutputFolder(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const target = resolve(path);
  await mkdir(dirname(target), { recursive: true });
  const partial = await mkdtemp(join(dirname(target), `.${basename(target)}-partial-`));
  try {
    await fill(partial);
    const earlier = `${partial}-earlier`;
    const moved = await rename(target, earlier).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    try {
      await rename(partial, target);
    } catch (error) {
      if (moved) await rename(earlier, target);
      throw error;
    }
    if (moved) await rm(earlier, { recursive: true, force: true });
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
