import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openFileJournal } from '../src/io/journal-file.ts';
import type { Journal, JournalEntry } from '../src/stdp/sweep/journal.ts';
import { memoryJournal } from '../src/stdp/sweep/memory-journal.ts';
import { differenceFrom, finished, identity, partial } from './journal/entries.ts';

let scratch: string;
/** The journal as JavaScript, for other processes. */
let builtFolder: string;
/** A path of its own for every test. */
let path: string;
let tests = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'stdp-webgpu-journal-'));
  builtFolder = join(scratch, 'built');
  const root = join(import.meta.dirname, '..');
  const input = { journal: join(root, 'src/io/journal-file.ts'), entries: join(root, 'test/journal/entries.ts') };
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: true, outDir: builtFolder, emptyOutDir: true, rollupOptions: { input } },
  });
  await writeFile(join(builtFolder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(scratch, { recursive: true, force: true }));
beforeEach(async () => {
  const folder = join(scratch, `test-${tests++}`);
  await mkdir(folder);
  path = join(folder, 'sweep.journal');
});

/** Records these entries, each with an append of its own, and gives the length of the file after each. */
async function record(entries: readonly JournalEntry[], into = path): Promise<number[]> {
  const journal = await openFileJournal(into, identity);
  const lengths = [(await stat(into)).size];
  for (const entry of entries) {
    await journal.append([entry]);
    lengths.push((await stat(into)).size);
  }
  await journal.close();
  return lengths;
}

/** Checks several cases at a time, each with a path of its own: they wait for the disk most of the time. */
async function sideBySide<T>(cases: readonly T[], check: (one: T, path: string) => Promise<void>): Promise<void> {
  const waiting = cases.values();
  await Promise.all(
    Array.from({ length: 8 }, async (_, place) => {
      for (const one of waiting) await check(one, `${path}-${place}`);
    }),
  );
}

async function withJournal<T>(use: (journal: Journal) => Promise<T>, at = path): Promise<T> {
  const journal = await openFileJournal(at, identity);
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

/** The file as it is holds exactly these entries. */
async function expectHolds(entries: readonly JournalEntry[], at = path): Promise<void> {
  expect(await withJournal((journal) => differenceFrom(journal, entries), at)).toBeUndefined();
}

/** The file as it is is refused, with this message, and not changed; no lock is left. */
async function expectRefused(message: RegExp | string, wanted = identity, at = path): Promise<void> {
  const before = await readFile(at);
  const error = await openFileJournal(at, wanted).then(
    (journal) => journal.close().then(() => new Error('the journal was opened')),
    (reason: Error) => reason,
  );
  expect(error.message).toMatch(message);
  expect(error).toMatchObject({ name: 'EngineError', code: 'file', path: at });
  expect((await readFile(at)).equals(before)).toBe(true);
  expect(existsSync(`${at}.lock`)).toBe(false);
}

const few = [partial(4, 10), finished(0, 100), partial(4, 20), finished(4, 30), partial(2, 5)];

describe('a journal', () => {
  const journals = {
    'in a file': () => openFileJournal(path, identity),
    'in memory': async () => memoryJournal(),
  };
  for (const [where, open] of Object.entries(journals)) {
    test(`${where} gives back the latest entry of each point`, async () => {
      const journal = await open();
      for (let count = 1; count <= few.length; count++) {
        await journal.append(few.slice(count - 1, count));
        expect(await differenceFrom(journal, few.slice(0, count))).toBeUndefined();
      }
      await expect(journal.readOutcome(2)).rejects.toThrow('the journal holds no finished point 2');
      await expect(journal.readPartial(0)).rejects.toThrow('the journal holds no partial point 0');
      await journal.close();
    });

    test(`${where} keeps an outcome when tallies of its point come late`, async () => {
      const journal = await open();
      await journal.append([finished(1, 9), partial(1, 8)]);
      await journal.append([partial(1, 7)]);
      expect(await differenceFrom(journal, [finished(1, 9)])).toBeUndefined();
      await journal.close();
    });

    test(`${where} keeps what it was given, whatever the caller does with the arrays`, async () => {
      const journal = await open();
      const entry = partial(3, 6);
      const appended = journal.append([entry]);
      if (entry.kind === 'partial') entry.tallies.pairs.fill(0);
      await appended;
      (await journal.readPartial(3)).pairs.fill(0);
      expect(await differenceFrom(journal, [partial(3, 6)])).toBeUndefined();
      await journal.close();
    });
  }

  test('in a file is there again when it is opened again, and goes on', async () => {
    await record(few);
    await expectHolds(few);
    await withJournal((journal) => journal.append([finished(2, 50), partial(7, 1)]));
    await expectHolds([...few, finished(2, 50), partial(7, 1)]);
    expect(await readdir(join(path, '..'))).toEqual(['sweep.journal']);
  });

  test('in a file takes appends from many places at once, in the order of the calls', async () => {
    const entries = Array.from({ length: 60 }, (_, index) =>
      index % 3 === 2 ? finished(index % 7, index) : partial(7 + (index % 5), index),
    );
    await withJournal(async (journal) => {
      await Promise.all(entries.map((entry) => journal.append([entry])));
      expect(await differenceFrom(journal, entries)).toBeUndefined();
    });
    await expectHolds(entries);
  });

  test('in a file that is closed with appends under way records them, and none afterwards', async () => {
    const journal = await openFileJournal(path, identity);
    const appended = journal.append([few[0]!]);
    await journal.close();
    await appended;
    await expect(journal.append([few[1]!])).rejects.toMatchObject({ code: 'file', message: `${path} is closed` });
    await expectHolds(few.slice(0, 1));
  });

  test('in a file keeps entries that are longer than what is read at a time', async () => {
    const long = [partial(0, 1, 400), partial(1, 2, 200_000), finished(2, 3), partial(3, 4, 90_000)];
    await record(long);
    await expectHolds(long);
  });
});

describe('a journal that was cut off', () => {
  test('at any byte holds the entries that were complete, tells what was dropped, and goes on', async () => {
    const lengths = await record(few);
    const whole = await readFile(path);
    await sideBySide([...Array(whole.length + 1).keys()], async (size, path) => {
      await writeFile(path, whole.subarray(0, size));
      const complete = lengths.filter((length) => length <= size).length - 1;
      const kept = few.slice(0, Math.max(complete, 0));
      const dropped = size - (lengths[complete] ?? 0);
      let recovered = 0;
      const journal = await openFileJournal(path, identity, {
        onRecovered: (bytes) => {
          recovered = bytes;
        },
      });
      expect(recovered, `cut off at ${size}`).toBe(dropped);
      expect(await differenceFrom(journal, kept), `cut off at ${size}`).toBeUndefined();
      await journal.append([partial(9, 1), finished(8, 2)]);
      await journal.close();
      await expectHolds([...kept, partial(9, 1), finished(8, 2)], path);
    });
  });

  test('inside the header of another sweep is refused', async () => {
    await record([]);
    const whole = await readFile(path);
    const other = { ...identity, sweep: identity.sweep.replace('100', '200') };
    for (const missing of [1, 40]) {
      await truncate(path, whole.length - missing);
      await expectRefused(/cut-off start of the journal of another sweep/, other);
    }
  });
});

describe('a journal whose entries were outdated', () => {
  const compactFrom = 2000;
  /** Twenty shards of each of three points, then their outcomes but one. */
  const long = [
    ...Array.from({ length: 20 }, (_, shard) => [0, 1, 2].map((point) => partial(point, shard + 1, 5))).flat(),
    finished(0, 20),
    finished(2, 20),
  ];
  const compactAt = (from: number) => openFileJournal(path, identity, { compactFrom: from });

  test('is rewritten while it is open, and stays below twice what counts and the threshold', async () => {
    const journal = await compactAt(compactFrom);
    const sizes: number[] = [];
    for (let count = 1; count <= long.length; count++) {
      await journal.append([long[count - 1]!]);
      expect(await differenceFrom(journal, long.slice(0, count))).toBeUndefined();
      sizes.push((await stat(path)).size);
    }
    await journal.close();
    expect(sizes.some((size, index) => size < (sizes[index - 1] ?? 0))).toBe(true);
    await expectHolds(long);
    expect(await readdir(join(path, '..'))).toEqual(['sweep.journal']);
    const counting = await record([partial(0, 1, 5), partial(1, 1, 5), partial(2, 1, 5)], `${path}-counting`);
    expect(Math.max(...sizes)).toBeLessThan(2 * counting.at(-1)! + compactFrom);
  });

  test('is rewritten at opening, by the same bytes as if only what counts had been recorded', async () => {
    await record(long);
    const before = (await stat(path)).size;
    await (await compactAt(compactFrom)).close();
    const compacted = await readFile(path);
    expect(compacted.length).toBeLessThan(before / 4);
    await record([partial(1, 20, 5), finished(0, 20), finished(2, 20)], `${path}-counting`);
    expect(compacted.equals(await readFile(`${path}-counting`))).toBe(true);
  });

  test('survives a kill at any byte of the rewriting, and goes on', async () => {
    await record(long);
    const whole = await readFile(path);
    await (await compactAt(compactFrom)).close();
    const compacted = await readFile(path);
    // The copy may be cut off anywhere, or complete without having taken the place of the journal.
    for (let size = 0; size <= compacted.length; size += size + 13 < compacted.length ? 13 : 1) {
      await writeFile(path, whole);
      await writeFile(`${path}.compacting`, compacted.subarray(0, size));
      const from = size % 2 === 0 ? compactFrom : Number.POSITIVE_INFINITY;
      const journal = await compactAt(from);
      expect(await differenceFrom(journal, long), `cut off at ${size}`).toBeUndefined();
      await journal.append([finished(1, 30)]);
      await journal.close();
      await expectHolds([...long, finished(1, 30)]);
      expect(await readdir(join(path, '..'))).toEqual(['sweep.journal']);
    }
  });

  test('goes on as it is where the copy cannot be made', async () => {
    await mkdir(`${path}.compacting`);
    const journal = await compactAt(compactFrom);
    for (const entry of long) await journal.append([entry]);
    expect(await differenceFrom(journal, long)).toBeUndefined();
    await journal.close();
    expect((await stat(path)).size).toBe((await record(long, `${path}-plain`)).at(-1));
    await expectHolds(long);
  });
});

describe('a damaged journal', () => {
  test('is refused whichever byte is wrong, and not changed', async () => {
    const lengths = await record(few.slice(0, 3));
    const whole = await readFile(path);
    await sideBySide([...whole.keys()], async (byte, path) => {
      for (const bits of [1 << (byte % 8), 0xff]) {
        const damaged = Buffer.from(whole);
        damaged[byte]! ^= bits;
        await writeFile(path, damaged);
        const start = lengths.findLast((length) => length <= byte);
        const message = start === undefined ? /.*/ : new RegExp(`is damaged at byte ${start}: .* move it away`);
        await expectRefused(message, identity, path);
      }
    });
  });

  test('with a cut-off end is refused too, unless the damage is in what is dropped anyhow', async () => {
    const lengths = await record(few.slice(0, 3));
    const whole = await readFile(path);
    const end = lengths[2]!;
    for (const size of [end + 20, end + 100]) {
      await sideBySide([...Array(size).keys()], async (byte, path) => {
        const damaged = Buffer.from(whole.subarray(0, size));
        damaged[byte]! ^= 1 << (byte % 8);
        await writeFile(path, damaged);
        const opened = await openFileJournal(path, identity).catch(() => undefined);
        if (opened === undefined) {
          expect((await readFile(path)).equals(damaged)).toBe(true);
        } else {
          expect(byte).toBeGreaterThanOrEqual(end);
          expect(await differenceFrom(opened, few.slice(0, 2))).toBeUndefined();
          await opened.close();
        }
      });
    }
  });

  test('says where, and what stands before can be saved as it says', async () => {
    const lengths = await record(few);
    const damaged = await readFile(path);
    damaged[lengths[3]! + 40]! ^= 0x10;
    await writeFile(path, damaged);
    await expectRefused(
      `is damaged at byte ${lengths[3]}: an entry has a wrong checksum; move it away or choose another`,
    );
    await truncate(path, lengths[3]!);
    await expectHolds(few.slice(0, 3));
  });

  test('is seen where it is damaged while it is open', async () => {
    const lengths = await record(few);
    const journal = await openFileJournal(path, identity);
    const damaged = await readFile(path);
    damaged[lengths[1]! + 40]! ^= 1;
    await writeFile(path, damaged);
    await expect(journal.readOutcome(0)).rejects.toMatchObject({ code: 'file', path });
    await journal.close();
  });
});

describe('a journal is refused', () => {
  test('of another sweep, with the first place that differs', async () => {
    await record(few);
    const withSweep = (sweep: unknown) => ({
      ...identity,
      sweep: typeof sweep === 'string' ? sweep : JSON.stringify(sweep),
    });
    const sweep = JSON.parse(identity.sweep);
    const other = (base: object, axes: object = sweep.axes) => withSweep({ base, axes });
    await expectRefused('belongs to another sweep (base.trials 100 ≠ 200); move it away', other({ trials: 200 }));
    await expectRefused('(axes.pre.tau[1] 2 ≠ 3)', other(sweep.base, { 'pre.tau': [1, 3] }));
    await expectRefused('(axes.pre.tau[2] nothing ≠ 3)', other(sweep.base, { 'pre.tau': [1, 2, 3] }));
    await expectRefused(
      '(the whole in the order base, axes ≠ axes, base)',
      withSweep({ axes: sweep.axes, base: sweep.base }),
    );
    await expectRefused('belongs to another sweep; move it away', withSweep('no JSON'));
  });

  test('of another version, with both', async () => {
    await record(few);
    await expectRefused('by stdp-webgpu 1.2.3, and this is 1.3.0', { ...identity, version: '1.3.0' });
  });

  test('of another format, with both', async () => {
    await record(few);
    const text = (await readFile(path, 'latin1')).replace('format 1', 'format 12');
    await writeFile(path, text, 'latin1');
    await expectRefused(/has format 12, and this version of stdp-webgpu reads format 1/);
  });

  test('that is something else', async () => {
    for (const text of ['x', 'point,value\n1,2\n', 'stdp-webgpu sweep journal, format one\n']) {
      await writeFile(path, text);
      await expectRefused(/is no sweep journal/);
    }
  });

  test('where the path is a folder or leads nowhere', async () => {
    await mkdir(path);
    await expect(openFileJournal(path, identity)).rejects.toMatchObject({ code: 'file', path });
    const nowhere = join(path, 'missing', 'sweep.journal');
    await expect(openFileJournal(nowhere, identity)).rejects.toMatchObject({ code: 'file', path: nowhere });
    expect(await readdir(join(path, '..'))).toEqual(['sweep.journal']);
  });
});

/** Starts a process that runs a program with the journal and the test's entries at hand. */
function spawnNode(program: string): ChildProcess {
  const imports = `
    import { openFileJournal } from ${JSON.stringify(join(builtFolder, 'journal.js'))};
    import { finished, identity, partial } from ${JSON.stringify(join(builtFolder, 'entries.js'))};
    const path = ${JSON.stringify(path)};`;
  return spawn(process.execPath, ['--input-type=module', '-e', imports + program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
}

async function printed(child: ChildProcess, text: string): Promise<void> {
  let output = '';
  for await (const piece of child.stdout!.iterator({ destroyOnReturn: false })) {
    output += piece;
    if (output.includes(text)) return;
  }
  throw new Error(`ended without "${text}": ${output}`);
}

describe('the lock', () => {
  const lockOf = () => `${path}.lock`;

  test('keeps a second journal out, also of the same process, until the first is closed', async () => {
    const first = await openFileJournal(path, identity);
    const refusal = { code: 'file', path, message: expect.stringContaining(`${path} is in use by this process`) };
    await expect(openFileJournal(path, identity)).rejects.toMatchObject(refusal);
    await first.append(few);
    await first.close();
    await expectHolds(few);
  });

  test('of a process that lives is respected, and that of a killed one is taken over', async () => {
    const child = spawnNode(`
      const journal = await openFileJournal(path, identity);
      await journal.append([finished(5, 50)]);
      console.log('open');
      setInterval(() => undefined, 1000);`);
    await printed(child, 'open');
    await expect(openFileJournal(path, identity)).rejects.toMatchObject({
      code: 'file',
      message: expect.stringMatching(new RegExp(`in use by process ${child.pid}, which is running`)),
    });
    child.kill('SIGKILL');
    await ended(child);
    expect(existsSync(lockOf())).toBe(true);
    await expectHolds([finished(5, 50)]);
    expect(existsSync(lockOf())).toBe(false);
  });

  test('of a process whose number another process has got is taken over', async () => {
    const lock = { host: hostname(), pid: process.ppid, started: 'another boot 17', id: 'x' };
    await writeFile(lockOf(), JSON.stringify(lock));
    if (process.platform === 'linux') await expectHolds([]);
    else await expect(openFileJournal(path, identity)).rejects.toThrow('which is running');
  });

  test('that was left empty is taken over', async () => {
    await writeFile(lockOf(), '');
    await expectHolds([]);
  });

  test('of another machine, or that is none, is respected', async () => {
    const remedy = `if nothing uses it any more, remove ${lockOf()}`;
    await writeFile(lockOf(), JSON.stringify({ host: 'elsewhere.example', pid: 1, started: null }));
    await expect(openFileJournal(path, identity)).rejects.toThrow(
      `is in use by process 1 of the machine elsewhere.example; ${remedy}`,
    );
    await writeFile(lockOf(), 'notes');
    await expect(openFileJournal(path, identity)).rejects.toThrow(`did not write; ${remedy}`);
    expect(await readFile(lockOf(), 'utf8')).toBe('notes');
  });

  test('is given to one of many that find that of a dead process', async () => {
    const child = spawnNode('');
    await ended(child);
    for (let round = 0; round < 12; round++) {
      const left = round === 6 ? '' : JSON.stringify({ host: hostname(), pid: child.pid, started: null, round });
      await writeFile(lockOf(), left);
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => openFileJournal(path, identity)));
      const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      for (const journal of opened) await journal.close();
      expect(opened.length).toBe(1);
      expect(await readdir(join(path, '..'))).toEqual(['sweep.journal']);
    }
  });
});

describe('a process', () => {
  test('that is killed while it appends and compacts, again and again, loses nothing that was recorded', async () => {
    // Short and long entries, and a kill at another moment of the work each time.
    const entriesOf = (point: number) => [partial(point, 1, 60_000), partial(point, 2), finished(point, 3)];
    const program = `
      const journal = await openFileJournal(path, identity, { compactFrom: 400_000 });
      for (let point = journal.finished.size; ; point++) {
        for (const entry of [partial(point, 1, 60_000), partial(point, 2), finished(point, 3)]) await journal.append([entry]);
        process.stdout.write(point + '\\n');
      }`;
    let last = -1;
    for (let round = 0; round < 8; round++) {
      const child = spawnNode(program);
      let output = '';
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      await new Promise((resolve) => child.stdout!.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 7 * round + 3));
      child.kill('SIGKILL');
      await ended(child);
      const told = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1));
      expect(told).toBeGreaterThan(last);
      last = await withJournal(async (journal) => {
        const count = journal.finished.size;
        expect(count).toBeGreaterThan(told);
        const entries = Array.from({ length: count }, (_, point) => entriesOf(point)[2]!);
        const next = [...journal.partial];
        const started = next.length === 0 ? [] : [entriesOf(count)[(await journal.readPartial(count)).trials - 1]!];
        expect(await differenceFrom(journal, [...entries, ...started])).toBeUndefined();
        return count - 1;
      });
    }
  });

  test('opens a journal of 200 MB in a few MB of memory', async () => {
    const large = partial(4, 1, 4_000_000);
    await withJournal(async (journal) => {
      for (let count = 0; count < 4; count++) {
        await journal.append([{ ...large, point: count + 4 }, finished(count, 1)]);
      }
    });
    expect((await stat(path)).size).toBeGreaterThan(190e6);
    const child = spawnNode(`
      const { readFileSync } = await import('node:fs');
      const before = process.resourceUsage().maxRSS;
      const journal = await openFileJournal(path, identity);
      console.log('grown ' + (process.resourceUsage().maxRSS - before) + ' KiB, ' + journal.finished.size + ' finished.');
      await journal.close();`);
    let output = '';
    for await (const piece of child.stdout!) output += piece;
    expect(output).toContain('4 finished');
    expect(Number(/grown (\d+) KiB/.exec(output)![1])).toBeLessThan(24_000);
  });

  test.skipIf(process.platform === 'win32')('whose disk is full keeps what was recorded before', async () => {
    // A limit on the size of files, with its signal ignored, makes a write stop in the middle and then fail.
    const script = join(builtFolder, 'full.js');
    await writeFile(
      script,
      `import { openFileJournal } from './journal.js';
       import { finished, identity, partial } from './entries.js';
       const journal = await openFileJournal(process.argv[2], identity);
       await journal.append([finished(0, 1)]);
       const error = await journal.append([finished(1, 1), partial(2, 1, 60_000)]).catch((error) => error);
       console.log(error.name, error.code, error.message);
       await journal.append([finished(3, 1)]);
       await journal.close();`,
    );
    const command = 'trap "" XFSZ; ulimit -f 64; exec "$0" "$1" "$2"';
    const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, script, path]);
    expect(stdout).toBe(`EngineError file ${path} cannot be written; what was recorded before is intact (EFBIG)\n`);
    await expectHolds([finished(0, 1), finished(3, 1)]);
  });
});
