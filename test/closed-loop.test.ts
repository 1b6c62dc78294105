import { describe, expect, test } from 'vitest';
import { Wide } from '../src/numeric/wide.ts';
import { PURPOSE, randomBlock } from '../src/random/address.ts';
import { normalFromWord } from '../src/random/normal.ts';
import { philox4x32 } from '../src/random/philox.ts';
import { planLoop } from '../src/stdp/closed-loop/loop-plan.ts';
import { loopResult } from '../src/stdp/closed-loop/loop-results.ts';
import type { LoopSpec } from '../src/stdp/closed-loop/loop-spec.ts';
import { addToSum, emptyLoopSums, sumOf } from '../src/stdp/closed-loop/loop-sums.ts';
import { openLoopTwin } from '../src/stdp/closed-loop/loop-twin.ts';
import { parseLoopSpec } from '../src/stdp/closed-loop/parse-loop.ts';
import { runLoop } from '../src/stdp/closed-loop/run-loop.ts';
import { coincidences, pairwiseSchemes } from '../src/stdp/pairing-schemes.ts';
import { errorOf } from './support/errors.ts';
import { definedPairs } from './support/pair-definitions.ts';

async function resultOf(input: object) {
  const plan = planLoop(parseLoopSpec(input));
  const { sums } = await runLoop(openLoopTwin(plan), plan);
  return { plan, sums, ...loopResult(plan, sums) };
}

/** One trial in float64, written from the equations alone, for the noise drive and the hard sigmoid. */
function floatTrial(spec: LoopSpec, trial: number) {
  const { pre, post, loop, kernel, pairing, steps, seed } = spec;
  const burnIn = Math.max(...[pre, post].map(({ epsilon }) => Math.ceil(17 / epsilon)));
  const block = (purpose: number, step: number) => randomBlock(seed, purpose as 0, 0, trial, step);
  const deviate = (purpose: number, k: number) => normalFromWord(block(purpose, k >> 2)[k & 3]!) / 2 ** 24;
  const drive = (neuron: typeof pre) => neuron.drive as { mean: number; sd: number };
  const rho = (s: number) => Math.min(Math.max(s + 0.2, 0), 1);
  const start = (neuron: typeof pre, purpose: number) =>
    drive(neuron).mean +
    drive(neuron).sd *
      Math.sqrt(neuron.epsilon / (2 - neuron.epsilon)) *
      (normalFromWord(block(purpose, 0)[0]) / 2 ** 24);
  const { initialWeight, bounds } = loop;
  const w0 =
    typeof initialWeight === 'number'
      ? initialWeight
      : initialWeight.low + (initialWeight.high - initialWeight.low) * (block(PURPOSE.loopWeight, 0)[0] / 2 ** 32);
  let sj = start(pre, PURPOSE.loopPreStart);
  const states = [start(post, PURPOSE.loopPostStart), start(post, PURPOSE.loopPostStart)];
  const weights = [w0, w0];
  const squares = [0, 0];
  const preTrain: number[] = [];
  const postTrain: number[] = [];
  for (let k = 0; k < burnIn + steps; k++) {
    const words = block(PURPOSE.loopSpikes, k >> 1);
    const uniform = (which: number) => (words[2 * (k & 1) + which]! >>> 1) / 2 ** 31;
    const spike = uniform(0) < pre.peak * rho(sj) ? 1 : 0;
    if (k >= burnIn) {
      preTrain.push(spike);
      postTrain.push(uniform(1) < post.peak * rho(states[0]!) ? 1 : 0);
    }
    const x = loop.input === 'rate' ? rho(sj) : spike;
    const u = drive(post).mean + drive(post).sd * deviate(PURPOSE.loopPostDrive, k);
    const rates = states.map((s, side) => post.epsilon * (u + weights[side]! * x - s));
    const t = k - burnIn;
    rates.forEach((rate, side) => {
      states[side]! += rate;
      if (t >= 0) squares[side]! += rate * rate;
    });
    if (t >= 0) {
      let change = loop.eta * rates[0]! * (loop.rule === 'rate' ? rho(sj) : spike);
      if (loop.rule === 'pair') {
        const { scheme, coincidence, window } = pairing;
        const times = (train: readonly number[]) => train.flatMap((s, at) => (s ? [at] : []));
        change = definedPairs(scheme, coincidence, window, times(preTrain), times(postTrain))
          .filter((pair) => pair.pre === t - window)
          .reduce((sum, pair) => {
            const d = pair.post - pair.pre;
            const isAfter = d > 0 || (d === 0 && coincidence === 'causal');
            const size = isAfter
              ? kernel.aPlus * Math.exp(-d / kernel.tauPlus)
              : -kernel.aMinus * Math.exp(d / kernel.tauMinus);
            return sum + loop.eta * size;
          }, 0);
      }
      let w = weights[0]!;
      if (bounds.type === 'soft') {
        change *= (change > 0 ? bounds.high - w : w - bounds.low) / (bounds.high - bounds.low);
      }
      w += change;
      weights[0] = bounds.type === 'none' ? w : Math.min(Math.max(w, bounds.low), bounds.high);
    }
    sj += pre.epsilon * (drive(pre).mean + drive(pre).sd * deviate(PURPOSE.loopPreDrive, k) - sj);
  }
  return { learned: squares[0]! / steps, plain: squares[1]! / steps, weight: weights[0]! };
}

