import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { EngineError } from '../src/errors.ts';
import { parseCsvTable } from '../src/io/csv.ts';
import { readMeasurements } from '../src/io/measurements.ts';
import { PURPOSE, randomBlock } from '../src/random/address.ts';
import { NORMAL_FRACTION_BITS, normalFromWord } from '../src/random/normal.ts';
import { curveOf } from '../src/stdp/curve.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import type { CurvePoint } from '../src/stdp/results.ts';
import { simulate } from '../src/stdp/simulate.ts';
import { resampledCounts } from '../src/stdp/sweep/bootstrap.ts';
import type { CandidatePoint } from '../src/stdp/sweep/common-rows.ts';
import { curveAt } from '../src/stdp/sweep/curve-at.ts';
import { fitData } from '../src/stdp/sweep/data-fit.ts';
import type { Measurement } from '../src/stdp/sweep/measurement.ts';

const engine = fastCpuEngine({ threads: 0 });
afterAll(() => engine.close());

/** The points of a small sweep. */
async function sweep(specs: readonly { values: readonly number[]; spec: object }[]): Promise<CandidatePoint[]> {
  const points: CandidatePoint[] = [];
  for (const { values, spec } of specs) {
    const plan = planExperiment(parseSpec(spec));
    const { tallies } = await simulate(engine, plan);
    points.push({ values, msPerStep: plan.spec.msPerStep, outcome: { curve: curveOf(tallies, plan).points } });
  }
  return points;
}

/** Normal deviate of a seed, the same in every run. */
const normal = (seed: number, i: number) =>
  normalFromWord(randomBlock(seed, PURPOSE.bootstrap, 99, 1, i)[0]) / 2 ** NORMAL_FRACTION_BITS;

/** Differences in ms, off the sweep's distances, within ±19 steps of 1.5 ms. */
const differences = Array.from({ length: 40 }, (_, i) => (i < 20 ? -1.7 - 1.33 * i : 1.6 + 1.37 * (i - 20)));

/** What would be measured at a point, in other units and with noise. */
function measured(
  { outcome, msPerStep }: CandidatePoint,
  rule: 'rate' | 'pair',
  options: { scale: number; noise: number; seed?: number },
): Measurement[] {
  const exact = differences.map((dt) => options.scale * Number(curveAt(outcome.curve!, rule, dt / msPerStep)));
  const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return exact.map((dw, i) => ({
    dt: differences[i]!,
    dw: dw + options.noise * largest * normal(options.seed ?? 0, i),
    se: null,
  }));
}

