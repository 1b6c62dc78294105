import { rmdirSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EngineError } from '../errors.ts';

/** Name of the file that marks a folder as a result of this program. */
export const MANIFEST = 'manifest.json';

/** Folders that are being filled have names with this start; one that a kill left behind is of no account. */
const PARTIAL = '.stdp-webgpu-partial-';

/** What a folder holds, as far as reuse is concerned. */
export interface Identity {
  readonly command: string;
  /** The full spec, or what else decides the results. */
  readonly spec: unknown;
}

/** What a manifest says of its folder. */
interface Manifest extends Identity {
  /** Files and folders of the result; whatever else lies there is left alone. */
  readonly files: readonly string[];
}

/**
 * Checks that `--out` may be written: it can be made, is empty, or holds a result with the same identity.
 *
 * @throws EngineError `file` otherwise. Leaves nothing behind.
 */
export async function checkOutputFolder(path: string, identity: Identity): Promise<void> {
  if (path === '') throw refusal('--out', path, '"" is no path', 'the path of a folder');
  const expected = 'a new or empty folder, or one that holds the result of the same spec';
  const refuse = (what: string) => refusal('--out', path, `${path} ${what}`, expected);
  const entries = await entriesOf(path, refuse);
  if (entries.length > 0) {
    const manifest = await manifestIn(path);
    if (!manifest) throw refuse('holds something else');
    const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    if (manifest.command !== identity.command) throw refuse('holds the result of another command');
    if (!same(manifest.spec, identity.spec)) throw refuse('holds the result of another spec');
  }
  await requireWritable('--out', path);
}

/**
 * Checks that a file can be written to this path, or a folder made there: the nearest folder above that is there takes
 * new entries.
 *
 * @throws EngineError `file` otherwise.
 */
export async function requireWritable(flag: string, path: string): Promise<void> {
  let folder = resolve(path);
  while (!(await isFolder(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const probe = join(folder, `${PARTIAL}probe-${process.pid}`);
  try {
    await mkdir(probe);
    await rmdir(probe);
  } catch (error) {
    const what = `${path} cannot be written (${folder}: ${(error as NodeJS.ErrnoException).code})`;
    throw refusal(flag, path, what, 'a place where you may write');
  }
}

/**
 * Fills an output folder in one go: `fill` writes into a folder inside it, whose contents then take the place of the
 * earlier result. A failure or a kill while it writes leaves the earlier result as it was.
 *
 * @throws EngineError `file` if the folder has come to hold something else since it was checked.
 */
export async function writeOutputFolder<T>(
  path: string,
  identity: Identity,
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  await checkOutputFolder(path, identity);
  const target = resolve(path);
  const isNew = (await mkdir(target, { recursive: true })) !== undefined;
  const partial = join(target, `${PARTIAL}${process.pid}`);
  const cleanUp = () => {
    rmSync(partial, { recursive: true, force: true });
    if (isNew) removeIfEmpty(target);
  };
  process.once('exit', cleanUp);
  try {
    await mkdir(partial);
    const result = await fill(partial);
    await replaceContents(target, partial);
    return result;
  } finally {
    process.off('exit', cleanUp);
    cleanUp();
  }
}

/**
 * Moves the contents of `partial` up, and the files of the earlier result into it; files that no result put there stay.
 * The manifest changes last, so one is always there.
 */
async function replaceContents(target: string, partial: string): Promise<void> {
  const allButManifest = async (folder: string) => (await readdir(folder)).filter((name) => name !== MANIFEST);
  const results = await allButManifest(partial);
  const outdated = new Set([...results, ...((await manifestIn(target))?.files ?? [])]);
  const earlier = (await allButManifest(target)).filter((name) => outdated.has(name));
  const aside = join(partial, 'earlier');
  await mkdir(aside);
  for (const name of earlier) await rename(join(target, name), join(aside, name));
  for (const name of [...results, MANIFEST]) await rename(join(partial, name), join(target, name));
}

/** Whether a folder holds a result of this program. */
export async function holdsResult(folder: string): Promise<boolean> {
  return (await manifestIn(folder)) !== undefined;
}

/** The manifest of a folder that holds a result of this program. */
async function manifestIn(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as Partial<Manifest> | null;
    return manifest?.command && Array.isArray(manifest.files) ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

async function entriesOf(path: string, refuse: (what: string) => EngineError): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) throw refuse('is not a folder');
    return (await readdir(path)).filter((name) => !name.startsWith(PARTIAL));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw refuse(`cannot be used (${code === 'ENOTDIR' ? 'a part of the path is a file' : message})`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds something.
  }
}

function refusal(flag: string, value: string, what: string, expected: string): EngineError {
  return new EngineError('file', `${flag}: ${what}; expected ${expected}`, { path: flag, value, expected });
}