describe('a closed loop', () => {
  test.each([
    { input: 'rate', rule: 'rate', bounds: { type: 'none' } },
    { input: 'rate', rule: 'spike', bounds: { type: 'soft', low: -1, high: 2 } },
    { input: 'spike', rule: 'spike', bounds: { type: 'hard', low: 0.45, high: 0.6 } },
    { input: 'spike', rule: 'pair', bounds: { type: 'hard', low: -1, high: 1 } },
    { input: 'rate', rule: 'pair', bounds: { type: 'soft', low: 0, high: 1 } },
  ])('agrees with a program in floating point: %o', async (loop) => {
    await assertAgrees({ loop });
  });

  test.each(pairwiseSchemes.flatMap((scheme) => coincidences.map((coincidence) => [scheme, coincidence] as const)))(
    'agrees with a program in floating point under %s pairing, coincident spikes %s',
    async (scheme, coincidence) => {
      await assertAgrees({ loop: { input: 'spike', rule: 'pair' }, pairing: { scheme, coincidence, window: 7 } });
    },
  );

  async function assertAgrees({ loop, ...rest }: { readonly loop: object; readonly pairing?: object }) {
    const { plan, total } = await resultOf({
      ...{ seed: 9, trials: 40, steps: 150, pairing: { window: 7 } },
      ...{ pre: { epsilon: 0.25, peak: 0.5 }, post: { epsilon: 0.2, peak: 0.4 } },
      loop: { ...loop, eta: 0.07, initialWeight: { low: 0.46, high: 0.55 } },
      ...rest,
    });
    const trials = Array.from({ length: 40 }, (_, trial) => floatTrial(plan.spec, trial));
    const mean = (value: (trial: (typeof trials)[number]) => number) =>
      trials.reduce((sum, trial) => sum + value(trial), 0) / trials.length;
    const difference = mean(({ learned, plain }) => learned - plain);
    const spread = mean(({ learned, plain }) => (learned - plain - difference) ** 2);
    expect(Math.abs(difference)).toBeGreaterThan(1e-6);
    expect(total.learned).toBeCloseTo(
      mean(({ learned }) => learned),
      6,
    );
    expect(total.plain).toBeCloseTo(
      mean(({ plain }) => plain),
      6,
    );
    expect(total.difference).toBeCloseTo(difference, 7);
    expect(total.se! / Math.sqrt(spread / 39)).toBeCloseTo(1, 2);
    expect(total.weightMean).toBeCloseTo(
      mean(({ weight }) => weight),
      5,
    );
  }

  test('without a learning rate both conditions are equal to the bit, whatever the rule', async () => {
    for (const rule of ['rate', 'spike', 'pair']) {
      for (const type of ['none', 'hard', 'soft']) {
        const { points, total } = await resultOf({ trials: 20, steps: 60, loop: { rule, eta: 0, bounds: { type } } });
        for (const point of [...points, total]) {
          expect([point.difference, point.se, point.learned - point.plain, point.weightSd]).toEqual([0, 0, 0, 0]);
        }
      }
    }
  });

  test('without a weight has the squared rate of change of leaky-integrated noise, 2ε²σ² / (2 − ε)', async () => {
    const { total } = await resultOf({
      ...{ trials: 400, steps: 200, loop: { initialWeight: 0, eta: 0 } },
      ...{ pre: { epsilon: 0.5 }, post: { epsilon: 0.3, drive: { sd: 2 } } },
    });
    // 80 000 squares of a normal variable with short memory: about 0.6 % of their mean.
    expect(total.plain / ((2 * 0.3 ** 2 * 2 ** 2) / (2 - 0.3))).toBeCloseTo(1, 1.3);
  });

  test('four times the trials halve the standard error', async () => {
    const size = { steps: 60, pre: { epsilon: 0.3 }, post: { epsilon: 0.3 }, loop: { eta: 0.3 } };
    const few = await resultOf({ ...size, trials: 500 });
    const many = await resultOf({ ...size, trials: 2000 });
    expect(few.total.se! / many.total.se!).toBeGreaterThan(1.8);
    expect(few.total.se! / many.total.se!).toBeLessThan(2.2);
  });

  test('keeps its weights in the histograms: every trial once at each time, none beyond hard bounds', async () => {
    const { points, total, plan } = await resultOf({
      ...{ trials: 100, steps: 95, record: { every: 10, bins: 7 } },
      loop: { eta: 1, initialWeight: 0.5, bounds: { type: 'hard', low: 0.4, high: 0.6 } },
    });
    expect(points.map(({ steps }) => steps)).toEqual([...Array(9).fill(10), 5]);
    for (const { weights } of [...points, total]) {
      expect(weights.reduce((sum, count) => sum + count, 0)).toBe(100);
      expect([weights[0], weights.at(-1)]).toEqual([0, 0]);
    }
    expect(Array.from(points[0]!.weights)).toEqual([0, 0, 0, 0, 100, 0, 0, 0, 0]);
    expect(total.weights[1]! + total.weights[7]!).toBeGreaterThan(10);
    expect(plan.edges).toHaveLength(8);
  });

  test('stops between dispatches and keeps what it has', async () => {
    const plan = planLoop(parseLoopSpec({ trials: 300, steps: 20 }));
    const controller = new AbortController();
    const options = { chunk: 50, signal: controller.signal, onProgress: () => controller.abort() };
    const { sums, interrupted } = await runLoop(openLoopTwin(plan), plan, options);
    expect([sums.trials, interrupted]).toEqual([50, true]);
    const whole = await runLoop(openLoopTwin(plan), { ...plan, spec: { ...plan.spec, trials: 50 } });
    expect(whole.sums).toEqual(sums);
  });
});

