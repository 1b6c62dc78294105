import { afterAll, describe, expect, it, test } from 'vitest';
import { PURPOSE, randomBlock } from '../src/random/address.ts';
import { NORMAL_FRACTION_BITS, normalFromWord } from '../src/random/normal.ts';
import { agreementOf } from '../src/stdp/agreement.ts';
import { curveOf } from '../src/stdp/curve.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { simulate } from '../src/stdp/simulate.ts';
import { fitExponential } from '../src/stdp/sweep/exponential-fit.ts';
import { measureNames } from '../src/stdp/sweep/measure-names.ts';
import { measure, outcomeOf } from '../src/stdp/sweep/measures.ts';
import { emptyTallies, type Tallies, wholeRegion } from '../src/stdp/tallies.ts';

const distances = Array.from({ length: 20 }, (_, i) => i + 1);
const exponential = (amplitude: number, tau: number) => distances.map((d) => amplitude * Math.exp(-d / tau));

/** Deviates of a data set, the same in every run. */
function normals(set: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => normalFromWord(randomBlock(set, PURPOSE.bootstrap, 77, 0, i)[0]) / 2 ** NORMAL_FRACTION_BITS,
  );
}

const chiSquareOf = (amplitude: number, tau: number, values: readonly number[], errors: readonly number[]) =>
  values.reduce((sum, value, i) => {
    const residual = (value - amplitude * Math.exp(-distances[i]! / tau)) / errors[i]!;
    return sum + residual * residual;
  }, 0);

