import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float64, int32, tableFromIPC } from '@uwdata/flechette';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curveOf } from '../src/stdp/curve.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { simulate } from '../src/stdp/simulate.ts';
import { readColumns, run, start } from './support/cli.ts';

const sweep = {
  base: { sequences: 4, steps: 90, trials: 30 },
  axes: { 'post.epsilon': { logspace: [0.02, 0.5, 12] }, 'pre.peak': [0.1, 0.3, 0.5] },
  replicates: 2,
};

describe('sweep', () => {
  let folder: string;
  let file: string;
  let whole: { points: string; curves: string };
  const at = (name: string) => join(folder, name);
  const tables = async (name: string) => ({
    points: await readFile(join(at(name), 'points.csv'), 'utf8'),
    curves: await readFile(join(at(name), 'curves.csv'), 'utf8'),
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdp-sweep-'));
    file = at('sweep.json');
    await writeFile(file, JSON.stringify(sweep));
    const { status, stderr } = await run(['sweep', file, '--out', at('whole'), '--runtime', 'cpu']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    whole = await tables('whole');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has a row for each point, with the numbers of an experiment of its own', async () => {
    const points = await readColumns(join(at('whole'), 'points.csv'));
    const curves = await readColumns(join(at('whole'), 'curves.csv'));
    expect(points.point).toEqual(Array.from({ length: 72 }, (_, index) => index));
    using engine = fastCpuEngine();
    for (const index of [0, 7, 71]) {
      const spec = parseSpec({
        ...sweep.base,
        seed: points.seed![index],
        pre: { peak: points['pre.peak']![index] },
        post: { epsilon: points['post.epsilon']![index] },
      });
      expect(spec.seed).toBe(1 + (index % 2));
      const plan = planExperiment(spec);
      const curve = curveOf((await simulate(engine, plan)).tallies, plan);
      expect(points.pairs![index]).toBe(curve.pairs);
      const mine = curves.dw_rate!.filter((_, row) => curves.point![row] === index);
      expect(mine).toEqual(curve.points.map(({ dwRate }) => dwRate ?? Number.NaN));
    }
  });

  it.each([
    ['chrome', '11'],
    ['node', '64'],
    ['cpu', '1'],
  ])('writes the same bytes on %s with --chunk %s', async (runtime, chunk) => {
    const name = `on-${runtime}`;
    const args = ['sweep', file, '--out', at(name), '--runtime', runtime, '--chunk', chunk];
    expect(await run(args)).toMatchObject({ status: 0, stderr: '' });
    expect(await tables(name)).toEqual(whole);
  });

  it('goes on after SIGKILL and after Ctrl-C, to the same bytes', async () => {
    // Large enough to be killed in the middle.
    const large = at('large.json');
    const axes = { ...sweep.axes, 'post.epsilon': { logspace: [0.02, 0.5, 150] } };
    await writeFile(large, JSON.stringify({ ...sweep, base: { ...sweep.base, trials: 2000 }, axes }));
    expect(await run(['sweep', large, '--out', at('large')])).toMatchObject({ status: 0 });
    const finished: number[] = [];
    for (let kill = 0; kill < 4; kill++) {
      const { child, ended } = start(['sweep', large, '--out', at('killed'), '--chunk', '500']);
      const before = finished.at(-1) ?? 0;
      const journal = join(at('killed'), 'sweep.journal');
      const size = () =>
        stat(journal).then(
          (found) => found.size,
          () => 0,
        );
      for (let wait = 0; wait < 400 && (await size()) <= before && child.exitCode === null; wait++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      child.kill(kill === 3 ? 'SIGINT' : 'SIGKILL');
      const { status } = await ended;
      expect(kill === 3 ? [0, 130] : [null, 0]).toContain(status);
      finished.push(await size());
    }
    expect(finished[0]).toBeGreaterThan(0);
    expect(await run(['sweep', large, '--out', at('killed')])).toMatchObject({ status: 0 });
    expect(await tables('killed')).toEqual(await tables('large'));
  });

  it('of another sweep, or with a damaged journal, is refused and nothing is lost', async () => {
    const other = await run(['sweep', file, '--seed', '7', '--out', at('whole')]);
    expect(other).toMatchObject({ status: 2 });
    expect(other.stderr).toContain('another spec');
    const journal = join(at('whole'), 'sweep.journal');
    await copyFile(journal, at('journal.keep'));
    const bytes = await readFile(journal);
    bytes[bytes.length >> 1]! ^= 255;
    await writeFile(journal, bytes);
    const damaged = await run(['sweep', file, '--out', at('whole')]);
    expect(damaged).toMatchObject({ status: 2 });
    expect(damaged.stderr).toMatch(/sweep\.journal.*damaged at byte \d+/);
    expect(await readFile(journal)).toEqual(bytes);
    expect(await tables('whole')).toEqual(whole);
    await copyFile(at('journal.keep'), journal);
    expect(await run(['sweep', file, '--out', at('whole')])).toMatchObject({ status: 0 });
    expect(await tables('whole')).toEqual(whole);
  });

  it('writes Arrow files in which another reader finds the same numbers, with their types', async () => {
    expect(await run(['sweep', file, '--out', at('arrow'), '--format', 'arrow'])).toMatchObject({ status: 0 });
    for (const name of ['points', 'curves']) {
      const table = tableFromIPC(await readFile(join(at('arrow'), `${name}.arrow`)));
      const columns = await readColumns(join(at('whole'), `${name}.csv`));
      const typeOf = (values: readonly number[]) => {
        const numbers = values.filter((value) => !Number.isNaN(value));
        return numbers.length > 0 && numbers.every(Number.isInteger) ? int32() : float64();
      };
      expect(table.schema.fields.map((field) => [field.name, field.type])).toEqual(
        Object.entries(columns).map(([column, values]) => [column, typeOf(values)]),
      );
      for (const [column, values] of Object.entries(columns)) {
        const read: (number | null)[] = [...table.getChild(column)];
        expect(read.map((value) => value ?? Number.NaN)).toEqual(values);
      }
    }
    // The middle of a curve has no pairs, and so no weight change.
    const curves = tableFromIPC(await readFile(join(at('arrow'), 'curves.arrow')));
    expect(curves.getChild('dw_rate').nullCount).toBeGreaterThanOrEqual(72);
  });

  it('runs each point until its error is small enough, and says which never got there', async () => {
    const until = { measure: 'mean_rate_pre', se: 0.012, maxTrials: 90 };
    await writeFile(at('until.json'), JSON.stringify({ ...sweep, until, measures: ['mean_rate_pre', 'tau_plus'] }));
    const { status, stdout } = await run(['sweep', at('until.json'), '--out', at('until'), '--runtime', 'cpu']);
    expect(status).toBe(0);
    const points = await readColumns(join(at('until'), 'points.csv'));
    const reached = points.mean_rate_pre_se!.map((se) => (se <= until.se ? 1 : 0));
    expect(points.converged).toEqual(reached);
    expect(new Set(points.trials_used)).toEqual(new Set([30, 60, 90]));
    expect(points.trials_used!.every((trials, point) => trials === 90 || reached[point] === 1)).toBe(true);
    const missed = reached.filter((was) => was === 0).length;
    expect(missed).toBeGreaterThan(0);
    expect(missed).toBeLessThan(72);
    expect(stdout).toContain(`${missed} points ended at 90 trials with an error of mean_rate_pre above 0.012`);
    const manifest = JSON.parse(await readFile(join(at('until'), 'manifest.json'), 'utf8'));
    expect(manifest.points).toEqual({ finished: 72, total: 72, notConverged: missed });

    // The area is not determined while its lobe cannot be fitted: such a point says so too, and has no number.
    const area = { measure: 'area_plus', se: 1e-9, maxTrials: 60 };
    await writeFile(at('area.json'), JSON.stringify({ ...sweep, until: area, measures: ['area_plus'] }));
    expect(await run(['sweep', at('area.json'), '--out', at('area'), '--runtime', 'cpu'])).toMatchObject({ status: 0 });
    const areas = await readColumns(join(at('area'), 'points.csv'));
    expect(areas.area_plus!.some(Number.isNaN)).toBe(true);
    expect(new Set(areas.converged)).toEqual(new Set([0]));
    expect(new Set(areas.trials_used)).toEqual(new Set([60]));
  });

  it('tells the work before it starts, and refuses bad sweeps', async () => {
    const { status, stdout } = await run(['sweep', file, '--dry-run', '--json', '-', '--quiet']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ points: 72, trialSteps: 72 * 4 * 90 * 30 });
    const bad = at('bad.json');
    await writeFile(bad, JSON.stringify({ ...sweep, axes: { 'post.leak': [0.1] } }));
    const refused = await run(['sweep', bad, '--out', at('bad')]);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('post.leak');
    await expect(stat(at('bad'))).rejects.toThrow();
    expect(await run(['sweep', file])).toMatchObject({ status: 2 });
  });
});

describe('fit', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const over = {
    base: { sequences: 60, steps: 90, trials: 100 },
    axes: { 'post.epsilon': { logspace: [0.02, 0.5, 7] }, 'pre.drive.mean': [0.1, 0.3] },
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdp-fit-'));
    await writeFile(at('sweep.json'), JSON.stringify(over));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('finds the point that data were made with, and its interval holds the parameters', async () => {
    const spec = parseSpec({ ...over.base, post: { epsilon: 0.1 }, pre: { drive: { mean: 0.3 } } });
    const plan = planExperiment(spec);
    using engine = fastCpuEngine();
    const { points } = curveOf((await simulate(engine, plan)).tallies, plan);
    const rows = points.flatMap(({ dt, dwRate }) => (dwRate === null ? [] : [`${dt},${250 * dwRate}`]));
    await writeFile(at('data.csv'), `dt_ms,dw_percent\n${rows.join('\n')}\n-500,0\n`);
    const args = ['fit', at('data.csv'), '--over', at('sweep.json'), '--out', at('out'), '--json', '-'];
    const { status, stdout } = await run(args);
    expect(status).toBe(0);
    const summary = JSON.parse(stdout);
    expect(summary.parameters['post.epsilon']).toMatchObject({ openBelow: false, openAbove: false });
    expect(summary.parameters['post.epsilon'].low).toBeLessThan(0.1);
    expect(summary.parameters['post.epsilon'].high).toBeGreaterThan(0.1);
    expect(summary.best.scale).toBeGreaterThan(100);
    expect(summary.measurements).toMatchObject({ used: rows.length, total: rows.length + 1 });
    const fits = await readColumns(join(at('out'), 'fit.csv'));
    expect(fits.rank![summary.best.point]).toBe(1);
    expect(Math.min(...fits.misfit!)).toBe(summary.best.misfit);
    expect(await readFile(join(at('out'), 'figures/fit.svg'), 'utf8')).toContain('<svg');
    // Again: nothing is left to compute, and the result is the same.
    const again = await run(args);
    expect(JSON.parse(again.stdout)).toEqual(summary);
  });

  it('refuses data that are none, and other data in the same folder', async () => {
    await writeFile(at('bad.csv'), '1,2\n3,x\n5,6\n');
    const bad = await run(['fit', at('bad.csv'), '--over', at('sweep.json'), '--out', at('bad')]);
    expect(bad).toMatchObject({ status: 2, stdout: '' });
    expect(bad.stderr).toContain('row 2, column 2');
    await writeFile(at('other.csv'), '1,2\n3,1\n5,0.5\n');
    const other = await run(['fit', at('other.csv'), '--over', at('sweep.json'), '--out', at('out')]);
    expect(other).toMatchObject({ status: 2 });
    expect(other.stderr).toContain('another spec');
  });
});
