import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageManifest from '../package.json' with { type: 'json' };
import { filesBelow, inParallel, readColumns, run, start } from './support/cli.ts';

/** Fields of `manifest.json` that tests look at. */
interface Manifest {
  readonly version: string;
  readonly spec: { readonly seed: number; readonly trials: number };
  readonly interrupted: boolean;
  readonly completed: { readonly sequences: number; readonly trials: number };
  readonly totals: { readonly pairs: number };
  readonly check: { readonly passed: boolean } | null;
  readonly runtime?: { readonly runtime: string };
  readonly timings?: { readonly finished: string };
}

/** Unlike the defaults wherever it can be. */
const heldOut = {
  seed: 20260731,
  sequences: 23,
  steps: 130,
  trials: 150,
  pre: { epsilon: 0.09, peak: 0.23, drive: { type: 'noise', mean: 0.35, sd: 1.1 } },
  post: { epsilon: 0.045, peak: 0.17 },
  pairing: { window: 17 },
  kernel: { aPlus: 0.777, tauPlus: 16.8, aMinus: 0.273, tauMinus: 33.7 },
};
const heldOutFlags = ['--check', '--rates', '--trace', '3:17'];

/** A run of a few milliseconds. */
const tiny = { sequences: 2, steps: 50, trials: 5 };

/** Hours on any machine; at any moment a few hundred trials of it take a second to repeat. */
const endless = { seed: 3, sequences: 20, steps: 100, trials: 4e7, pairing: { window: 10 } };

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'stdp-webgpu-cli-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

let made = 0;
/** A new path in the scratch folder. */
const fresh = (name: string) => join(scratch, `${++made}-${name}`);

async function specFile(spec: unknown): Promise<string> {
  const path = fresh('spec.json');
  await writeFile(path, typeof spec === 'string' ? spec : JSON.stringify(spec));
  return path;
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
}

/** One line that says what is wrong, and no stack trace. */
const oneMessage = /^stdp-webgpu: [^\n]+\n$/;