describe('the exponential fit', () => {
  test.each([
    [1, 8],
    [-0.03, 16.8],
    [5e-9, 0.7],
    [-2e6, 150],
  ])('finds A = %s and τ = %s of exact values', (amplitude, tau) => {
    const values = exponential(amplitude, tau);
    const fit = fitExponential(
      distances,
      values,
      distances.map((d) => Math.abs(amplitude) * (0.01 + 0.002 * d)),
    )!;
    expect(Math.abs(fit.amplitude / amplitude - 1)).toBeLessThan(1e-12);
    expect(Math.abs(fit.tau / tau - 1)).toBeLessThan(1e-12);
    expect(Math.abs(fit.area / (amplitude * tau) - 1)).toBeLessThan(1e-12);
    expect(fit.chiSquare).toBeLessThan(1e-20);
    expect(fit.degreesOfFreedom).toBe(18);
  });

  it('takes |distance| of a lobe at negative distances, and distances that are far', () => {
    const errors = distances.map(() => 0.1);
    const values = exponential(-2, 9);
    const fit = fitExponential(distances, values, errors)!;
    expect(
      fitExponential(
        distances.map((d) => -d),
        values,
        errors,
      ),
    ).toEqual(fit);
    const far = distances.map((d) => d + 300);
    const farFit = fitExponential(
      far,
      far.map((d) => 3 * Math.exp(-d / 5)),
      far.map((d) => Math.exp(-d / 5) / 50),
    )!;
    expect(farFit.tau).toBeCloseTo(5, 9);
    expect(Math.abs(farFit.amplitude / 3 - 1)).toBeLessThan(1e-9);
  });

  const sets = Array.from({ length: 600 }, (_, set) => {
    const errors = distances.map((d) => 0.02 + 0.002 * (d % 7));
    const noise = normals(set, distances.length);
    const values = exponential(0.7, 6).map((value, i) => value + errors[i]! * noise[i]!);
    return { values, errors, fit: fitExponential(distances, values, errors)! };
  });

  it('covers the truth with its errors in 68 % of noisy sets, and chi-square has its degrees of freedom', () => {
    const within = (quantity: 'amplitude' | 'tau' | 'area', error: 'amplitudeSe' | 'tauSe' | 'areaSe', truth: number) =>
      sets.filter(({ fit }) => Math.abs(fit[quantity] - truth) < fit[error]).length / sets.length;
    // Binomial standard deviation 0.019.
    for (const share of [
      within('amplitude', 'amplitudeSe', 0.7),
      within('tau', 'tauSe', 6),
      within('area', 'areaSe', 4.2),
    ]) {
      expect(share).toBeGreaterThan(0.683 - 0.065);
      expect(share).toBeLessThan(0.683 + 0.065);
    }
    const meanChiSquare = sets.reduce((sum, { fit }) => sum + fit.chiSquare, 0) / sets.length;
    expect(Math.abs(meanChiSquare - 18)).toBeLessThan(4 * Math.sqrt(36 / sets.length));
  });

  it('agrees with Levenberg–Marquardt from the truth, with numeric derivatives', () => {
    for (const { values, errors, fit } of sets.slice(0, 50)) {
      const [amplitude, tau] = levenbergMarquardt([0.7, 6], values, errors);
      // Numeric derivatives and a flat minimum leave about half of the digits.
      expect(Math.abs(fit.amplitude / amplitude - 1)).toBeLessThan(1e-6);
      expect(Math.abs(fit.tau / tau - 1)).toBeLessThan(1e-6);
      expect(fit.chiSquare).toBeLessThanOrEqual(chiSquareOf(amplitude, tau, values, errors) * (1 + 1e-13));
    }
  });

  it('is the best of all τ where χ² has several minima', () => {
    let found = 0;
    for (let set = 0; set < 300; set++) {
      const values = normals(1000 + set, 20);
      const errors = distances.map((d) => 0.2 + (d % 5));
      const fit = fitExponential(distances, values, errors);
      let least = Number.POSITIVE_INFINITY;
      let at = 0;
      for (let logTau = Math.log(0.05); logTau < Math.log(1e4); logTau += 0.005) {
        const shape = distances.map((d) => Math.exp(-d / Math.exp(logTau)));
        const product = shape.reduce((sum, e, i) => sum + (e * values[i]!) / errors[i]! ** 2, 0);
        const square = shape.reduce((sum, e, i) => sum + (e / errors[i]!) ** 2, 0);
        const chiSquare = chiSquareOf(product / square, Math.exp(logTau), values, errors);
        if (chiSquare < least - 1e-9) [least, at] = [chiSquare, logTau];
      }
      const atBorder = at < Math.log(0.06) || at > Math.log(9e3);
      if (fit) {
        found++;
        expect(fit.chiSquare).toBeLessThanOrEqual(least + 1e-9);
      } else expect(atBorder).toBe(true);
    }
    expect(found).toBeGreaterThan(50);
    expect(found).toBeLessThan(300);
  });

  it('has the errors of the inverse of half the Hessian that the model alone gives', () => {
    // On exact values the residuals vanish, and the Hessian of χ² is 2 JᵀWJ.
    const values = exponential(0.7, 6);
    const errors = distances.map((d) => 0.02 + 0.002 * (d % 7));
    const fit = fitExponential(distances, values, errors)!;
    const f = (a: number, t: number) => chiSquareOf(a, t, values, errors) / 2;
    const [ha, ht] = [1e-3, 1e-2];
    const aa = (f(0.7 + ha, 6) - 2 * f(0.7, 6) + f(0.7 - ha, 6)) / ha ** 2;
    const tt = (f(0.7, 6 + ht) - 2 * f(0.7, 6) + f(0.7, 6 - ht)) / ht ** 2;
    const at = (f(0.7 + ha, 6 + ht) - f(0.7 + ha, 6 - ht) - f(0.7 - ha, 6 + ht) + f(0.7 - ha, 6 - ht)) / (4 * ha * ht);
    const determinant = aa * tt - at * at;
    expect(fit.amplitudeSe / Math.sqrt(tt / determinant)).toBeCloseTo(1, 4);
    expect(fit.tauSe / Math.sqrt(aa / determinant)).toBeCloseTo(1, 4);
    const areaVariance = (36 * tt + 0.49 * aa - 2 * 6 * 0.7 * at) / determinant;
    expect(fit.areaSe / Math.sqrt(areaVariance)).toBeCloseTo(1, 4);
  });

  it('knows how much each value moves it', () => {
    const { errors } = sets[0]!;
    const values = exponential(0.7, 6);
    const fit = fitExponential(distances, values, errors)!;
    const change = 1e-6;
    for (const i of [0, 4, 19]) {
      const moved = fitExponential(distances, values.with(i, values[i]! + change), errors)!;
      const back = fitExponential(distances, values.with(i, values[i]! - change), errors)!;
      expect((moved.amplitude - back.amplitude) / (2 * change)).toBeCloseTo(fit.sensitivity.amplitude[i]!, 6);
      expect((moved.tau - back.tau) / (2 * change)).toBeCloseTo(fit.sensitivity.tau[i]!, 6);
      expect((moved.area - back.area) / (2 * change)).toBeCloseTo(fit.sensitivity.area[i]!, 6);
    }
  });

  it('leaves out points without a value or an error, and is null where too few are left', () => {
    const values = exponential(1, 5);
    const errors = distances.map(() => 0.1);
    const gaps = errors.map((error, i) => (i % 3 === 0 ? null : i % 3 === 1 ? 0 : error));
    const fit = fitExponential(distances, [...values.slice(0, 19), null], gaps)!;
    expect(fit.degreesOfFreedom).toBe(4);
    expect(fit.tau).toBeCloseTo(5, 12);
    expect(fit.sensitivity.tau[0]).toBe(0);
    expect(fitExponential(distances.slice(0, 2), values, errors)).toBeNull();
    expect(
      fitExponential(
        distances,
        values,
        distances.map(() => null),
      ),
    ).toBeNull();
    expect(
      fitExponential(
        distances,
        values,
        distances.map(() => 0),
      ),
    ).toBeNull();
    expect(fitExponential([], [], [])).toBeNull();
  });

  test.each([
    ['values that do not decay', distances.map(() => 0.3)],
    ['values that grow', exponential(1, -10)],
    ['zeros', distances.map(() => 0)],
    ['a first value alone', distances.map((d) => (d === 1 ? 1 : 0))],
    ['a τ below the scan', exponential(1e9, 0.03)],
    ['a τ above the scan', exponential(1, 1e6)],
  ])('is null for %s', (_, values) => {
    expect(
      fitExponential(
        distances,
        values,
        distances.map(() => 0.1),
      ),
    ).toBeNull();
  });

  it('is null at one distance, where any τ fits', () => {
    expect(fitExponential([3, 3, 3, 3], [1, 1.1, 0.9, 1], [0.1, 0.1, 0.1, 0.1])).toBeNull();
  });
});

