import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const program = resolve(import.meta.dirname, '../../dist/cli/main.js');

export interface Ended {
  /** Exit status; `null` where a signal ended the process. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from {@link Started.interrupt} to the end; NaN without one. */
  readonly afterInterrupt: number;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once this text was printed on either stream; rejects if the process ends without it. */
  printed(text: string): Promise<void>;
  /** What Ctrl-C does. */
  interrupt(): void;
}

/** Starts the built command. */
export function start(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Started {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  const output = { stdout: '', stderr: '' };
  let interrupted = Number.NaN;
  const ended = new Promise<Ended>((resolveEnded, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolveEnded({ status, ...output, afterInterrupt: performance.now() - interrupted }));
  });
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const watcher of watchers) watcher();
    });
  }
  return {
    child,
    ended,
    printed: (text) =>
      new Promise((found, reject) => {
        const look = () => {
          if (!output.stdout.includes(text) && !output.stderr.includes(text)) return;
          watchers.delete(look);
          found();
        };
        watchers.add(look);
        look();
        ended.then(() => reject(new Error(`ended without "${text}": ${output.stderr}`)), reject);
      }),
    interrupt: () => {
      interrupted = performance.now();
      child.kill('SIGINT');
    },
  };
}

/** Runs the built command to its end. */
export function run(args: readonly string[], options?: Parameters<typeof start>[1]): Promise<Ended> {
  return start(args, options).ended;
}

/** Runs work on every item, at most `width` at a time; results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** Every file below a folder as bytes, by its path there. */
export async function filesBelow(folder: string): Promise<Record<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const),
  );
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A CSV file of numbers as columns; an empty cell is NaN. */
export async function readColumns(path: string): Promise<Record<string, number[]>> {
  const [header, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const rows = lines.map((line) => line.split(',').map((cell) => (cell === '' ? Number.NaN : Number(cell))));
  return Object.fromEntries(header!.split(',').map((name, column) => [name, rows.map((row) => row[column]!)]));
}
