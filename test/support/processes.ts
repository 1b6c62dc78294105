import { readdir, readFile } from 'node:fs/promises';

/*
 * What Linux tells of processes.
 */

/** Bytes of a process in memory; 0 when it has ended. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
}

/** Command line of a process; empty when it has ended. */
export function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

/** Processes that a process started, and those that they started. */
export async function descendantsOf(of: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir('/proc')) {
    const found = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : '';
    // The name of the program, in brackets, may hold anything; the parent is the second field after it.
    if (found !== '') parents.set(Number(entry), Number(found.slice(found.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const comesFrom = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === of || comesFrom(parents.get(pid)));
  return [...parents.keys()].filter((pid) => pid !== of && comesFrom(pid));
}