/** The same least-squares problem by another algorithm. */
function levenbergMarquardt(start: [number, number], values: readonly number[], errors: readonly number[]) {
  let [amplitude, tau] = start;
  let damping = 1e-3;
  const residuals = (a: number, t: number) => values.map((v, i) => (v - a * Math.exp(-distances[i]! / t)) / errors[i]!);
  for (let iteration = 0; iteration < 200; iteration++) {
    const r = residuals(amplitude, tau);
    const byAmplitude = residuals(amplitude + 1e-6, tau).map((x, i) => (x - r[i]!) / 1e-6);
    const byTau = residuals(amplitude, tau + 1e-6).map((x, i) => (x - r[i]!) / 1e-6);
    const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
    const [aa, at, tt] = [dot(byAmplitude, byAmplitude), dot(byAmplitude, byTau), dot(byTau, byTau)];
    const [ga, gt] = [dot(byAmplitude, r), dot(byTau, r)];
    const determinant = aa * (1 + damping) * tt * (1 + damping) - at * at;
    const nextAmplitude = amplitude - (ga * tt * (1 + damping) - gt * at) / determinant;
    const nextTau = tau - (gt * aa * (1 + damping) - ga * at) / determinant;
    if (chiSquareOf(nextAmplitude, nextTau, values, errors) <= chiSquareOf(amplitude, tau, values, errors)) {
      [amplitude, tau] = [nextAmplitude, nextTau];
      damping /= 10;
    } else damping *= 10;
  }
  return [amplitude, tau] as const;
}

