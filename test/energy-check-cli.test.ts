import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './support/cli.ts';
import { readNpy } from './support/npy.ts';

const SIZES = [20, 12, 5];

let folder: string;
let report: {
  checks: { name: string; pass: boolean }[];
  slopes: number[];
  cosines: Cosine[];
  gpu_cosines: Cosine[];
};
let status: number | null;

interface Cosine {
  layer: number | 'total';
  steps: number;
  nudge: number;
  sides?: string;
  sizes?: number[];
  cosine: number | null;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-energy-check-'));
  const json = join(folder, 'report.json');
  const files = ['--dump', join(folder, 'dump'), '--figure', join(folder, 'cosines.svg'), '--json', json];
  ({ status } = await run(['energy', 'check', '--sizes', SIZES.join(), '--seed', '4', '--quiet', ...files]));
  report = JSON.parse(await readFile(json, 'utf8'));
});

afterAll(() => rm(folder, { recursive: true }));

/** A float64 array of the dump, and its shape. */
const dumped = (name: string) => readNpy(join(folder, 'dump', `${name}.npy`));

describe('energy check', () => {
  it('finds everything as the theory says, and gives it in the form that is documented', () => {
    expect(report.checks.filter(({ pass }) => !pass)).toEqual([]);
    expect(status).toBe(0);
    expect(report.checks.length).toBeGreaterThan(40);
    report.slopes.forEach((slope, k) => {
      expect(Math.abs(slope - (k + 1))).toBeLessThan(0.02);
    });
    expect(report.slopes).toHaveLength(4);
    expect(new Set(report.cosines.map(({ layer }) => layer))).toEqual(new Set([1, 2, 3, 4, 5, 6, 'total']));
  });

  it('finds the cosines of float64 on the GPU', () => {
    expect(report.gpu_cosines.length).toBeGreaterThan(10);
    for (const { layer, steps, nudge, cosine } of report.gpu_cosines) {
      const same = (of: Cosine) => of.layer === layer && of.steps === steps && of.nudge === nudge;
      const exact = report.cosines.find(
        (of) => same(of) && of.sides === 'towards' && of.sizes?.join() === SIZES.join(),
      );
      if (exact?.cosine != null) expect(Math.abs(cosine! - exact.cosine)).toBeLessThan(1e-3);
    }
  });

  it('dumps gradients that are the differences of the cost at the fixed points', async () => {
    const [w1, w2, b1, b2, inputs, targets, gradient] = await Promise.all(
      ['weights-1', 'weights-2', 'biases-1', 'biases-2', 'free-0', 'targets', 'gradient-2'].map(dumped),
    );
    const [examples] = inputs!.shape as [number];
    const [n0, n1, n2] = SIZES as [number, number, number];
    const clip = (s: number) => Math.min(1, Math.max(0, s));
    // s = clip(b + Wρ(s)), by iteration: what a clip network settles to.
    const cost = (second: Float64Array) => {
      let sum = 0;
      for (let n = 0; n < examples; n++) {
        let h = new Float64Array(n1);
        let y = new Float64Array(n2);
        for (let t = 0; t < 400; t++) {
          const hidden = h.map((_, i) => {
            let drive = b1!.values[i]!;
            for (let k = 0; k < n0; k++) drive += inputs!.values[n * n0 + k]! * w1!.values[k * n1 + i]!;
            for (let j = 0; j < n2; j++) drive += y[j]! * second[i * n2 + j]!;
            return clip(0.5 * h[i]! + 0.5 * drive);
          });
          y = y.map((_, j) => {
            let drive = b2!.values[j]!;
            for (let i = 0; i < n1; i++) drive += h[i]! * second[i * n2 + j]!;
            return clip(0.5 * y[j]! + 0.5 * drive);
          });
          h = hidden;
        }
        y.forEach((value, j) => {
          sum += 0.5 * (value - targets!.values[n * n2 + j]!) ** 2;
        });
      }
      return sum;
    };
    expect(gradient!.shape).toEqual([n1, n2]);
    const scale = Math.max(...gradient!.values.map(Math.abs));
    for (const at of [0, 17, 33, 59]) {
      const moved = (by: number) => w2!.values.map((weight, k) => (k === at ? weight + by : weight));
      const difference = (cost(moved(1e-5)) - cost(moved(-1e-5))) / 2e-5;
      expect(Math.abs(gradient!.values[at]! - difference)).toBeLessThan(1e-5 * scale);
    }
  });

  it('draws how updates come to agree with the gradient', async () => {
    expect(await readFile(join(folder, 'cosines.svg'), 'utf8')).toMatch(/weights 2: (1\.0|0\.99)\d+ in the end/);
  });

  it('refuses what it cannot check', async () => {
    const sizes = await run(['energy', 'check', '--sizes', '20']);
    expect([sizes.status, sizes.stderr]).toEqual([2, expect.stringContaining('--sizes: "20" is not allowed')]);
    const data = await run(['energy', 'check', '--sizes', '20,12,5', '--data', join(folder, 'none')]);
    expect([data.status, data.stderr]).toEqual([2, expect.stringContaining('there is no such folder')]);
  });
});
