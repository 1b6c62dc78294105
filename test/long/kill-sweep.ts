import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandOf, descendantsOf, memoryOf } from '../support/processes.ts';

/*
 * A sweep of 10,000 points of 10⁵ trial-steps each, killed again and again: its tables are those of a sweep that
 * nothing happened to. Linux only. The times, kills and memory are printed.
 */

const KILLS = 20;
const sweep = {
  base: { sequences: 10, steps: 100, trials: 100 },
  axes: { 'post.epsilon': { logspace: [0.02, 0.5, 100] }, 'pre.peak': { linspace: [0.05, 0.5, 100] } },
};

const program = resolve(import.meta.dirname, '../../dist/cli/main.js');
let folder: string;
const at = (name: string) => join(folder, name);

/** What the sweep writes when nothing happens to it. */
let whole: Tables;
let wholeSeconds: number;

interface Tables {
  readonly points: Buffer;
  readonly curves: Buffer;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-kill-sweep-'));
  await writeFile(at('sweep.json'), JSON.stringify(sweep));
  wholeSeconds = await timed('whole', [], 'cpu');
  whole = await tables('whole');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(['cpu', 'chrome'])('a sweep of 10,000 points on %s', (runtime) => {
  let seconds: number;

  test('in one go, with flat memory', async () => {
    seconds = runtime === 'cpu' ? wholeSeconds : await timed(runtime, [], runtime);
    expect((await tables(runtime === 'cpu' ? 'whole' : runtime)).points.equals(whole.points)).toBe(true);
  });

  test(`killed at ${KILLS} random moments and continued, is the same to the byte`, async () => {
    const name = `${runtime}-killed`;
    const sizes: number[] = [];
    while (sizes.length < KILLS) {
      const run = start(name, [], runtime);
      // The work of the whole is spread over the kills; half a second or so passes before it goes on each time.
      await Promise.race([run.ended, pause(1000 * Math.random() * (1 + (2 * seconds) / KILLS))]);
      if (run.hasEnded()) break;
      run.kill();
      await run.ended;
      sizes.push(
        await stat(join(at(name), 'sweep.journal')).then(
          ({ size }) => size,
          () => 0,
        ),
      );
    }
    console.log(`${runtime}: killed with a journal of MB ${sizes.map((size) => (size / 1e6).toFixed(1)).join(' ')}`);
    expect(sizes.length).toBe(KILLS);
    expect(await start(name, [], runtime).ended).toBe(0);
    await expectWhole(name);
  });

  test('with another chunk is the same to the byte', async () => {
    await timed(`${runtime}-chunk`, ['--chunk', '37'], runtime);
    await expectWhole(`${runtime}-chunk`);
  });
});

test('a sweep whose GPU process is killed in the middle goes on by itself, to the same bytes', async () => {
  const run = start('lost', [], 'chrome');
  let kills = 0;
  const journal = join(at('lost'), 'sweep.journal');
  for (let before = 0; kills < 3 && !run.hasEnded(); ) {
    await pause(50);
    const size = await stat(journal).then(
      (found) => found.size,
      () => 0,
    );
    if (size <= before + 5e6) continue;
    before = size;
    for (const pid of await descendantsOf(run.pid)) {
      if (!(await commandOf(pid)).includes('--type=gpu-process')) continue;
      process.kill(pid, 'SIGKILL');
      kills++;
    }
  }
  expect(await run.ended).toBe(0);
  console.log(`chrome: the GPU process was killed ${kills} times`);
  expect(kills).toBe(3);
  await expectWhole('lost');
});

async function tables(name: string): Promise<Tables> {
  return { points: await readFile(join(at(name), 'points.csv')), curves: await readFile(join(at(name), 'curves.csv')) };
}

async function expectWhole(name: string): Promise<void> {
  const found = await tables(name);
  expect(found.points.equals(whole.points)).toBe(true);
  expect(found.curves.equals(whole.curves)).toBe(true);
  await rm(at(name), { recursive: true });
}

/** Runs the sweep to its end and prints how long it took and its memory at eight moments. @returns seconds */
async function timed(name: string, options: readonly string[], runtime: string): Promise<number> {
  const run = start(name, options, runtime);
  const memory: number[] = [];
  const started = performance.now();
  const sampling = setInterval(() => {
    memoryOf(run.pid).then((bytes) => bytes > 0 && memory.push(bytes));
  }, 200);
  expect(await run.ended).toBe(0);
  clearInterval(sampling);
  const seconds = (performance.now() - started) / 1000;
  const shown = Array.from({ length: 8 }, (_, i) => memory[Math.floor((i * (memory.length - 1)) / 7)]! / 1e6);
  console.log(
    `${name}: ${seconds.toFixed(1)} s; MB over time ${shown.map((megabytes) => megabytes.toFixed(0)).join(' ')}`,
  );
  expect(Math.max(...memory)).toBeLessThan(1e9);
  return seconds;
}

/** Starts the sweep in a process group of its own. */
function start(name: string, options: readonly string[], runtime: string) {
  const args = [program, 'sweep', at('sweep.json'), '--out', at(name), '--runtime', runtime, '--quiet', ...options];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    // Where the profiles lie that killed browsers leave.
    env: { ...process.env, TMPDIR: folder },
  });
  const pid = child.pid!;
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    pid,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    kill: () => process.kill(-pid, 'SIGKILL'),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