describe('one spec on every runtime', () => {
  const folders = new Map<string, string>();
  const variants = ['cpu', 'chrome --chunk 7', 'chrome', 'node'];
  let cpu = '';

  beforeAll(async () => {
    const spec = await specFile(heldOut);
    for (const variant of variants) {
      const out = fresh('held-out');
      const { status, stderr } = await run([
        'run',
        spec,
        '--out',
        out,
        '--runtime',
        ...variant.split(' '),
        ...heldOutFlags,
      ]);
      expect({ variant, status, stderr }).toEqual({ variant, status: 0, stderr: '' });
      folders.set(variant, out);
    }
    cpu = folders.get('cpu')!;
  });

  test('every table and figure has the same bytes', async () => {
    const expected = await filesBelow(cpu);
    expect(Object.keys(expected)).toEqual([
      'agreement.csv',
      'curve.csv',
      'figures/fig1-middle-rate-rule.svg',
      'figures/fig1-right-pair-rule.svg',
      'figures/fig2-right-agreement.svg',
      'figures/fig3-trace.svg',
      'manifest.json',
      'rates.csv',
      'sequences.csv',
      'trace.csv',
    ]);
    for (const [variant, folder] of folders) {
      const files = await filesBelow(folder);
      expect(Object.keys(files)).toEqual(Object.keys(expected));
      for (const [name, bytes] of Object.entries(files)) {
        if (name !== 'manifest.json') expect(bytes.equals(expected[name]!), `${variant}: ${name}`).toBe(true);
      }
    }
  });

  test('manifests differ in runtime and timings alone', async () => {
    const strip = ({ runtime, timings, ...rest }: Manifest) => rest;
    const expected = strip(await readManifest(cpu));
    expect(expected).toMatchObject({ version: packageManifest.version, interrupted: false, check: { passed: true } });
    expect(expected.spec).toMatchObject(heldOut);
    for (const [variant, folder] of folders) {
      const manifest = await readManifest(folder);
      expect(manifest.runtime?.runtime).toBe(variant.split(' ')[0]);
      expect(strip(manifest)).toEqual(expected);
    }
  });

  test('folders and files have the permissions that the umask leaves', async () => {
    const allowed = 0o777 & ~process.umask();
    expect((await stat(cpu)).mode & 0o777).toBe(allowed);
    expect((await stat(join(cpu, 'curve.csv'))).mode & 0o777).toBe(allowed & 0o666);
  });

  test('Arrow files hold the numbers of the CSV files', async () => {
    const out = fresh('arrow');
    const spec = await specFile(heldOut);
    const flags = ['--runtime', 'cpu', '--format', 'arrow', ...heldOutFlags];
    expect(await run(['run', spec, '--out', out, ...flags])).toMatchObject({ status: 0, stderr: '' });
    for (const name of ['curve', 'agreement', 'sequences', 'rates', 'trace']) {
      const columns = await readColumns(join(cpu, `${name}.csv`));
      const table = tableFromIPC(await readFile(join(out, `${name}.arrow`)));
      expect(table.schema.fields.map((field) => field.name)).toEqual(Object.keys(columns));
      for (const [column, values] of Object.entries(columns)) {
        const found = Array.from(table.getChild(column)!, (value) => (value === null ? Number.NaN : Number(value)));
        expect(found, `${name}.${column}`).toEqual(values);
      }
      expect(existsSync(join(out, `${name}.csv`))).toBe(false);
    }
  });

  /** What `rates.csv` implies by SPEC §3, term by term, with nothing of the product's code. */
  describe('recomputed from the CSV files', () => {
    const { steps, trials, sequences, kernel, pre, post } = heldOut;
    const { window } = heldOut.pairing;
    const paired = Array.from({ length: steps - 2 * window }, (_, index) => window + index);
    const distances = Array.from({ length: 2 * window + 1 }, (_, index) => index - window);
    const rho = (s: number) => Math.min(1, Math.max(0, s + 0.2));
    const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
    let rates: Record<string, number[]>;
    let curve: Record<string, number[]>;
    let perSequence: Record<string, number[]>;
    const cell = (column: string, n: number, t: number) => rates[column]![n * steps + t]!;

    /** Chance of the pair at distance d from step t in one trial. */
    function chanceOfPair(n: number, t: number, d: number): number {
      const q = (step: number) => cell('p_post', n, step);
      const [near, far] = d > 0 ? [1, -1] : [-1, 1];
      let chance = cell('p_pre', n, t) * (1 - q(t)) * q(t + d);
      for (let k = 1; k <= window; k++) chance *= 1 - q(t + far * k);
      for (let k = 1; k < Math.abs(d); k++) chance *= 1 - q(t + near * k);
      return chance;
    }

    beforeAll(async () => {
      rates = await readColumns(join(cpu, 'rates.csv'));
      curve = await readColumns(join(cpu, 'curve.csv'));
      perSequence = await readColumns(join(cpu, 'sequences.csv'));
    });

    test('spike probabilities are peak · ρ(s), and ds_post is the step of s_post', () => {
      for (let n = 0; n < sequences; n++) {
        for (let t = 0; t < steps; t++) {
          expect([cell('sequence', n, t), cell('t', n, t)]).toEqual([n, t]);
          expect(Math.abs(cell('p_pre', n, t) - pre.peak * rho(cell('s_pre', n, t)))).toBeLessThan(1e-8);
          expect(Math.abs(cell('p_post', n, t) - post.peak * rho(cell('s_post', n, t)))).toBeLessThan(1e-8);
          if (t > 0) {
            expect(cell('s_post', n, t)).toBeCloseTo(cell('s_post', n, t - 1) + cell('ds_post', n, t - 1), 12);
          }
        }
      }
    });

    test('the numbers of pairs are those that the rates imply: chi-square per distance near 1', () => {
      let chiSquare = 0;
      for (const [bin, d] of distances.entries()) {
        expect(curve.dt![bin]).toBe(d);
        if (d === 0) {
          expect([curve.pairs![bin], curve.pairs_expected![bin]]).toEqual([0, 0]);
          for (const name of ['dw_rate', 'dw_rate_se', 'dw_spike', 'dw_pair', 'pairs_z', 'dw_rate_expected']) {
            expect(curve[name]![bin], name).toBeNaN();
          }
          continue;
        }
        let expected = 0;
        let rateSum = 0;
        for (let n = 0; n < sequences; n++) {
          for (const t of paired) {
            const chance = trials * chanceOfPair(n, t, d);
            expected += chance;
            rateSum += chance * cell('ds_post', n, t) * rho(cell('s_pre', n, t));
          }
        }
        const z = (curve.pairs![bin]! - expected) / Math.sqrt(expected);
        chiSquare += z * z;
        expect(curve.pairs_expected![bin]! / expected).toBeCloseTo(1, 9);
        expect(curve.pairs_z![bin]).toBeCloseTo(z, 6);
        expect(Math.abs(curve.dw_rate_expected![bin]! - rateSum / expected)).toBeLessThan(1e-7);
        const standardErrors = (curve.dw_rate![bin]! - rateSum / expected) / curve.dw_rate_se![bin]!;
        expect(Math.abs(standardErrors)).toBeLessThan(5);
      }
      // 34 distances: the standard deviation of the mean is 0.24.
      expect(chiSquare / (2 * window)).toBeGreaterThan(0.3);
      expect(chiSquare / (2 * window)).toBeLessThan(1.9);
    });

    test('dw_pair is the kernel', () => {
      for (const [bin, d] of distances.entries()) {
        if (d === 0) continue;
        const { aPlus, tauPlus, aMinus, tauMinus } = kernel;
        const expected = d > 0 ? aPlus * Math.exp(-d / tauPlus) : -aMinus * Math.exp(d / tauMinus);
        expect(curve.dw_pair![bin]).toBeCloseTo(expected, 9);
        expect(curve.dw_pair_se![bin]!).toBeCloseTo(0, 9);
      }
    });

    test('sequences.csv adds up to the curve', () => {
      expect(perSequence.sequence).toEqual(Array.from({ length: sequences }, (_, n) => n));
      expect(sumOf(perSequence.pairs!)).toBe(sumOf(curve.pairs!));
      const weighted = curve.pairs!.map((count, bin) => (count > 0 ? count * curve.dw_pair![bin]! : 0));
      expect(sumOf(perSequence.dw_pair!)).toBeCloseTo(sumOf(weighted), 6);
    });

    test('the rate rule’s sums are exact; spikes and the spike rule’s sums scatter about theirs', () => {
      let spikeChiSquare = 0;
      let ruleChiSquare = 0;
      for (let n = 0; n < sequences; n++) {
        const terms = paired.map((t) => cell('ds_post', n, t) * rho(cell('s_pre', n, t)));
        const size = trials * sumOf(terms.map(Math.abs));
        expect(Math.abs(perSequence.dw_rate![n]! - trials * sumOf(terms)) / size).toBeLessThan(1e-6);

        const all = Array.from({ length: steps }, (_, t) => t);
        const moments = (values: readonly (readonly [weight: number, p: number])[]) => ({
          mean: trials * sumOf(values.map(([weight, p]) => weight * p)),
          variance: trials * sumOf(values.map(([weight, p]) => weight ** 2 * p * (1 - p))),
        });
        for (const side of ['pre', 'post']) {
          const { mean, variance } = moments(all.map((t) => [1, cell(`p_${side}`, n, t)]));
          spikeChiSquare += (perSequence[`${side}_spikes`]![n]! - mean) ** 2 / variance;
        }
        const { mean, variance } = moments(paired.map((t) => [cell('ds_post', n, t), cell('p_pre', n, t)]));
        ruleChiSquare += (perSequence.dw_spike![n]! - mean) ** 2 / variance;
      }
      expect(spikeChiSquare / (2 * sequences)).toBeGreaterThan(0.4);
      expect(spikeChiSquare / (2 * sequences)).toBeLessThan(1.8);
      expect(ruleChiSquare / sequences).toBeGreaterThan(0.2);
      expect(ruleChiSquare / sequences).toBeLessThan(2.2);
    });

    test('the bins of the agreement are equally many cells in the order of the rate rule', async () => {
      const agreement = await readColumns(join(cpu, 'agreement.csv'));
      const rateRule = Array.from({ length: sequences }, (_, n) =>
        paired.map((t) => cell('ds_post', n, t) * rho(cell('s_pre', n, t))),
      ).flat();
      rateRule.sort((a, b) => a - b);
      expect(agreement.bin).toHaveLength(25);
      expect(sumOf(agreement.cells!)).toBe(rateRule.length);
      expect(Math.max(...agreement.cells!) - Math.min(...agreement.cells!)).toBeLessThanOrEqual(1);
      let first = 0;
      for (const [bin, cells] of agreement.cells!.entries()) {
        const mean = sumOf(rateRule.slice(first, first + cells)) / cells;
        expect(Math.abs(agreement.dw_rate![bin]! - mean)).toBeLessThan(1e-8);
        first += cells;
      }
      const total = sumOf(agreement.dw_pair!.map((mean, bin) => mean * agreement.cells![bin]!)) * trials;
      expect(total / sumOf(perSequence.dw_pair!)).toBeCloseTo(1, 8);
    });

    test('the weight of a trace is the running sum of ds_post at presynaptic spikes', async () => {
      const trace = await readColumns(join(cpu, 'trace.csv'));
      expect(trace.t).toHaveLength(steps);
      let weight = 0;
      for (let t = 0; t < steps; t++) {
        expect([trace.s_pre![t], trace.s_post![t]]).toEqual([cell('s_pre', 3, t), cell('s_post', 3, t)]);
        expect([0, 1]).toContain(trace.post_spike![t]);
        if (trace.pre_spike![t] === 1) weight += cell('ds_post', 3, t);
        expect(trace.weight![t]).toBeCloseTo(weight, 12);
      }
      expect(sumOf(trace.pre_spike!)).toBeGreaterThan(0);
    });
  });
});