describe('the spec of a closed loop', () => {
  test.each<[object, string, RegExp]>([
    [{ loop: { eta: 1.5 } }, 'loop.eta', /from 0 to 1/],
    [{ loop: { eta: 1e-12 } }, 'loop.eta', /2\^-32/],
    [{ loop: { eta: 0.5, bounds: { type: 'none' } } }, 'loop.eta', /from 0 to 0\.0\d+ .*"hard" or "soft"/],
    [{ loop: { rule: 'pair', bounds: { type: 'none' } }, kernel: { aPlus: 1e5 } }, 'loop.eta', /from 0 to/],
    [{ loop: { eta: 1, bounds: { type: 'soft', low: 0.4, high: 0.6 } } }, 'loop.eta', /more than loop\.bounds\.high/],
    [{ loop: { initialWeight: 3 } }, 'loop.initialWeight', /from loop\.bounds\.low = -2/],
    [{ loop: { initialWeight: { low: 1, high: 0 } } }, 'loop.initialWeight.low', /high = 0/],
    [{ loop: { initialWeight: 'x' } }, 'loop.initialWeight', /a number/],
    [{ loop: { bounds: { low: 2 } } }, 'loop.bounds.low', /< loop\.bounds\.high/],
    [{ loop: { bounds: { type: 'elastic' } } }, 'loop.bounds.type', /"none", "hard", "soft"/],
    [{ loop: { rate: 1 } }, 'loop.rate', /input, rule, eta/],
    [{ post: { drive: { type: 'table', values: [] } } }, 'post.drive.type', /drives of its own/],
    [{ pre: { epsilon: 1e-5 } }, 'pre.epsilon', /17 \/ epsilon/],
    [{ steps: 200000 }, 'steps', /131072/],
    [{ steps: 100000 }, 'record.every', /≥ 98/],
    [{ record: { low: 1, high: 0 } }, 'record.low', /record\.high/],
  ])('refuses %o', (input, path, expected) => {
    const error = errorOf(() => parseLoopSpec(input));
    expect(error).toMatchObject({ code: 'invalid-spec', path });
    expect(error.message).toMatch(expected);
    expect(error.message).not.toContain('\n');
  });

  test('names a learning rate that it then takes', () => {
    const bounds = { type: 'none' };
    const { message } = errorOf(() => parseLoopSpec({ loop: { eta: 0.5, bounds } }));
    const most = Number(/from 0 to ([\d.]+)/.exec(message)![1]);
    expect(() => parseLoopSpec({ loop: { eta: 0.99 * most, bounds } })).not.toThrow();
    expect(() => parseLoopSpec({ loop: { eta: 1.01 * most, bounds } })).toThrow();
  });

  test('accepts no numbers that leave the formats, however large the voltages are', async () => {
    const { total } = await resultOf({
      ...{ trials: 5, steps: 40, post: { epsilon: 1, drive: { type: 'steps', low: -1e6, high: 1e6, hold: 1 } } },
      loop: { eta: 1, initialWeight: 1e6, bounds: { type: 'hard', low: -1e6, high: 1e6 } },
    });
    // u jumps every step: E[(u' − u)²] = (2·10⁶)² / 6, and W ρ adds to it.
    expect(total.plain).toBeGreaterThan(0.4 * 6.7e11);
    expect(total.plain).toBeLessThan(4 * 6.7e11);
  });
});