describe('a sweep compared with measurements', () => {
  const taus = [4, 6, 8, 10, 13, 16, 20, 25, 32];
  const epsilons = [0.02, 0.04, 0.07, 0.12, 0.2, 0.35];
  let kernels: CandidatePoint[];
  let rates: CandidatePoint[];
  beforeAll(async () => {
    const small = { msPerStep: 1.5, sequences: 60, steps: 200, trials: 20 };
    kernels = await sweep(
      taus.flatMap((tauPlus) =>
        [0.5, 1, 1.5].map((aMinus) => ({
          values: [tauPlus, aMinus],
          spec: { ...small, kernel: { tauPlus, aMinus } },
        })),
      ),
    );
    rates = await sweep(
      epsilons.map((epsilon) => ({
        values: [epsilon],
        spec: { ...small, sequences: 400, trials: 400, pre: { epsilon }, post: { epsilon } },
      })),
    );
  });

  it('finds the point that exact data come from, its scale, and no misfit', () => {
    for (const [truth, point] of kernels.entries()) {
      const { best, points, parameters, rows, leftOutRows } = fitData(
        measured(point, 'pair', { scale: 130, noise: 0 }),
        kernels,
        { rule: 'pair' },
      );
      expect(best).toBe(truth);
      expect(points[best]!.scale).toBeCloseTo(130, 9);
      expect(points[best]!.misfit).toBeLessThan(1e-20);
      expect(points[best]!.rSquared).toBeCloseTo(1, 12);
      expect(parameters.map((parameter) => parameter.best)).toEqual(point.values);
      // All resamples have the same best point: the interval is the sweep's resolution.
      const at = taus.indexOf(point.values[0]!);
      expect(parameters[0]).toMatchObject({
        low: (point.values[0]! + (taus[at - 1] ?? point.values[0]!)) / 2,
        high: (point.values[0]! + (taus[at + 1] ?? point.values[0]!)) / 2,
        openBelow: at === 0,
        openAbove: at === taus.length - 1,
      });
      expect(rows.length).toBe(differences.length);
      expect(leftOutRows).toEqual([]);
    }
  });

  it('covers the true time constant and amplitude of noisy data in most of many sets', () => {
    const truth = kernels.find(({ values }) => values[0] === 13 && values[1] === 1)!;
    let covered = 0;
    let narrow = 0;
    const sets = 60;
    for (let seed = 0; seed < sets; seed++) {
      const data = measured(truth, 'pair', { scale: 50, noise: 0.15, seed });
      const { parameters } = fitData(data, kernels, { rule: 'pair', resamples: 400, seed });
      for (const [parameter, { low, high }] of parameters.entries()) {
        if (low <= truth.values[parameter]! && truth.values[parameter]! <= high) covered++;
      }
      if (parameters[0]!.high - parameters[0]!.low < 16) narrow++;
    }
    expect(covered / (2 * sets)).toBeGreaterThan(0.9);
    expect(narrow / sets).toBeGreaterThan(0.5);
  });

  it('covers a truth between the values of a fine sweep in about 95 % of noisy sets', () => {
    const model = (dt: number, tau: number) => Math.sign(dt) * Math.exp(-Math.abs(dt) / tau);
    const fine = Array.from({ length: 140 }, (_, i): CandidatePoint => {
      const tau = 4 + i / 4;
      const curve = Array.from(
        { length: 129 },
        (_, bin) => ({ dt: bin - 64, dwRate: model(bin - 64, tau) }) as CurvePoint,
      );
      return { values: [tau], msPerStep: 1, outcome: { curve } };
    });
    const sets = 200;
    let covered = 0;
    for (let seed = 0; seed < sets; seed++) {
      const data = Array.from({ length: 60 }, (_, i) => {
        const dt = i < 30 ? -1 - i : i - 29;
        return { dt, dw: 3 * model(dt, 12.1) + 0.4 * normal(seed, i), se: null };
      });
      const { low, high } = fitData(data, fine, { resamples: 400, seed }).parameters[0]!;
      if (low <= 12.1 && 12.1 <= high) covered++;
    }
    // Binomial standard deviation 0.016; a percentile bootstrap of 60 rows falls a little short of 95 %.
    expect(covered / sets).toBeGreaterThan(0.87);
    expect(covered / sets).toBeLessThan(0.99);
  });

  it('finds the leak behind the rate rule', () => {
    const truth = 2;
    let right = 0;
    for (let seed = 0; seed < 10; seed++) {
      const { best, parameters, points } = fitData(
        measured(rates[truth]!, 'rate', { scale: 7000, noise: 0.1, seed }),
        rates,
        { seed },
      );
      if (best === truth) right++;
      expect(parameters[0]!.low).toBeLessThanOrEqual(epsilons[truth]!);
      expect(parameters[0]!.high).toBeGreaterThanOrEqual(epsilons[truth]!);
      expect(parameters[0]!.high).toBeLessThan(0.3);
      expect(points[truth]!.scale / 7000).toBeGreaterThan(0.8);
      expect(points[truth]!.scale / 7000).toBeLessThan(1.25);
    }
    expect(right).toBeGreaterThanOrEqual(7);
  });

  it('ranks points by a misfit that can be had by hand, with and without a scale of its own', () => {
    const data = measured(kernels[4]!, 'pair', { scale: 2, noise: 0.3 }).map((row, i) => ({
      ...row,
      se: 0.1 + i / 50,
    }));
    for (const scale of ['free', 0.5] as const) {
      const { points, ranking } = fitData(data, kernels, { rule: 'pair', scale });
      const misfitAt = (index: number, k: number) =>
        data.reduce((sum, { dt, dw, se }) => {
          const model = Number(curveAt(kernels[index]!.outcome.curve!, 'pair', dt / 1.5));
          return sum + ((dw - k * model) / se) ** 2;
        }, 0);
      for (const [index, fit] of points.entries()) {
        expect(misfitAt(index, fit!.scale) / fit!.misfit).toBeCloseTo(1, 10);
        if (scale === 'free') {
          // The best scale: a step to either side is worse.
          expect(misfitAt(index, fit!.scale * 1.001)).toBeGreaterThan(fit!.misfit);
          expect(misfitAt(index, fit!.scale * 0.999)).toBeGreaterThan(fit!.misfit);
        } else expect(fit!.scale).toBe(0.5);
      }
      expect(ranking.toSorted((a, b) => a - b)).toEqual([...kernels.keys()]);
      for (let i = 1; i < ranking.length; i++) {
        expect(points[ranking[i]!]!.misfit).toBeGreaterThanOrEqual(points[ranking[i - 1]!]!.misfit);
      }
    }
  });

  it('has the interval of resamples that are fitted one by one', () => {
    const data = measured(kernels[13]!, 'pair', { scale: 1, noise: 0.5, seed: 5 });
    const resamples = 200;
    const { parameters } = fitData(data, kernels, { rule: 'pair', resamples, seed: 11 });
    const counts = resampledCounts(data.length, resamples, 11);
    const found = Array.from({ length: resamples }, (_, resample) => {
      const rows = data.flatMap((row, i) => Array.from({ length: counts[resample * data.length + i]! }, () => row));
      expect(rows.length).toBe(data.length);
      return kernels[fitData(rows, kernels, { rule: 'pair', resamples: 40 }).best]!.values[0]!;
    }).sort((a, b) => a - b);
    const [lowest, highest] = [taus.indexOf(found[5]!), taus.indexOf(found[194]!)];
    expect(highest).toBeGreaterThan(lowest);
    expect(parameters[0]!.low).toBe((taus[lowest]! + taus[Math.max(0, lowest - 1)]!) / 2);
    expect(parameters[0]!.high).toBe((taus[highest]! + (taus[highest + 1] ?? taus[highest]!)) / 2);
  });

  it('follows the measurements with small errors', () => {
    const short = measured(kernels[1]!, 'pair', { scale: 1, noise: 0 });
    const long = measured(kernels[25]!, 'pair', { scale: 1, noise: 0 });
    const mixed = (shortSe: number, longSe: number) =>
      short.map((row, i) => (i % 2 === 0 ? { ...row, se: shortSe } : { ...long[i]!, se: longSe }));
    expect(fitData(mixed(0.001, 1), kernels, { rule: 'pair' }).best).toBe(1);
    expect(fitData(mixed(1, 0.001), kernels, { rule: 'pair' }).best).toBe(25);
  });

  it('does not turn a curve over', () => {
    const data = measured(kernels[4]!, 'pair', { scale: -1, noise: 0 });
    const { points, best } = fitData(data, kernels, { rule: 'pair' });
    expect(points[4]).toMatchObject({ scale: 0 });
    expect(points[best]!.scale).toBe(0);
    expect(points[4]!.misfit).toBeCloseTo(
      data.reduce((sum, { dw }) => sum + dw * dw, 0),
      10,
    );
  });

  it('compares all points on the same measurements and says what it left out', () => {
    const curve = (tau: number, window: number, missing?: number): CurvePoint[] =>
      Array.from({ length: 2 * window + 1 }, (_, bin) => {
        const dt = bin - window;
        const dwRate = dt === 0 || dt === missing ? null : Math.sign(dt) * Math.exp(-Math.abs(dt) / tau);
        return { dt, dwRate } as CurvePoint;
      });
    const points: CandidatePoint[] = [
      { values: [2], msPerStep: 1, outcome: { curve: curve(2, 10) } },
      { values: [4], msPerStep: 1, outcome: { curve: curve(4, 10, 3) } },
      { values: [8], msPerStep: 0.5, outcome: { curve: curve(8, 10) } },
      // Holds none of the measurements: left out.
      { values: [9], msPerStep: 0.05, outcome: { curve: curve(9, 10) } },
    ];
    const data = [0, 0.6, 1, -1, 2, -2.5, 2.5, 5, -5, 5.1, 40].map((dt) => ({
      dt,
      dw: Math.sign(dt) * Math.exp(-Math.abs(dt) / 4),
      se: null,
    }));
    const fit = fitData(data, points);
    expect(fit.rows).toEqual([2, 3, 4, 5, 7, 8]);
    expect(fit.leftOutRows).toEqual([
      { row: 0, dt: 0, reason: 'within-a-step', points: 3 },
      { row: 1, dt: 0.6, reason: 'within-a-step', points: 2 },
      { row: 6, dt: 2.5, reason: 'no-pairs', points: 1 },
      { row: 9, dt: 5.1, reason: 'beyond-the-window', points: 1 },
      { row: 10, dt: 40, reason: 'beyond-the-window', points: 3 },
    ]);
    expect(fit.points[3]).toBeNull();
    expect(fit.ranking.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    // 8 steps of half a millisecond are the 4 ms of the data, and so are 4 of a whole one.
    expect(fit.points[1]!.rSquared).toBeGreaterThan(0.99);
    expect(fit.points[2]!.rSquared).toBeGreaterThan(0.99);
    expect(fit.parameters[0]).toMatchObject({ openBelow: false });
  });

  it('refuses what it cannot compare', () => {
    const data = measured(kernels[0]!, 'pair', { scale: 1, noise: 0 });
    const codeOf = (call: () => unknown) => {
      try {
        call();
      } catch (error) {
        if (error instanceof EngineError) return `${error.code} ${error.path}`;
      }
      return 'accepted';
    };
    const far = data.map((row) => ({ ...row, dt: row.dt * 1000 }));
    expect(codeOf(() => fitData(far, kernels))).toBe('invalid-spec measurements');
    expect(() => fitData(far, kernels)).toThrow('0 of 40 can be compared');
    expect(codeOf(() => fitData(data.slice(0, 2), kernels))).toBe('invalid-spec measurements');
    expect(codeOf(() => fitData(data, []))).toBe('invalid-spec measurements');
    expect(codeOf(() => fitData([...data, { dt: 1, dw: Number.NaN, se: null }], kernels))).toBe(
      'invalid-spec measurements[40]',
    );
    expect(codeOf(() => fitData([...data, { dt: 1, dw: 1, se: 0.1 }], kernels))).toBe('invalid-spec measurements[40]');
    expect(codeOf(() => fitData(data, [{ ...kernels[0]!, outcome: { curve: null } }]))).toBe(
      'invalid-option points[0]',
    );
    expect(codeOf(() => fitData(data, kernels, { scale: -1 }))).toBe('invalid-option scale');
    expect(codeOf(() => fitData(data, kernels, { scale: 0 }))).toBe('invalid-option scale');
    expect(codeOf(() => fitData(data, kernels, { resamples: 39 }))).toBe('invalid-option resamples');
    expect(codeOf(() => fitData(data, kernels, { seed: 0.5 }))).toBe('invalid-option seed');
  });
});

describe('the curve at any distance', () => {
  const curve = [-3, -2, -1, 0, 1, 2, 3].map(
    (dt) => ({ dt, dwRate: dt === 0 ? null : 10 * dt, dwPair: dt === 2 || dt === 0 ? null : dt }) as CurvePoint,
  );
  test.each([
    [1, 10],
    [-1, -10],
    [2.25, 22.5],
    [-2.25, -22.5],
    [3, 30],
    // 0.3 / 0.1 and 0.9 / 0.3: rounding neither leaves the window nor needs a neighbour.
    [0.9 / 0.3 + 2e-15, 30],
    [0.99999999999, 10],
    [0.9, 'within-a-step'],
    [0, 'within-a-step'],
    [3.001, 'beyond-the-window'],
    [-4, 'beyond-the-window'],
  ])('at %s is %s', (steps, expected) => expect(curveAt(curve, 'rate', steps)).toBe(expected));

  it('needs both neighbours, but at a distance of its own only that', () => {
    expect(curveAt(curve, 'pair', 1)).toBe(1);
    expect(curveAt(curve, 'pair', 3)).toBe(3);
    for (const steps of [1.5, 2, 2.5]) expect(curveAt(curve, 'pair', steps)).toBe('no-pairs');
  });
});

describe('resampled counts', () => {
  it('are those of drawing each row with equal probability', () => {
    const rows = 7;
    const counts = resampledCounts(rows, 3000, 3);
    const totals = Array.from({ length: rows }, (_, row) =>
      counts.reduce((sum, count, at) => (at % rows === row ? sum + count : sum), 0),
    );
    expect(totals.reduce((sum, total) => sum + total, 0)).toBe(rows * 3000);
    // Binomial(21000, 1/7): standard deviation 51.
    for (const total of totals) expect(Math.abs(total - 3000)).toBeLessThan(4 * 51);
    // A row is missing from a share (6/7)⁷ of the resamples.
    const missing = counts.reduce((sum, count) => (count === 0 ? sum + 1 : sum), 0) / counts.length;
    expect(missing).toBeCloseTo((6 / 7) ** 7, 1);
    expect(resampledCounts(rows, 10, 3)).toEqual(counts.subarray(0, 10 * rows));
    expect(resampledCounts(rows, 10, 4)).not.toEqual(counts.subarray(0, 10 * rows));
  });
});

describe('measurements from CSV', () => {
  it('have two or three columns and perhaps a header', () => {
    const rows = [
      { dt: -10, dw: -0.2, se: null },
      { dt: 5.5, dw: 1, se: null },
      { dt: 20, dw: 0.3, se: null },
    ];
    expect(readMeasurements('-10,-0.2\n5.5,1\n20,.3\n', 'a.csv')).toEqual(rows);
    expect(readMeasurements('\uFEFF"Δt (ms)", dw\r\n-10 , -0.2\r\n5.5,1\r\n20,3e-1\r\n\r\n', 'a.csv')).toEqual(rows);
    expect(readMeasurements('dt,dw,se\n-10,-0.2,1\n5.5,1,.5\n20,.3,2\n', 'a.csv')).toEqual(
      rows.map((row, i) => ({ ...row, se: [1, 0.5, 2][i]! })),
    );
  });

  test.each([
    ['', 'a.csv: no rows'],
    ['dt,dw\n', 'a.csv: 0 rows of numbers; expected at least 3'],
    ['dt,dw\n1,2\n2,3\n', 'a.csv: 2 rows of numbers; expected at least 3'],
    ['1,2\n2,3\n3,x\n', 'a.csv, row 3, column 2: "x" is not allowed'],
    ['dt,dw\n1,2\n2,3\n\n4,5\n', 'a.csv, row 4, column 1: "" is not allowed'],
    ['NaN,NaN\n1,2\n2,3\n3,4\n', 'a.csv, row 1, column 1: "NaN" is not allowed'],
    ['dt,1\n1,2\n2,3\n3,4\n', 'a.csv, row 1, column 1: "dt" is not allowed'],
    ['dt\n1\n2\n3\n', 'a.csv, row 2: 1 columns are not allowed; expected 2 or 3'],
    ['1,2,3,4\n1,2,3,4\n1,2,3,4\n', 'a.csv, row 1: 4 columns are not allowed; expected 2 or 3'],
    ['dt,dw\n1,2\n2,3,1\n3,4\n', 'a.csv, row 3: 3 columns are not allowed; expected 2, as in the first row'],
    ['1,2,1\n2,3,0\n3,4,1\n', 'a.csv, row 2, column 3: 0 is not allowed; expected a standard error > 0'],
    ['1,2,1\n2,3,-1\n3,4,1\n', 'a.csv, row 2, column 3: -1 is not allowed'],
    ['dt;dw\n1;2\n2;3\n3;4\n', 'a.csv, row 2, column 1: "1;2" is not allowed'],
  ])('refuse %j', (text, message) => {
    expect(() => readMeasurements(text, 'a.csv')).toThrow(message);
    try {
      readMeasurements(text, 'a.csv');
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid-spec' });
    }
  });

  it('count rows of the file, header included', () => {
    expect(parseCsvTable('a,b\n1,2\n', 'a.csv')).toEqual({ firstRow: 2, rows: [[1, 2]] });
    expect(parseCsvTable('1,2\n', 'a.csv')).toEqual({ firstRow: 1, rows: [[1, 2]] });
  });
});