describe('bad input is refused with status 2, one message and no folder', () => {
  const table = (drive: object) => ({ sequences: 2, steps: 3, pairing: { edges: 'truncate' }, pre: { drive } });
  const badSpecs: readonly (readonly [spec: unknown, ...says: string[]])[] = [
    [{ sequences: '5' }, 'sequences', '"5"', 'an integer ≥ 1'],
    [{ trials: 0 }, 'trials', '0', 'an integer ≥ 1'],
    [{ trials: 1.5 }, 'trials', '1.5', 'an integer ≥ 1'],
    [{ steps: 30 }, 'steps', '30', '> 2 · pairing.window = 40'],
    [{ trials: 3e9 }, 'trials', '3000000000', 'from 1 to 26843545'],
    [{ seed: -1 }, 'seed', '-1', 'from 0 to 4294967295'],
    [{ pre: { epsilon: 0 } }, 'pre.epsilon', '0', '> 0 and ≤ 1'],
    [{ post: { peak: 1.5 } }, 'post.peak', '1.5', '> 0 and ≤ 1'],
    [{ post: { rho: { beta1: 0.2 } } }, 'post.rho.beta1', '0.2', '> -1 and < 0'],
    [{ pre: { drive: { type: 'noise', sd: -1 } } }, 'pre.drive.sd', '-1', 'a number from 0'],
    [{ pre: { drive: { type: 'saw' } } }, 'pre.drive.type', '"saw"', '"noise", "steps", "ramps", "table"'],
    [{ pairing: { window: 65 } }, 'pairing.window', '65', 'from 1 to 64'],
    [{ pairing: { edges: 'wrap' } }, 'pairing.edges', '"wrap"', '"interior" or "truncate"'],
    [{ kernel: { tauPlus: 0 } }, 'kernel.tauPlus', '0', '> 0'],
    [{ trails: 10 }, 'trails', 'unknown key', 'trials'],
    [{ pre: { drive: { low: 1 } } }, 'pre.drive.low', 'unknown key', 'mean, sd'],
    [[1], 'spec', '[1]', 'an object'],
    ['null', 'spec', 'null', 'an object'],
    ['{"trials": NaN}', 'line 1, column 12', '"N"', 'a value'],
    ['{"trials": 1e999}', 'trials', 'Infinity', 'an integer ≥ 1'],
    ['{\n  "trials": 5,\n}', 'line 3, column 1', '"}"', 'a key'],
    ['', 'line 1, column 1', 'the end of the file', 'a value'],
    ['{} {}', 'line 1, column 4', '"{"', 'nothing after the end'],
    [table({ type: 'table', values: [[1, 2, 3, 4], [1]] }), 'pre.drive.values[1]', '1 numbers', 'steps + 1 = 4'],
    [table({ type: 'table', values: [[1, 2, 3, 4]] }), 'pre.drive.values', '1 rows', 'sequences = 2'],
    [table({ type: 'table', file: 'missing.csv' }), 'missing.csv', 'no such file', 'a file that can be read'],
    [table({ type: 'table', file: 'header.csv' }), 'header.csv, row 1, column 1', '"a"', 'no header row'],
    [table({ type: 'table', file: 'ragged.csv' }), 'pre.drive.values[1]', 'ragged.csv', 'steps + 1 = 4'],
    [table({ type: 'table', file: '.' }), 'is a folder', 'a file that can be read'],
  ];
  const badFlags: readonly (readonly [flags: string[], ...says: string[]])[] = [
    [['--chunk', '0'], '--chunk', '"0"', 'an integer from 1'],
    [['--chunk', 'all'], '--chunk', '"all"', 'an integer from 1'],
    [['--seed', '-1'], '--seed', '"-1"', 'an integer from 0 to 4294967295'],
    [['--seed', '1.5'], '--seed', '"1.5"', 'an integer from 0 to 4294967295'],
    [['--seed', '4294967296'], '--seed', '"4294967296"', 'an integer from 0 to 4294967295'],
    [['--runtime', 'gpu'], '--runtime', '"gpu"', 'one of chrome, node, cpu'],
    [['--trace', '5'], '--trace', '"5"', 'SEQ:TRIAL'],
    [['--trace', '999:0'], '--trace', '"999:0"', 'a sequence from 0 to 1 and a trial from 0 to 4'],
    [['--trace', '0:5'], '--trace', '"0:5"', 'a trial from 0 to 4'],
    [['--format', 'xml'], '--format', '"xml"', 'one of csv, arrow'],
    [['--browser', '/no/such/browser'], '--browser', '/no/such/browser', 'Chrome or Chromium'],
    [['--runtime', 'cpu', '--headed'], '--runtime', '"cpu"', 'chrome, as --headed is given'],
    [['--json', '/'], '--json', '"/"', 'the path of a file, or -'],
    [['--bogus'], "unknown option '--bogus'", '--help'],
    [['extra'], 'too many arguments', '--help'],
  ];

  beforeAll(async () => {
    await writeFile(join(scratch, 'header.csv'), 'a,b,c,d\n1,2,3,4\n');
    await writeFile(join(scratch, 'ragged.csv'), '1,2,3,4\n1,2,3\n');
  });

  test('specs', async () => {
    await inParallel(badSpecs, 2, async ([spec, ...says]) => {
      const out = fresh('refused');
      const { status, stdout, stderr } = await run(['run', await specFile(spec), '--out', out]);
      const context = JSON.stringify(spec);
      expect({ context, status, stdout }).toEqual({ context, status: 2, stdout: '' });
      expect(stderr, context).toMatch(oneMessage);
      expect(stderr, context).toContain('; ');
      for (const part of says) expect(stderr, context).toContain(part);
      expect(existsSync(out), context).toBe(false);
    });
  });

  test('spec files that cannot be read', async () => {
    for (const path of [join(scratch, 'missing.json'), scratch]) {
      const out = fresh('refused');
      const { status, stderr } = await run(['run', path, '--out', out]);
      expect({ status, named: stderr.includes(path) }).toEqual({ status: 2, named: true });
      expect(stderr).toMatch(oneMessage);
      expect(existsSync(out)).toBe(false);
    }
  });

  test('flags', async () => {
    const spec = await specFile(tiny);
    await inParallel(badFlags, 2, async ([flags, ...says]) => {
      const out = fresh('refused');
      const { status, stdout, stderr } = await run(['run', spec, '--out', out, ...flags]);
      const context = flags.join(' ');
      expect({ context, status, stdout }).toEqual({ context, status: 2, stdout: '' });
      expect(stderr, context).toMatch(oneMessage);
      for (const part of says) expect(stderr, context).toContain(part);
      expect(existsSync(out), context).toBe(false);
    });
  });

  test('a missing --out, an unknown command', async () => {
    const [noOut, unknown] = await Promise.all([run(['run', await specFile(tiny)]), run(['runn'])]);
    expect(noOut).toMatchObject({ status: 2, stderr: expect.stringMatching(oneMessage) });
    expect(noOut.stderr).toContain('--out <folder>');
    expect(unknown).toMatchObject({ status: 2, stderr: expect.stringMatching(oneMessage) });
    expect(unknown.stderr).toContain("unknown command 'runn' (Did you mean run?)");
  });

  test('a browser that does not start is a failure, status 1', async () => {
    const out = fresh('refused');
    const browser = fresh('no-browser');
    await writeFile(browser, '#!/bin/sh\necho no display >&2\nexit 1\n');
    await chmod(browser, 0o755);
    const { status, stderr } = await run(['run', await specFile(tiny), '--out', out, '--browser', browser]);
    expect(stderr).toMatch(oneMessage);
    expect(stderr).toContain(browser);
    expect({ status, made: existsSync(out) }).toEqual({ status: 1, made: false });
  });
});

