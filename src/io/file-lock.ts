import { createHash, randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { EngineError } from '../errors.ts';

/** A file that says that this process uses another file. */
export interface FileLock {
  release(): Promise<void>;
}

/** What a lock file says of the process that made it. */
interface Owner {
  readonly host: string;
  readonly pid: number;
  /** Tells the process from a later one with the same number; `null` where the system does not tell. */
  readonly started: string | null;
}

/** Why a lock cannot be taken. */
interface Refusal {
  readonly what: string;
  readonly remedy: string;
}

/** A lock is empty for microseconds while it is made; one that is empty after this long was left by a kill. */
const emptyForMs = 1000;

/** Pause between attempts to remove a lock that another process is about to remove. */
const pauseMs = 10;

/** Attempts to take a lock before it counts as stuck: 5 s of pauses. */
const mostAttempts = 500;

/**
 * Makes the lock of a file: `path + '.lock'`. One of a process that has ended, however it ended, is taken over.
 *
 * @throws EngineError `file` if a process that lives has it, or a process of another machine, of which nothing is known.
 */
export async function lockFile(path: string): Promise<FileLock> {
  const lock = `${path}.lock`;
  let taken: FileLock | Refusal;
  try {
    taken = await take(lock);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new EngineError('file', `${path}: ${lock} cannot be made (${code ?? message})`, { path, cause });
  }
  if ('release' in taken) return taken;
  throw new EngineError('file', `${path} ${taken.what}; ${taken.remedy}`, { path, expected: taken.remedy });
}

async function take(lock: string): Promise<FileLock | Refusal> {
  const owner: Owner = { host: hostname(), pid: process.pid, started: await startOf(process.pid) };
  // The id tells two locks of one process apart.
  const text = `${JSON.stringify({ ...owner, id: randomUUID() })}\n`;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    if (await create(lock, text)) {
      return {
        release: async () => {
          if ((await textOf(lock)) === text) await rm(lock, { force: true });
        },
      };
    }
    const found = await textOf(lock);
    if (found === undefined) continue;
    const refusal = found === '' ? undefined : await refusalOf(lock, found);
    if (refusal !== undefined) return refusal;
    await removeLeft(lock, found);
  }
  throw new Error('it was left by a process that has ended, and something keeps it from being removed');
}

/** Makes the lock unless there is one. */
async function create(lock: string, text: string): Promise<boolean> {
  try {
    await writeFile(lock, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // The disk may have been full after the file was made.
    if ((await textOf(lock)) === '') await rm(lock, { force: true });
    throw error;
  }
}

/**
 * Removes the lock of a process that has ended. The right to remove this very lock is a lock itself: without it, two
 * processes that find the same one could each remove what is there, the second one the new lock of the first.
 */
async function removeLeft(lock: string, found: string): Promise<void> {
  const right = await take(`${lock}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`);
  if (!('release' in right)) return void (await pause(pauseMs));
  try {
    if (found === '') await pause(emptyForMs);
    if ((await textOf(lock)) === found) await rm(lock, { force: true });
  } finally {
    await right.release();
  }
}

/** `undefined` if the owner of a lock has ended. */
async function refusalOf(lock: string, text: string): Promise<Refusal | undefined> {
  const owner = parseOwner(text);
  const remedy = `if nothing uses it any more, remove ${lock}`;
  if (owner === undefined) return { what: 'is locked by a file that stdp-webgpu did not write', remedy };
  const { host, pid } = owner;
  if (host !== hostname()) return { what: `is in use by process ${pid} of the machine ${host}`, remedy };
  if (!(await lives(owner))) return undefined;
  const which = pid === process.pid ? 'this process' : `process ${pid}, which is running`;
  return { what: `is in use by ${which}`, remedy: 'wait for its end or choose another --out' };
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { host, pid, started } = JSON.parse(text) as Owner;
    return typeof host === 'string' && Number.isSafeInteger(pid) && pid > 0 ? { host, pid, started } : undefined;
  } catch {
    return undefined;
  }
}

async function lives({ pid, started }: Owner): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user may not be signalled, but it is there.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const found = await startOf(pid);
  return found === null || started === null || found === started;
}

/**
 * On Linux: which boot of the machine, and when in it the process started (clock ticks); `ended` for one that only waits
 * to be reaped.
 */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const [stat, boot] = await Promise.all(
    [`/proc/${pid}/stat`, '/proc/sys/kernel/random/boot_id'].map((file) => textOf(file).catch(() => undefined)),
  );
  if (stat === undefined || boot === undefined) return null;
  // The name of the program, in brackets, may hold anything; the state (field 3) comes after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[22 - 3]];
  return state === 'Z' || state === 'X' ? 'ended' : `${boot.trim()} ${ticks}`;
}

/** `undefined` where there is no such file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