describe('the measures of a point', () => {
  const engine = fastCpuEngine({ threads: 0 });
  afterAll(() => engine.close());
  const run = async (spec: object) => {
    const plan = planExperiment(parseSpec(spec));
    return { plan, tallies: (await simulate(engine, plan)).tallies };
  };

  it('count pairs and spikes', () => {
    const plan = planExperiment(parseSpec({ sequences: 2, steps: 100, trials: 10, pairing: { window: 2 } }));
    const tallies: Tallies = {
      ...emptyTallies(wholeRegion(plan, 0, 2), 5),
      trials: 10,
      // The middle of five bins holds spikes without a pair.
      pairs: Uint32Array.of(1, 2, 1000, 3, 4, 10, 20, 5000, 30, 40),
      preSpikes: Uint32Array.of(90, 110),
      postSpikes: Uint32Array.of(300, 300),
    };
    expect(measure(tallies, plan, ['pairs', 'mean_rate_pre', 'mean_rate_post', 'curve'])).toEqual({
      pairs: { value: 110, se: null },
      // 100 ± 10 spikes in 1000 steps of a sequence: the error of a mean of two is half their difference.
      mean_rate_pre: { value: 0.1, se: 0.01 },
      mean_rate_post: { value: 0.3, se: 0 },
    });
  });

  it('are null, never NaN, where there is nothing', () => {
    const plan = planExperiment(parseSpec({ sequences: 1, steps: 100, trials: 10 }));
    const outcome = outcomeOf(
      emptyTallies(wholeRegion(plan, 0, 1), plan.bins),
      plan,
      { measures: measureNames, until: null },
      false,
    );
    expect(outcome.measures.pairs).toEqual({ value: 0, se: null });
    for (const [name, estimate] of Object.entries(outcome.measures)) {
      if (name !== 'pairs') expect(estimate).toEqual({ value: null, se: null });
    }
    expect(JSON.parse(JSON.stringify(outcome.measures))).toEqual(outcome.measures);
  });

  it('of a single sequence have no errors and no fit', async () => {
    const { plan, tallies } = await run({ sequences: 1, steps: 2000, trials: 20 });
    const { tau_plus, asymmetry, mean_rate_pre } = measure(tallies, plan, measureNames);
    expect(tau_plus).toEqual({ value: null, se: null });
    expect(asymmetry).toEqual({ value: null, se: null });
    expect(mean_rate_pre?.value).toBeCloseTo(0.05, 1);
    expect(mean_rate_pre?.se).toBeNull();
  });

  it('hold what was asked for, and say whether enough trials were run only where that was asked', async () => {
    const { plan, tallies } = await run({ sequences: 20, steps: 100, trials: 20 });
    const measures = ['correlation_raw', 'correlation_binned', 'curve'] as const;
    const { raw, binned } = agreementOf(tallies, plan).correlation;
    const expected = {
      trials: 20,
      converged: null,
      measures: { correlation_raw: { value: raw, se: null }, correlation_binned: { value: binned, se: null } },
      curve: curveOf(tallies, plan).points,
    };
    expect(outcomeOf(tallies, plan, { measures, until: null }, true)).toEqual(expected);
    const until = { measure: 'area_plus', se: 1, maxTrials: 100 } as const;
    expect(outcomeOf(tallies, plan, { measures, until }, true)).toEqual({ ...expected, converged: true });
    expect(outcomeOf(tallies, plan, { measures: ['pairs'], until }, false)).toMatchObject({
      converged: false,
      curve: null,
    });
  });

  it('describe the two lobes of the paper’s experiment', async () => {
    const { plan, tallies } = await run({ sequences: 300, trials: 200 });
    const curve = curveOf(tallies, plan);
    const outcome = outcomeOf(tallies, plan, { measures: measureNames, until: null }, false);
    const { area_plus, peak_plus, tau_plus, area_minus, peak_minus, tau_minus, asymmetry, pairs } = outcome.measures;
    expect(pairs?.value).toBe(curve.pairs);
    expect(peak_plus!.value!).toBeGreaterThan(5 * peak_plus!.se!);
    expect(peak_minus!.value!).toBeLessThan(-5 * peak_minus!.se!);
    // The integrator's leak is 0.06 a step: its memory is 1/0.06 = 17 steps.
    for (const tau of [tau_plus!, tau_minus!]) expect(Math.abs(tau.value! - 15)).toBeLessThan(5);
    expect(area_plus!.value).toBeCloseTo(peak_plus!.value! * tau_plus!.value!, 12);
    const sizes = area_plus!.value! - area_minus!.value!;
    expect(asymmetry!.value).toBeCloseTo((area_plus!.value! + area_minus!.value!) / sizes, 12);
    // At d = 1 the curve itself is near the fit.
    const first = curve.points.find(({ dt }) => dt === 1)!;
    const fitted = peak_plus!.value! * Math.exp(-1 / tau_plus!.value!);
    expect(Math.abs(first.dwRate! - fitted)).toBeLessThan(4 * first.dwRateSe!);
  });

  it('give the asymmetry no error at the end of its range, where lobes of any size give 1', async () => {
    const { plan, tallies } = await run({ sequences: 40, steps: 300, trials: 50 });
    const curve = curveOf(tallies, plan);
    const upright = {
      ...curve,
      points: curve.points.map((point) => ({
        ...point,
        dwRate: point.dwRate === null ? null : Math.exp(-Math.abs(point.dt) / 7),
      })),
    };
    expect(measure(tallies, plan, ['asymmetry'], upright).asymmetry).toEqual({ value: 1, se: null });
  });

  // Many trials of few sequences: what is left of the error is the sequences', shared by all distances.
  it('have errors that repetitions with other seeds confirm', async () => {
    const names = ['area_plus', 'peak_plus', 'tau_plus', 'area_minus', 'asymmetry', 'mean_rate_pre'] as const;
    const found = new Map(names.map((name) => [name, { values: [] as number[], squares: 0 }]));
    const repetitions = 80;
    for (let seed = 0; seed < repetitions; seed++) {
      const { plan, tallies } = await run({ seed, sequences: 150, trials: 300 });
      const measures = measure(tallies, plan, names);
      for (const [name, { values }] of found) {
        const { value, se } = measures[name]!;
        values.push(value!);
        found.get(name)!.squares += se! ** 2 / repetitions;
      }
    }
    for (const [name, { values, squares }] of found) {
      const mean = values.reduce((sum, value) => sum + value / repetitions, 0);
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / (repetitions - 1), 0);
      // A standard deviation from 80 values is known to 8 %.
      expect(Math.sqrt(squares / variance), name).toBeGreaterThan(0.75);
      expect(Math.sqrt(squares / variance), name).toBeLessThan(1.4);
    }
  });
});
