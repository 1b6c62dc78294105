import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNaiveKernel } from '../bench/baselines/naive.ts';
import { checkPairs } from '../bench/check-pairs.ts';
import { clockTick, repeatsFor, TICKS_PER_SPAN } from '../bench/clock.ts';
import { measureTogether, type Policy } from '../bench/measure.ts';
import { operationsPerTrialStep } from '../bench/operations.ts';
import { peakWorkload } from '../bench/peak.ts';
import type { BenchReport } from '../bench/report.ts';
import { relativeUncertainty, summarize } from '../bench/statistics.ts';
import type { Workload } from '../bench/workload.ts';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { GpuContext } from '../src/gpu/context.ts';
import { philox4x32 } from '../src/random/philox.ts';
import { checkTallies } from '../src/stdp/check.ts';
import { expectedCurve } from '../src/stdp/closed-form.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { type Rates, wholeRegion } from '../src/stdp/tallies.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { run } from './support/cli.ts';

const plan = planExperiment(parseSpec({ sequences: 20, trials: 500 }));
let rates: Rates;
beforeAll(async () => {
  rates = await (await twinEngine().openTile(plan, wholeRegion(plan, 0, plan.spec.sequences))).readRates();
});

describe('statistics of a measurement', () => {
  test('median, spread and order statistics of known samples', () => {
    // Of eleven samples the second and the tenth enclose the median: 2 · P(Bin(11, ½) ≤ 1) = 1.2 %, with three 6.5 %.
    const summary = summarize([11, 2, 9, 4, 7, 6, 5, 8, 3, 10, 1]);
    expect(summary).toEqual({ samples: 11, median: 6, spread: 5, interval: [2, 10] });
    expect(relativeUncertainty(summary)).toBeCloseTo(4 / 6);
  });

  test('below six samples no interval holds the median with 95 %', () => {
    expect(summarize([1, 1, 1, 1, 1]).interval).toBeUndefined();
    expect(summarize([1, 1, 1, 1, 1, 1]).interval).toEqual([1, 1]);
    expect(relativeUncertainty(summarize([1, 1]))).toBe(Number.POSITIVE_INFINITY);
  });

  test('the interval misses the median of a skewed distribution in at most 5 % of experiments', () => {
    const experiments = 2000;
    let missed = 0;
    for (let experiment = 0; experiment < experiments; experiment++) {
      const words = [0, 1, 2, 3].flatMap((block) => philox4x32(7, 7, [experiment, block, 0, 0]));
      const [low, high] = summarize(words.map((word) => -Math.log((word + 0.5) / 2 ** 32))).interval!;
      if (low > Math.LN2 || high < Math.LN2) missed++;
    }
    expect(missed / experiments).toBeGreaterThan(0.005);
    expect(missed / experiments).toBeLessThan(0.05);
  });
});

describe('the clock', () => {
  test('its tick is what all readings are multiples of, from wherever they count', () => {
    const start = 123_456_789n;
    expect(clockTick([1n, 4n, 2n, 9n].map((ticks) => start + ticks * 100_000n))).toBe(100_000);
    expect(clockTick([7n, 3n, 12n].map((ticks) => ticks * 65_536n))).toBe(65_536);
    expect(clockTick([32n, 96n, 160n].map((ticks) => start + ticks))).toBe(64);
    expect(clockTick([start, start + 17n, start + 42n])).toBe(1);
  });

  test('a span has at least a hundred ticks, and at least its least length', () => {
    expect(repeatsFor(0.001, 65_536, 0) * 0.001).toBeGreaterThanOrEqual((TICKS_PER_SPAN * 65_536) / 1e9);
    expect(repeatsFor(0.001, 1, 0.03)).toBe(30);
    expect(repeatsFor(2, 100_000, 0.03)).toBe(1);
  });
});

describe('measuring', () => {
  const policy: Policy = { uncertainty: 0.01, leastSamples: 6, mostSamples: 12, budget: 1e9, leastSpan: 0.03 };
  const workload = (name: string, order: string[], seconds: () => number): Workload => ({
    name,
    run: async (repeats) => {
      order.push(name);
      return { wall: repeats * seconds() };
    },
    verify: async () => ({ correct: true, chance: 1 }),
    close: () => {},
  });

  test('takes samples in turn, stops where the median is steady and says where it is not', async () => {
    const order: string[] = [];
    let state = 1;
    const steady = workload('steady', order, () => 0.01);
    const noisy = workload('noisy', order, () => {
      state = (state * 48_271) % 0x7fffffff;
      return 1 + state / 0x7fffffff;
    });
    const [first, second] = await measureTogether([steady, noisy], policy, 0);
    expect(first).toMatchObject({ steady: true, repeats: 3, wall: { samples: 6, spread: 0 } });
    expect(first!.wall.median).toBeCloseTo(0.01);
    expect(second).toMatchObject({ steady: false, repeats: 1, wall: { samples: 12 } });
    expect(order.slice(4, 10)).toEqual(['steady', 'noisy', 'steady', 'noisy', 'steady', 'noisy']);
  });
});