describe('the output folder', () => {
  const cpuRun = (spec: string, out: string, ...flags: string[]) =>
    run(['run', spec, '--out', out, '--runtime', 'cpu', ...flags]);

  test('is made with the folders above it, and reused by the same spec, whose result is replaced', async () => {
    const spec = await specFile(tiny);
    const out = join(fresh('ä folder'), 'with spaces', 'out');
    expect(await cpuRun(spec, out, '--rates', '--trace', '1:4')).toMatchObject({ status: 0, stderr: '' });
    const first = await filesBelow(out);
    expect(Object.keys(first)).toContain('rates.csv');
    await writeFile(join(out, 'notes.txt'), 'what I saw in these figures');

    expect(await cpuRun(spec, out, '--format', 'arrow')).toMatchObject({ status: 0, stderr: '' });
    expect((await readdir(out)).sort()).toEqual([
      'agreement.arrow',
      'curve.arrow',
      'figures',
      'manifest.json',
      'notes.txt',
      'sequences.arrow',
    ]);
    await rm(join(out, 'notes.txt'));
    expect(await cpuRun(spec, out, '--rates', '--trace', '1:4')).toMatchObject({ status: 0, stderr: '' });
    const again = await filesBelow(out);
    expect(Object.keys(again)).toEqual(Object.keys(first));
    expect(again['curve.csv']!.equals(first['curve.csv']!)).toBe(true);
    expect(await readdir(join(out, '..'))).toEqual(['out']);
  });

  test('may be empty, the current folder, or a link', async () => {
    const spec = await specFile(tiny);
    const folder = fresh('empty');
    await mkdir(folder);
    const link = fresh('link');
    await symlink(folder, link);
    expect(await run(['run', spec, '--out', '.', '--runtime', 'cpu'], { cwd: folder })).toMatchObject({ status: 0 });
    expect(await cpuRun(spec, link)).toMatchObject({ status: 0 });
    expect((await readManifest(folder)).spec).toMatchObject(tiny);
    expect(await readdir(folder)).toHaveLength(5);
  });

  test('is refused, and left as it was, when it holds anything else', async () => {
    const spec = await specFile(tiny);
    const otherSpec = fresh('other-spec');
    expect(await cpuRun(spec, otherSpec, '--seed', '8')).toMatchObject({ status: 0 });
    const something = fresh('something');
    await mkdir(something);
    await writeFile(join(something, 'thesis.txt'), 'years of work');
    const foreign = fresh('foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'manifest.json'), '{"name": "a web app"}');
    const file = fresh('file');
    await writeFile(file, 'text');

    const cases = [
      [otherSpec, 'another spec'],
      [something, 'something else'],
      [foreign, 'something else'],
    ] as const;
    for (const [out, what] of cases) {
      const before = await filesBelow(out);
      const { status, stderr } = await cpuRun(spec, out);
      expect({ out, status }).toEqual({ out, status: 2 });
      expect(stderr).toMatch(oneMessage);
      expect(stderr).toContain(`--out: ${out} holds`);
      expect(stderr).toContain(what);
      expect(stderr).toContain('expected a new or empty folder');
      expect(await filesBelow(out)).toEqual(before);
    }
    for (const out of [file, join(file, 'below')]) {
      const { status, stderr } = await cpuRun(spec, out);
      expect({ out, status }).toEqual({ out, status: 2 });
      expect(stderr).toMatch(oneMessage);
    }
    expect(await readFile(file, 'utf8')).toBe('text');
  });

  test('an empty path is refused and the current folder is left alone', async () => {
    const folder = fresh('here');
    await mkdir(folder);
    const result = await run(['run', await specFile(tiny), '--out', '', '--runtime', 'cpu'], { cwd: folder });
    expect(result).toMatchObject({ status: 2, stderr: expect.stringMatching(/^stdp-webgpu: --out: "" /) });
    expect(await readdir(folder)).toEqual([]);
  });

  test('a table drive is read beside its spec, from any folder', async () => {
    const folder = fresh('table');
    await mkdir(folder);
    const values = [0, 1].map((n) => Array.from({ length: 51 }, (_, t) => Math.sin(t / 9 + n)));
    await writeFile(join(folder, 'my drive.csv'), values.map((row) => row.join(',')).join('\n'));
    const drive = { type: 'table', file: 'my drive.csv' };
    await writeFile(join(folder, 'spec.json'), JSON.stringify({ ...tiny, pre: { drive } }));
    const spec = join(folder, 'spec.json');
    expect(await cpuRun(spec, join(folder, 'cpu'), '--rates')).toMatchObject({ status: 0, stderr: '' });
    const node = await run(['run', spec, '--out', 'node', '--runtime', 'node', '--rates'], { cwd: folder });
    expect(node).toMatchObject({ status: 0, stderr: '' });
    const rates = await filesBelow(join(folder, 'cpu'));
    expect((await filesBelow(join(folder, 'node')))['rates.csv']!.equals(rates['rates.csv']!)).toBe(true);
    const { s_pre } = await readColumns(join(folder, 'cpu', 'rates.csv'));
    expect(s_pre![50]).toBeCloseTo(Math.sin(1), 6);
  });
});

describe('what is printed', () => {
  test('--json - prints a summary on standard output and nothing else there', async () => {
    const out = fresh('json');
    const args = ['run', await specFile(tiny), '--out', out, '--runtime', 'cpu', '--seed', '9', '--json', '-'];
    const { status, stdout, stderr } = await run(args);
    expect(status).toBe(0);
    const { timings, ...summary } = JSON.parse(stdout) as Manifest;
    const { timings: written, ...manifest } = await readManifest(out);
    expect(summary).toEqual(manifest);
    expect(summary.spec.seed).toBe(9);
    expect(stderr).toContain('runtime cpu');
    expect(stderr).toContain(`written to ${out}`);
  });

  test('--quiet prints nothing; --json FILE makes the folders above the file', async () => {
    const json = join(fresh('deep'), 'summary.json');
    const args = ['run', await specFile(tiny), '--out', fresh('quiet'), '--runtime', 'cpu', '--quiet', '--json', json];
    expect(await run(args)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ completed: { sequences: 2, trials: 5 } });
  });

  test('--version and --help', async () => {
    expect(await run(['--version'])).toMatchObject({ status: 0, stdout: `${packageManifest.version}\n`, stderr: '' });
    const help = await run(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const command of ['run', 'reproduce', 'adapters', 'schema']) expect(help.stdout).toContain(`  ${command}`);
    const runHelp = await run(['run', '--help']);
    for (const flag of 'seed runtime chunk check rates trace format quiet json'.split(' ')) {
      expect(runHelp.stdout).toContain(`  --${flag}`);
    }
  });

  test('schema prints a JSON Schema', async () => {
    const { status, stdout } = await run(['schema']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: expect.stringContaining('json-schema.org'),
      properties: { trials: { default: 1000 } },
    });
  });

  test('adapters names the three runtimes, all of which are there', async () => {
    const [lines, json] = await Promise.all([run(['adapters']), run(['adapters', '--json', '-'])]);
    expect(lines.status).toBe(0);
    expect(lines.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['chrome', 'node', 'cpu', '']);
    expect(lines.stdout).not.toContain('not available');
    const { adapters } = JSON.parse(json.stdout) as { adapters: object[] };
    const found = (runtime: string) => ({ runtime, adapter: expect.any(String), software: expect.any(Boolean) });
    expect(adapters).toMatchObject([found('chrome'), found('node'), found('cpu')]);
  });

  test('a reader that leaves early is no error', async () => {
    const { child, ended } = start(['schema']);
    child.stdout!.destroy();
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('an interrupt', () => {
  const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  /** Starts the endless experiment, and interrupts it while it computes: later where nothing was finished that early. */
  async function interrupted(spec: string, out: string, runtime: string, afterMs = 1500): Promise<Manifest> {
    const running = start(['run', spec, '--out', out, '--runtime', runtime, '--check']);
    await running.printed(`runtime ${runtime}:`);
    await sleep(afterMs);
    running.interrupt();
    const { status, stderr, afterInterrupt } = await running.ended;
    expect({ runtime, status, stderr }).toMatchObject({ status: 130, stderr: expect.stringMatching(oneMessage) });
    expect(afterInterrupt).toBeLessThan(5000);
    if (stderr.includes('before anything was finished') && afterMs < 10_000) {
      return interrupted(spec, out, runtime, 2 * afterMs);
    }
    const manifest = await readManifest(out);
    expect(manifest).toMatchObject({ interrupted: true, completed: { sequences: endless.sequences } });
    expect(stderr).toContain(`${endless.sequences} sequences × ${manifest.completed.trials} trials`);
    return manifest;
  }

  /** The files of an uninterrupted run with as many trials. */
  async function shorter(trials: number): Promise<Record<string, Buffer>> {
    const out = fresh('shorter');
    const args = ['run', await specFile({ ...endless, trials }), '--out', out, '--runtime', 'cpu', '--check'];
    expect(await run(args)).toMatchObject({ status: 0 });
    return filesBelow(out);
  }

  test('leaves a valid smaller experiment, on the cpu and in Chrome, and the next run replaces it', async () => {
    const spec = await specFile(endless);
    const out = fresh('interrupted');
    let finished: string | undefined;
    for (const runtime of ['cpu', 'chrome']) {
      const manifest = await interrupted(spec, out, runtime);
      expect(manifest.runtime?.runtime).toBe(runtime);
      expect(manifest.timings?.finished).not.toBe(finished);
      finished = manifest.timings?.finished;
      const { trials } = manifest.completed;
      expect(trials).toBeGreaterThan(0);
      expect(trials).toBeLessThan(endless.trials);
      const [kept, whole] = [await filesBelow(out), await shorter(trials)];
      for (const name of ['curve.csv', 'agreement.csv', 'sequences.csv', 'figures/fig3-trace.svg']) {
        expect(kept[name]!.equals(whole[name]!), `${runtime}: ${name}`).toBe(true);
      }
    }
  });

  test('before anything is finished leaves nothing, and no browser profile', async () => {
    const out = fresh('nothing');
    const temporary = fresh('tmp');
    await mkdir(temporary);
    const spec = await specFile(endless);
    const running = start(['run', spec, '--out', out, '--runtime', 'chrome'], { env: { TMPDIR: temporary } });
    // The profile is there as soon as the browser is about to start.
    while (!(await readdir(temporary)).some((name) => name.startsWith('stdp-webgpu-profile-'))) await sleep(5);
    running.interrupt();
    const { status, stderr, afterInterrupt } = await running.ended;
    expect({ status, stderr }).toEqual({
      status: 130,
      stderr: 'stdp-webgpu: interrupted before anything was finished; nothing is written\n',
    });
    expect(afterInterrupt).toBeLessThan(5000);
    expect(existsSync(out)).toBe(false);
    expect(await readdir(temporary)).toEqual([]);
  });
});

describe('reproduce', () => {
  test('writes the figures with a page that shows them, and every claim holds', async () => {
    const out = fresh('reproduction');
    const json = fresh('summary.json');
    const { status, stdout, stderr } = await run(['reproduce', '--out', out, '--json', json]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('index.html');
    const { claims, interrupted } = JSON.parse(await readFile(json, 'utf8')) as {
      claims: { statement: string; found: string; holds: boolean }[];
      interrupted: boolean;
    };
    expect(interrupted).toBe(false);
    expect(claims.length).toBeGreaterThanOrEqual(5);
    expect(claims.filter(({ holds }) => !holds)).toEqual([]);
    const sameBits = claims.find(({ statement }) => statement.includes('another runtime'));
    expect(sameBits?.found).toMatch(/^\d+ numbers from (cpu .* and from chrome|chrome .* and from cpu) /);

    const page = await readFile(join(out, 'index.html'), 'utf8');
    // The paper's four figures, one for each pairing scheme, repeated pairs, closed loop and threshold crossing.
    expect(page.match(/<svg[\s>]/g)).toHaveLength(14);
    const schemes = (await readFile(join(out, 'schemes.csv'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    expect(schemes.map(([scheme, ...rest]) => [scheme, rest.at(-1)])).toEqual([
      ['scheme', 'follows_rate_rule'],
      ['nearest-exclusive', 'yes'],
      ['nearest-presynaptic', 'yes'],
      ['nearest-symmetric', 'no'],
      ['nearest-reduced', 'yes'],
      ['all-to-all', 'yes'],
      ['triplet', 'no'],
      ['triplet-nearest', 'no'],
    ]);
    expect(page).not.toMatch(/NaN|undefined/);
    const links = [...page.matchAll(/href="([^"#:]+)"/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(4);
    for (const path of links) expect(existsSync(join(out, path)), path).toBe(true);
  }, 180_000);
});

test('the built program is executable, as npx in a checkout needs it', async () => {
  const { mode } = await stat(new URL('../dist/cli/main.js', import.meta.url));
  expect(mode & 0o111).toBe(0o111);
});
