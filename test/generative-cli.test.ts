import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './support/cli.ts';
import { syntheticMnist, writeMnist } from './support/idx-files.ts';

describe('generative', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const cpu = ['--runtime', 'cpu'];
  const training = (out: string, ...more: string[]) => [
    ...['generative', 'train', at('spec.json'), '--data', at('mnist'), '--images', '200', '--out', at(out)],
    ...cpu,
    ...more,
  ];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdp-generative-'));
    await writeMnist(at('mnist'), syntheticMnist({ train: 240, test: 60, rows: 6, columns: 7, classes: 4 }));
    await writeFile(at('spec.json'), JSON.stringify({ layers: [24, 8], training: { batch: 20 } }));
    const { status, stderr } = await run(training('model', '--epochs', '3', '--json', at('train.json')));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('train tells its curve and goes on with nothing where nothing is left', async () => {
    const summary = JSON.parse(await readFile(at('train.json'), 'utf8'));
    expect(summary).toMatchObject({ images: 200, updates: 30, spec: { seed: 1, training: { epochs: 3 } } });
    expect(summary.curve.map(({ updates }: { updates: number }) => updates)).toEqual([10, 20, 30]);
    const { status, stdout } = await run(training('model', '--epochs', '3'));
    expect(status).toBe(0);
    expect(stdout).toContain('goes on after update 30 of 30');
  });

  it('train refuses a file that holds another training', async () => {
    const { status, stderr } = await run(training('model', '--epochs', '3', '--seed', '2'));
    expect(status).toBe(2);
    expect(stderr).toContain('holds another training');
  });

  it('likelihood measures likelihoods, log p along inference and filled-in pixels', async () => {
    const options = ['--samples', '100', '--json', at('measures.json'), '--dump', at('dump'), ...cpu];
    const { status, stderr } = await run(['generative', 'likelihood', at('model'), '--data', at('mnist'), ...options]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const measures = JSON.parse(await readFile(at('measures.json'), 'utf8'));
    expect(measures.sigma).toBe(0.2);
    for (const found of [measures, measures.validated]) {
      for (const name of ['chain', 'directed', 'real']) {
        expect(found[name]).toEqual({ mean: expect.any(Number), se: expect.any(Number) });
      }
    }
    expect(measures.logp_curve).toHaveLength(21);
    expect(measures.logp_curve_se).toHaveLength(21);
    const { missing_mse, mean_fill_mse } = measures.inpaint;
    expect(missing_mse).toBeGreaterThan(0);
    expect(mean_fill_mse).toBeGreaterThan(0);
    expect(await readFile(at('dump/end-2.npy'), 'latin1')).toContain("'shape': (60, 8)");
  });

  it('sample and inpaint write arrays and sheets, the same ones for the same seed', async () => {
    for (const out of ['first', 'second']) {
      const samples = await run(['generative', 'sample', at('model'), '--count', '7', '--out', at(out), ...cpu]);
      expect(samples.status).toBe(0);
    }
    expect(await readFile(at('first/chain.npy'))).toEqual(await readFile(at('second/chain.npy')));
    const options = ['--count', '5', '--pattern', 'left', '--out', at('filled'), ...cpu];
    const { status } = await run(['generative', 'inpaint', at('model'), '--data', at('mnist'), ...options]);
    expect(status).toBe(0);
    const png = await readFile(at('filled/sheet.png'));
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    const length = png.readUInt32BE(33);
    expect(inflateSync(png.subarray(41, 41 + length))).toHaveLength(height * (width + 1));
  });

  it('export writes a small file, and refuses what is no model', async () => {
    const { status, stdout } = await run(['generative', 'export', at('model'), '--out', at('small.bin')]);
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('written') });
    const refused = await run(['generative', 'export', at('spec.json'), '--out', at('small.bin')]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('is no checkpoint');
  });

  it.each([
    [['--epochs', '0'], '--epochs'],
    [['--images', '5000'], '--images'],
    [['--runtime', 'chrome'], '--runtime'],
    [['--data', 'nowhere'], 'nowhere'],
  ])('train refuses %j, naming it', async (options, named) => {
    const { status, stderr } = await run(training('other', ...options));
    expect(status).toBe(2);
    expect(stderr).toContain(named);
  });
});