describe('correctness of what only counts pairs', () => {
  const { peak } = plan.spec.post;
  /** Counts at their expectation, but for rounding. */
  const fitting = () => Array.from(expectedCurve([rates], plan, plan.spec.trials).pairs, (mean) => Math.round(mean));

  test('accepts what fits', () => {
    const pairs = fitting();
    expect(checkPairs(pairs, expectedCurve([rates], plan, plan.spec.trials).pairs, peak).correct).toBe(true);
  });

  test('rejects one distance too many, a shifted window, a loss of a tenth, and no counts at all', () => {
    const expected = expectedCurve([rates], plan, plan.spec.trials).pairs;
    const wrongs = {
      'one distance': fitting().map((count, bin) => (bin === 21 ? count + 8 * Math.sqrt(count) : count)),
      'a shifted window': fitting().map((_, bin, all) => all[bin + 1] ?? 0),
      'a loss': fitting().map((count) => 0.9 * count),
      'no counts': [],
      NaN: fitting().map(() => Number.NaN),
    };
    for (const [name, pairs] of Object.entries(wrongs)) {
      const verdict = checkPairs(pairs.map(Math.round), expected, peak);
      expect(verdict.correct, name).toBe(false);
    }
  });
});

describe('operations of the product kernel', () => {
  test('wider vectors wait for their slowest lane', () => {
    const [one, four, warp] = [1, 4, 32].map((lanes) => operationsPerTrialStep(plan, rates, lanes));
    expect(one!.planes).toBeGreaterThan(7);
    expect(four!.planes).toBeGreaterThan(one!.planes);
    expect(warp!.planes).toBeGreaterThan(four!.planes);
    expect(warp!.planes).toBeLessThan(31);
    expect(one!.total).toBeCloseTo(Object.values(one!.parts).reduce((sum, part) => sum + part));
  });

  test('the planes are what the distribution of the slowest of 32 lanes says', () => {
    // A threshold's bits are as good as random to the draw: a step is undecided after k bits with chance 2^−k.
    const groups = Array.from({ length: 6 }, (_, group) => 7 + 4 * group);
    const expected = groups.reduce((sum, k) => sum + 4 * (1 - (1 - 2 ** -k) ** 32), 7);
    const always = planExperiment(
      parseSpec({
        sequences: 4,
        steps: 128,
        pre: { peak: 1 / 3, drive: { sd: 0, mean: 2 } },
        post: { peak: 1 / 5, drive: { sd: 0, mean: 2 } },
      }),
    );
    return twinEngine()
      .openTile(always, wholeRegion(always, 0, 4))
      .then((tile) => tile.readRates())
      .then((constant) => {
        expect(operationsPerTrialStep(always, constant, 1).planes).toBeCloseTo(expected, 1);
      });
  });
});

describe('on Dawn', () => {
  let context: GpuContext;
  beforeAll(async () => {
    const { gpu } = await loadDawn();
    context = await GpuContext.create({ gpu });
  });
  afterAll(() => {
    context?.destroy();
  });

  for (const wholeBlocks of [false, true]) {
    test(`the naive kernel agrees with the closed form${wholeBlocks ? ', with whole Philox blocks' : ''}`, async () => {
      const kernel = await openNaiveKernel(context, plan, rates, wholeBlocks);
      await kernel.dispatch(2);
      const tallies = await kernel.takeTallies();
      expect(tallies.trials).toBe(2 * plan.spec.trials);
      expect(checkTallies(tallies, [rates], plan)).toMatchObject({ passed: true });
      await kernel.dispatch(1);
      const next = await kernel.takeTallies();
      expect(next.trials).toBe(plan.spec.trials);
      expect(checkTallies(next, [rates], plan)).toMatchObject({ passed: true });
      kernel.destroy();
    });
  }

  test('the peak kernel does all the operations that are counted', async () => {
    const peak = await peakWorkload(context, undefined);
    expect(await peak.verify()).toEqual({ correct: true, chance: 1 });
    peak.close();
  });
});

describe('the command', () => {
  test('bench --quick --only product writes a report whose result is correct', async () => {
    const { status, stdout, stderr } = await run([
      'bench',
      '--quick',
      '--only',
      'product',
      '--runtime',
      'node',
      '--json',
      '-',
    ]);
    expect(stderr).not.toContain('stdp-webgpu:');
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as BenchReport;
    expect(report).toMatchObject({ runtime: 'node', quick: true, left_out: [] });
    expect(report.peak_ops_per_s).toBeGreaterThan(1e8);
    const [product, ...others] = report.results;
    expect(others).toEqual([]);
    expect(product).toMatchObject({ name: 'product', kind: 'resident', correct: true });
    expect(product!.trial_steps_per_s).toBeCloseTo(product!.trial_steps / product!.median_s, 0);
    expect(product!.share_of_peak).toBeGreaterThan(0);
    expect(product!.share_of_peak).toBeLessThan(1);
  });

  test('bench --only first-curve opens the demo page cold and says how long its first curve takes', async () => {
    const { status, stdout } = await run(['bench', '--quick', '--only', 'first-curve', '--runtime', 'chrome']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/first curve on the demo page, cold: [\d.]+ m?s after navigation \(median of 1\)/);
    const without = await run(['bench', '--quick', '--only', 'first-curve', '--runtime', 'cpu']);
    expect(without.stdout).toMatch(/first-curve +left out: it needs runtime chrome/);
  });

  test('a name that there is not is refused with those that there are', async () => {
    const { status, stderr } = await run(['bench', '--only', 'product,fastest', '--runtime', 'cpu']);
    expect(status).toBe(2);
    expect(stderr).toContain('"fastest" is not allowed; expected some of');
    expect(stderr).toContain('tfjs-webgpu');
  });

  test('without a GPU what needs one is left out, and that is said', async () => {
    const { status, stdout } = await run(['bench', '--quick', '--only', 'product,twin', '--runtime', 'cpu']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/product +left out: it needs WebGPU/);
    expect(stdout).toMatch(/twin +20 × 160 × 200.* yes/);
  });
});