const bigOf = ({ high, low }: Wide) => (BigInt(high) << 32n) | BigInt(low >>> 0);

test('64-bit integers in two words agree with BigInt', () => {
  const words = Array.from({ length: 300 }, (_, index) => philox4x32(5, 6, [index, 0, 0, 0]));
  for (const [a, b, c, d] of [...words, [0, 0, 0, 0], [0x80000000, 0, 0xffffffff, 0xffffffff]] as const) {
    const x = new Wide().set(a, b);
    const y = new Wide().set(c, d);
    const copy = () => new Wide().copy(x);
    const [bigX, bigY] = [bigOf(x), bigOf(y)];
    const wrapped = (value: bigint) => BigInt.asIntN(64, value);
    expect(bigOf(copy().add(y))).toBe(wrapped(bigX + bigY));
    expect(bigOf(copy().subtract(y))).toBe(wrapped(bigX - bigY));
    expect(bigOf(new Wide().setProduct(a | 0, c))).toBe(BigInt(a | 0) * BigInt(c));
    expect(bigOf(copy().shiftRight(d & 63))).toBe(bigX >> BigInt(d & 63));
    expect(bigOf(copy().shiftRight(2).scale(c))).toBe(((bigX >> 2n) * BigInt(c)) >> 31n);
  }
});

test('sums hold the largest values that a spec can give', () => {
  const sums = emptyLoopSums(planLoop(parseLoopSpec({ steps: 10 })));
  const most = (1n << 124n) - 1n;
  for (const value of [most, 1n, 12345678901234567890n]) addToSum(sums, 1, 'squaredDifference', value);
  expect(sumOf(sums, 1, 'squaredDifference')).toBe(most + 12345678901234567891n);
  for (const value of [-5n, 3n, -(1n << 61n)]) addToSum(sums, 0, 'weight', value);
  expect(sumOf(sums, 0, 'weight')).toBe(-(1n << 61n) - 2n);
});
