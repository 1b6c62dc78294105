import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { EngineError } from '../../errors.ts';

/** File in a finished folder that lists what belongs there: path → size in bytes. */
const contentsFile = 'contents.json';

/** A half-written folder older than this was left by a process that was killed, and is swept. */
const staleAfterMs = 3_600_000;

/** Errors that say that a place does not take files, so that the next place is worth a try. */
const refusals = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST', 'ENOENT']);

/**
 * A folder of our cache that holds all of its files or does not exist under its name, whatever other processes
 * do and whenever they are killed: it is filled under another name and then renamed. Damage (a cleaner took some
 * files) is seen by size and mended file by file, so that a process which uses the folder meanwhile is not disturbed.
 *
 * @param name Name of the folder in the cache; holds the version of what is in it.
 * @param fill Writes the files into an empty folder.
 * @throws EngineError `file` where no place takes the files.
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const roots = cacheRoots();
  const ready = await readyFolder(name, roots);
  if (ready !== undefined) return ready;
  let refusal: unknown;
  for (const root of roots) {
    try {
      return await install(root, name, fill);
    } catch (error) {
      if (!refusals.has(errorCode(error))) throw error;
      refusal = error;
    }
  }
  throw new EngineError('file', `cannot unpack ${name} into ${roots.join(' or ')}: ${(refusal as Error).message}`, {
    path: roots[0] ?? tmpdir(),
    expected: 'a writable folder with 300 MB of space; STDP_WEBGPU_CACHE names one',
    cause: refusal,
  });
}

/** The folder of that name if some place of the cache holds it whole, even one that cannot be written. */
export async function readyFolder(name: string, roots: readonly string[] = cacheRoots()): Promise<string | undefined> {
  for (const root of roots) {
    const folder = join(root, name);
    if ((await isTrusted(root)) && (await isComplete(folder))) return folder;
  }
  return undefined;
}

/** Places to keep unpacked files in, best first. */
function cacheRoots(): string[] {
  const { STDP_WEBGPU_CACHE, XDG_CACHE_HOME } = process.env;
  const root = STDP_WEBGPU_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'stdp-webgpu');
  return [root, temporaryRoot()];
}

/** Our place in the temporary folder, which all users share. */
function temporaryRoot(): string {
  return join(tmpdir(), `stdp-webgpu-${process.getuid?.() ?? 'user'}`);
}

/** Programs are started from the cache, so where everybody could have made it, nobody else may be able to write to it. */
async function isTrusted(root: string): Promise<boolean> {
  if (root !== temporaryRoot() || process.getuid === undefined) return true;
  try {
    const { uid, mode } = await lstat(root);
    return uid === process.getuid() && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}

async function install(root: string, name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  await mkdir(root, { recursive: true, mode: root === temporaryRoot() ? 0o700 : 0o777 });
  if (!(await isTrusted(root))) throw Object.assign(new Error(`${root} belongs to another user`), { code: 'EACCES' });
  await sweepStale(root);
  const partial = await mkdtemp(join(root, `${name}.partial-`));
  try {
    await fill(partial);
    const sizes = await fileSizes(partial);
    await writeFile(join(partial, contentsFile), JSON.stringify(sizes));
    await chmod(partial, 0o755);
    const folder = join(root, name);
    await publish(partial, folder, Object.keys(sizes));
    return folder;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Gives a filled folder its name; where another process was first, its folder is kept, or mended if it is damaged. */
async function publish(partial: string, folder: string, files: readonly string[]): Promise<void> {
  try {
    await rename(partial, folder);
    return;
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
  }
  if (await isComplete(folder)) return;
  for (const file of [...files, contentsFile]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await rename(join(partial, file), join(folder, file));
  }
}

async function isComplete(folder: string): Promise<boolean> {
  try {
    const sizes: Record<string, number> = JSON.parse(await readFile(join(folder, contentsFile), 'utf8'));
    for (const [file, size] of Object.entries(sizes)) {
      if ((await stat(join(folder, file))).size !== size) return false;
    }
    return true;
  } catch {
    return false;
  }
}

async function fileSizes(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    sizes[relative(folder, file)] = (await stat(file)).size;
  }
  return sizes;
}

async function sweepStale(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.includes('.partial-')) continue;
    const folder = join(root, name);
    const age = await stat(folder).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > staleAfterMs) await rm(folder, { recursive: true, force: true });
  }
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}
