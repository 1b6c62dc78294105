import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './support/cli.ts';
import { syntheticMnist, writeMnist } from './support/idx-files.ts';
import { readNpy } from './support/npy.ts';

/** The model of the site's page, which `generative export` wrote. */
const shipped = join(import.meta.dirname, '../demo/digits/digits.bin');

describe('generative', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const cpu = ['--runtime', 'cpu'];
  const training = (out: string, ...more: string[]) => [
    ...['generative', 'train', at('spec.json'), '--data', at('mnist'), '--images', '200', '--out', at(out)],
    ...cpu,
    ...more,
  ];

  const measure = async (name: string) => {
    const files = ['--json', at(`${name}.json`), '--dump', at(`${name}-dump`)];
    const options = ['--data', at('mnist'), '--samples', '100', ...files, ...cpu];
    const { status, stderr } = await run(['generative', 'likelihood', at(name), ...options]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(await readFile(at(`${name}.json`), 'utf8'));
  };
  const measures = new Map<string, ReturnType<typeof measure>>();
  /** What `likelihood` measures of a model, once for all tests, with the arrays it dumps in NAME-dump. */
  const measured = (name: string) => {
    const found = measures.get(name) ?? measure(name);
    measures.set(name, found);
    return found;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdp-generative-'));
    await writeMnist(at('mnist'), syntheticMnist({ train: 240, test: 60, rows: 6, columns: 7, classes: 4 }));
    await writeFile(at('spec.json'), JSON.stringify({ layers: [24, 8], training: { batch: 20 } }));
    const { status, stderr } = await run(training('model', '--epochs', '3', '--json', at('train.json')));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    await run(['generative', 'export', at('model'), '--out', at('export')]);
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

  it('likelihood measures likelihoods, log p along inference and filled-in pixels, of an export likewise', async () => {
    const [measures, rounded] = await Promise.all([measured('model'), measured('export')]);
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
    // Found: 0.014 of likelihoods, whose standard error is 0.7, and 0.004 of log p.
    for (const name of ['chain', 'directed']) {
      expect(Math.abs(rounded[name].mean - measures[name].mean)).toBeLessThan(0.05);
    }
    measures.logp_curve.forEach((value: number, step: number) => {
      expect(Math.abs(rounded.logp_curve[step] - value)).toBeLessThan(0.02);
    });
    expect(Math.abs(rounded.inpaint.missing_mse - missing_mse)).toBeLessThan(0.001);
    const abouts = await Promise.all(
      ['model', 'export'].map((name) => readFile(at(`${name}-dump/about.json`), 'utf8')),
    );
    const [whole, about] = abouts.map((text) => JSON.parse(text));
    const { spec, trainingImages, ...known } = whole;
    expect({ trainingImages, layers: spec.layers }).toEqual({ trainingImages: 200, layers: [24, 8] });
    expect(about).toEqual(known);
    expect(known).toMatchObject({ sizes: [42, 24, 8], imageShape: [6, 7], generation: { rounds: 3 } });
  });

  it('log p and the likelihood follow from the arrays of an export alone', async () => {
    const [measures] = await Promise.all([
      measured('export'),
      run(['generative', 'sample', at('export'), '--count', '100', '--out', at('hundred'), ...cpu]),
    ]);
    const dump = async (name: string) => (await readNpy(at(`export-dump/${name}.npy`))).values;
    const { hiddenScale } = JSON.parse(await readFile(at('export-dump/about.json'), 'utf8'));
    const pixels = await dump('pixels');
    const [images, hidden, top] = [pixels.length / 42, 24, 8];
    const decoded = async (k: number, from: Float64Array, inputs: number, activation: (input: number) => number) => {
      const [weights, biases] = [await dump(`decoder-${k}-weights`), await dump(`decoder-${k}-biases`)];
      return Float64Array.from({ length: images * biases.length }, (_, at) => {
        const [image, unit] = [Math.floor(at / biases.length), at % biases.length];
        let input = biases[unit]!;
        for (let i = 0; i < inputs; i++) input += from[image * inputs + i]! * weights[i * biases.length + unit]!;
        return activation(input);
      });
    };
    const squares = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
    for (const [name, mean] of [
      ['start', measures.logp_curve[0]],
      ['end', measures.logp_curve[20]],
    ] as const) {
      const [h1, h2] = [await dump(`${name}-1`), await dump(`${name}-2`)];
      const seen = await decoded(1, h1, hidden, (input) => 1 / (1 + Math.exp(-input)));
      const expected = await decoded(2, h2, top, (input) => hiddenScale * Math.log1p(Math.exp(input)));
      expect(-(squares(pixels, seen) + squares(h1, expected)) / 2 / images).toBeCloseTo(mean, 4);
    }
    const { shape, values: centres } = await readNpy(at('hundred/chain.npy'));
    expect(shape).toEqual([100, 42]);
    const density = (image: Float64Array) => {
      let sum = 0;
      for (let n = 0; n < 100; n++) sum += Math.exp(-squares(image, centres.subarray(n * 42, (n + 1) * 42)) / 0.08);
      return Math.log(sum / 100) - 21 * Math.log(0.08 * Math.PI);
    };
    let likelihood = 0;
    for (let n = 0; n < images; n++) likelihood += density(pixels.subarray(n * 42, (n + 1) * 42)) / images;
    expect(likelihood).toBeCloseTo(measures.chain.mean, 4);
  });

  it('samples of the model that the site ships are images', async () => {
    const { status } = await run(['generative', 'sample', shipped, '--count', '9', '--out', at('shipped'), ...cpu]);
    expect(status).toBe(0);
    const { shape, values } = await readNpy(at('shipped/chain.npy'));
    expect(shape).toEqual([9, 784]);
    for (let n = 0; n < 9; n++) {
      const image = values.subarray(n * 784, (n + 1) * 784);
      expect(Math.min(...image)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...image)).toBeLessThanOrEqual(1);
      // Strokes on a dark ground.
      const bright = image.filter((value) => value > 0.5).length;
      expect(bright).toBeGreaterThan(10);
      expect(bright).toBeLessThan(784 / 3);
    }
  });

  it('inpaint and figures take an export', async () => {
    const data = ['--data', at('mnist'), ...cpu];
    const ends = await Promise.all([
      run(['generative', 'inpaint', at('export'), '--count', '5', '--out', at('export-filled'), ...data]),
      run(['generative', 'figures', at('export'), '--out', at('export-figures'), ...data]),
    ]);
    expect(ends.map(({ status }) => status)).toEqual([0, 0]);
    const [filled, original, visible] = await Promise.all(
      ['filled', 'original', 'visible'].map((name) => readNpy(at(`export-filled/${name}.npy`))),
    );
    expect(filled!.shape).toEqual([5, 42]);
    filled!.values.forEach((value, i) => {
      if (visible!.values[i] === 1) expect(value).toBe(original!.values[i]);
    });
    expect(await readFile(at('export-figures/fig4-log-joint.svg'), 'utf8')).toContain('<svg');
  });

  it('an export is refused where a training is needed, naming what would do', async () => {
    const [trained, exported] = await Promise.all([
      run(training('export')),
      run(['generative', 'export', at('export'), '--out', at('twice')]),
    ]);
    expect(trained.status).toBe(2);
    expect(trained.stderr).toContain(`--out: ${at('export')} is what \`generative export\` wrote`);
    expect(trained.stderr).toContain('expected a new file, or one that `generative train` wrote');
    expect(exported.status).toBe(2);
    expect(exported.stderr).toContain('expected the file that `generative train` wrote');
  });

  it('sample refuses files that are cut off or no model', async () => {
    const bytes = await readFile(at('model'));
    const files = { 'short model': bytes.subarray(0, bytes.length - 5), 'no model': new Uint8Array(64).fill(255) };
    await Promise.all(
      Object.entries(files).map(async ([name, contents]) => {
        await writeFile(at(name), contents);
        const { status, stderr } = await run(['generative', 'sample', at(name), '--out', at('none'), ...cpu]);
        expect(status).toBe(2);
        expect(stderr).toContain(`${at(name)}: is`);
        expect(stderr).toMatch(/cut off.*; expected a whole/);
      }),
    );
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
