import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesBelow, inParallel, readColumns, run } from './support/cli.ts';
import { definedPairs } from './support/pair-definitions.ts';

const sizes = { sequences: 2, trials: 3, steps: 90 };
/** A spike where a congruence says so: trains that no sampler made. */
const spikes = [0, 1].flatMap((sequence) =>
  [0, 1, 2].flatMap((trial) =>
    (['pre', 'post'] as const).flatMap((neuron) =>
      Array.from({ length: sizes.steps }, (_, t) => t)
        .filter((t) => (t * t + 7 * t * (trial + 1) + 3 * sequence + (neuron === 'pre' ? 0 : 5)) % 11 < 2)
        .map((t) => ({ sequence, trial, neuron, t })),
    ),
  ),
);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-webgpu-recorded-'));
  const rows = spikes.map(({ sequence, trial, neuron, t }) => `${sequence},${trial},${neuron},${t}`);
  await writeFile(join(folder, 'spikes.csv'), `sequence,trial,neuron,t\n${rows.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: object): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

const kernel = { aPlus: 1, tauPlus: 4, aMinus: 0.5, tauMinus: 6 };

describe('recorded spikes on the command line', () => {
  test('give the same bytes on every runtime, in one dispatch or many, and what the pairs add up to', async () => {
    const pairing = { scheme: 'nearest-symmetric', window: 8, edges: 'truncate' } as const;
    const spec = await file('spec.json', { ...sizes, spikes: 'spikes.csv', pairing, kernel });
    const flags = [
      ['--runtime', 'cpu'],
      ['--runtime', 'cpu', '--chunk', '1'],
      ['--runtime', 'node', '--chunk', '2'],
      ['--runtime', 'chrome'],
    ];
    const folders = await inParallel(flags, 2, async (more) => {
      const out = join(folder, more.join(''));
      const { status, stderr } = await run(['run', spec, '--out', out, '--trace', '1:2', ...more]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { 'manifest.json': manifest, ...files } = await filesBelow(out);
      const { runtime: _, timings: __, ...same } = JSON.parse(manifest!.toString());
      return { ...files, manifest: Buffer.from(JSON.stringify(same)) } as Record<string, Buffer>;
    });
    for (const other of folders) expect(other).toEqual(folders[0]);

    // No activities: no rate and spike rules, nothing to agree with, no weight to trace.
    expect(Object.keys(folders[0]!).filter((name) => name.endsWith('.csv'))).toEqual([
      'curve.csv',
      'sequences.csv',
      'trace.csv',
    ]);
    const out = join(folder, '--runtimecpu');
    const header = async (name: string) => (await readFile(join(out, name), 'utf8')).split('\n')[0];
    expect(await header('curve.csv')).toBe('dt,pairs,dw_pair,dw_pair_se');
    expect(await header('sequences.csv')).toBe('sequence,pre_spikes,post_spikes,pairs,dw_pair');
    expect(await header('trace.csv')).toBe('t,pre_spike,post_spike');
    const { agreement, spec: whole } = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect(agreement).toBeNull();
    expect(whole.spikes.pre[1][2]).toEqual(timesOf(1, 2, 'pre'));

    const { pairs, dw_pair } = await readColumns(join(out, 'sequences.csv'));
    for (const sequence of [0, 1]) {
      const found = [0, 1, 2].flatMap((trial) =>
        definedPairs('nearest-symmetric', 'skip', 8, timesOf(sequence, trial, 'pre'), timesOf(sequence, trial, 'post')),
      );
      const sum = found.reduce((total, { pre, post }) => {
        const d = post - pre;
        return total + (d > 0 ? Math.exp(-d / 4) : -0.5 * Math.exp(d / 6));
      }, 0);
      expect(pairs![sequence]).toBe(found.length);
      expect(Math.abs(dw_pair![sequence]! - sum)).toBeLessThan(1e-6 * found.length);
    }
  });

  test('can be swept over how they are paired, on every runtime', async () => {
    const base = { ...sizes, spikes: 'spikes.csv', pairing: { scheme: 'triplet', window: 8 } };
    const axes = { 'kernel.tauYMs': [20, 125], 'pairing.window': [4, 8] };
    const sweep = await file('sweep.json', { base, axes });
    const outs = await inParallel(['cpu', 'node'], 2, async (runtime) => {
      const out = join(folder, `sweep-${runtime}`);
      const { status, stderr } = await run(['sweep', sweep, '--out', out, '--runtime', runtime]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return filesBelow(out);
    });
    for (const name of ['points.csv', 'curves.csv']) expect(outs[0]![name]).toEqual(outs[1]![name]);
    const { point, dw_pair } = await readColumns(join(folder, 'sweep-cpu', 'curves.csv'));
    // A longer memory of postsynaptic spikes potentiates more, at the same pairs.
    const total = (wanted: number) =>
      dw_pair!.reduce((sum, value, row) => (point![row] === wanted ? sum + (value || 0) : sum), 0);
    expect(total(3)).toBeGreaterThan(total(1));
  });

  test.each([
    [['--check'], {}, '--check: recorded spikes have no closed form; expected a spec without spikes'],
    [['--rates'], {}, '--rates: recorded spikes have no rates; expected a spec with table drives beside them'],
    [[], { steps: 40 }, 'column t: '],
    [[], { trials: undefined }, 'trials: missing; expected an integer ≥ 1'],
  ])('are refused with %j and %j', async (flags, change, message) => {
    const spec = await file('refused.json', { ...sizes, spikes: 'spikes.csv', pairing: { window: 8 }, ...change });
    const out = join(folder, 'refused');
    const { status, stderr } = await run(['run', spec, '--out', out, '--runtime', 'cpu', ...flags]);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});

function timesOf(sequence: number, trial: number, neuron: 'pre' | 'post'): number[] {
  return spikes
    .filter((spike) => spike.sequence === sequence && spike.trial === trial && spike.neuron === neuron)
    .map(({ t }) => t);
}
