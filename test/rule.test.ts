import { describe, expect, test } from 'vitest';
import { agreementOf } from '../src/stdp/agreement.ts';
import { curveOf } from '../src/stdp/curve.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { simulate } from '../src/stdp/simulate.ts';
import { parseSweep } from '../src/stdp/sweep/parse-sweep.ts';
import { addTallies } from '../src/stdp/tallies.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { assertSameSimulation } from './support/compare.ts';
import { errorOf, rejectionOf } from './support/errors.ts';
import { goodRules, malformedRules, ruleSpec } from './support/rules.ts';

const planOf = (rule: object, more: object = {}) => planExperiment(parseSpec({ ...ruleSpec, ...more, rule }));

describe('a malformed rule', () => {
  test.each(malformedRules)('%s is refused at line %i, column %i', (expression, line, column, problem, more) => {
    const error = errorOf(() => parseSpec({ ...ruleSpec, rule: { expression, ...(more as object) } }));
    expect(error.code).toBe('invalid-spec');
    expect(error.path).toBe('rule.expression');
    expect(error.message).toContain(`rule.expression, line ${line}, column ${column}: `);
    expect(error.message).toContain(problem);
    expect(error.expected).toBeTruthy();
    expect(error.message).not.toContain('\n');
  });

  test.each([
    ['nested too deeply', `${'('.repeat(200)}d${')'.repeat(200)}`, 'line 1, column 65: '],
    ['negated too often', `${'- '.repeat(200)}d`, 'nested in more than 64'],
    ['too long', `d${' + d'.repeat(2000)}`, 'beyond the 4096 characters'],
  ])('that is %s is refused', (_, expression, problem) => {
    expect(errorOf(() => parseSpec({ ...ruleSpec, rule: { expression } })).message).toContain(problem);
  });

  test.each<[object, string, string]>([
    [{ parameters: { a: 1 } }, 'rule.expression', 'missing'],
    [{ expression: 'd', parameters: { d: 1 } }, 'rule.parameters.d', 'no meaning'],
    [{ expression: 'd', parameters: { exp: 1 } }, 'rule.parameters.exp', 'no meaning'],
    [{ expression: 'd', parameters: { 'a b': 1 } }, 'rule.parameters.a b', 'a name'],
    [{ expression: 'tau * d', parameters: { tau: 1, tua: 2 } }, 'rule.parameters.tua', 'that rule.expression names'],
    [{ expression: 'd * a', parameters: { a: 1e30 } }, 'rule.parameters.a', '2^60'],
    [{ expression: 'd * a', parameters: { a: 1e-40 } }, 'rule.parameters.a', '2^-126'],
    [{ expression: 'd * a', parameters: { a: '1' } }, 'rule.parameters.a', 'a number'],
    [{ expression: 'd', step: 0.3 }, 'rule.step', 'as 0.25 = 2^-2'],
    [{ expression: 'd', step: 2 ** -30 }, 'rule.step', 'a coarser step'],
    [{ expression: 'd', steps: 1 }, 'rule.steps', 'unknown key'],
  ])('%j is refused at %s', (rule, path, problem) => {
    const error = errorOf(() => parseSpec({ ...ruleSpec, rule }));
    expect(error.path).toBe(path);
    expect(error.message).toContain(problem);
  });
});

/** The rules of the paper and the exponential kernel, as a user would write them. */
const known = {
  rate: { expression: 'ds_post * rho_pre' },
  spike: { expression: 'ds_post' },
  pair: {
    expression: '// A pair of exponentials\nselect(-a_minus * exp(d / tau),\n  a_plus * exp(-d / tau), d > 0.0)',
    parameters: { a_plus: 1, a_minus: 1, tau: 16.8 },
  },
};

describe("a user's rule", () => {
  const simulated = (rule: object, more?: object) => {
    const plan = planOf(rule, more);
    return simulate(twinEngine(), plan).then(({ tallies }) => ({ tallies, plan }));
  };

  test.each(Object.entries(known))(
    'that says what the %s rule says gives its curve and agreement',
    async (name, rule) => {
      const { tallies, plan } = await simulated(rule);
      const curve = curveOf(tallies, plan);
      for (const point of curve.points) {
        const expected = { rate: point.dwRate, spike: point.dwSpike, pair: point.dwPair }[name];
        const expectedSe = { rate: point.dwRateSe, spike: point.dwSpikeSe, pair: point.dwPairSe }[name];
        if (expected === null) expect(point.dwUser).toBeNull();
        else expect(Math.abs(point.dwUser! - expected!)).toBeLessThan(1e-7);
        if (expectedSe !== null) expect(Math.abs(point.dwUserSe! - expectedSe!)).toBeLessThan(1e-7);
      }
      const agreement = agreementOf(tallies, plan);
      if (name !== 'pair') return;
      expect(agreement.user!.correlation.raw).toBeCloseTo(agreement.correlation.raw!, 7);
      expect(agreement.user!.fit!.slope).toBeCloseTo(agreement.fit!.slope, 6);
      for (const { dwPair, dwPairSe, dwUser, dwUserSe } of agreement.bins) {
        expect(dwUser).toBeCloseTo(dwPair, 7);
        expect(dwUserSe).toBeCloseTo(dwPairSe!, 7);
      }
    },
  );

  test('leaves no trace in an experiment without one', async () => {
    const plan = planExperiment(parseSpec(ruleSpec));
    const { tallies } = await simulate(twinEngine(), plan);
    expect(tallies).not.toHaveProperty('rule');
    expect(curveOf(tallies, plan).points[0]).not.toHaveProperty('dwUser');
    expect(agreementOf(tallies, plan)).not.toHaveProperty('user');
  });

  test('gives the same to the bit on WebAssembly, in slices and in shards of trials', async () => {
    const plan = planOf(goodRules[0]!);
    const expected = await simulate(twinEngine(), plan);
    for (const threads of [0, 2]) {
      using engine = fastCpuEngine({ threads });
      assertSameSimulation(await simulate(engine, plan), expected);
      const batch = engine.runBatch([{ plan, firstTrial: 0, endTrial: plan.spec.trials }], {
        pace: { chunk: () => 7, measured: () => undefined } as never,
      });
      expect((await batch)![0]!.rule).toEqual(expected.tallies.rule);
    }
    const twin = twinEngine();
    const slices = { ...twin, largestRegion: () => ({ sequences: 1, steps: 7 }) };
    assertSameSimulation(await simulate(slices, plan), expected);
    const shard = async (first: number, end: number) =>
      (await simulate(twin, plan, { trials: { first, end } })).tallies;
    expect(addTallies(await shard(0, 11), await shard(11, plan.spec.trials)).rule).toEqual(expected.tallies.rule);
  });

  test('is rounded to the step that the spec states, or to one as fine as bounds on it allow', async () => {
    // |ds_post| ≤ 2 · 6.4 · 1.4 · 0.06 = 1.08: one bit of 31 goes to its integer part.
    expect(planOf({ expression: 'ds_post' }).rule!.fractionBits).toBe(30);
    expect(planOf({ expression: '1e-6 * ds_post' }).rule!.fractionBits).toBe(50);
    expect(planOf({ expression: '1e12 * d' }).rule!.fractionBits).toBe(16);
    const { tallies, plan } = await simulated({ expression: 'd / 3.0', step: 0.25 });
    const { bins } = plan;
    tallies.rule!.binSums.forEach((sum, index) => {
      const d = (index % bins) - plan.spec.pairing.window;
      expect(sum).toBe(BigInt(d === 0 ? 0 : tallies.pairs[index]!) * BigInt(Math.round((4 * d) / 3)));
    });
  });

  test('is told d = 0 of coincident spikes where they make pairs', async () => {
    const pairing = { scheme: 'all-to-all', coincidence: 'causal', window: 12 };
    expect(errorOf(() => planOf({ expression: '1.0 / d' }, { pairing })).message).toContain('at d = 0: divisor 0');
    const { tallies, plan } = await simulated({ expression: 'select(2.0, 5.0, d == 0.0)', step: 1 }, { pairing });
    const { bins, spikeBin } = plan;
    tallies.rule!.binSums.forEach((sum, index) => {
      const bin = index % bins;
      const change = bin === spikeBin ? 0 : bin === 12 ? 5 : 2;
      expect(sum).toBe(BigInt(tallies.pairs[index]! * change));
    });
    const [coincident] = curveOf(tallies, plan).points.filter(({ dt }) => dt === 0);
    expect(coincident).toMatchObject({ dwUser: 5, pairs: expect.toSatisfy((pairs: number) => pairs > 0) });
    using engine = fastCpuEngine({ threads: 0 });
    expect((await simulate(engine, plan)).tallies.rule).toEqual(tallies.rule);
  });

  test.each<[string, object, RegExp]>([
    [
      '1.0 / (rho_pre - rho_pre)',
      {},
      /line 1, column 1: "1\.0 \/ \(rho_pre - rho_pre\)" can divide by 0 \(divisor 0 in sequence \d+ at d = -?\d/,
    ],
    [
      'd +\n  log(ds_post * ds_post - 0.5)',
      {},
      /line 2, column 3: "log\(.*\)" can take the logarithm of .* ds_post = /,
    ],
    ['1e9 * d * ds_post * ds_post', { step: 2 ** -30 }, /gives .* in sequence \d+ at d = .* a coarser rule\.step/],
  ])('that fails for a pair only is refused with the pair: %s', async (expression, more, message) => {
    const plan = planOf({ expression, ...more });
    const error = await rejectionOf(simulate(twinEngine(), plan));
    expect(error.code).toBe('invalid-spec');
    expect(error.message).toMatch(message);
    using engine = fastCpuEngine({ threads: 0 });
    expect((await rejectionOf(simulate(engine, plan))).message).toBe(error.message);
    await simulate(engine, planOf({ expression: 'd' }));
  });

  test('has parameters that a sweep can sweep, each point checked beforehand', () => {
    const base = { ...ruleSpec, rule: known.pair };
    const sweep = parseSweep({ base, axes: { 'rule.parameters.tau': [10, 20] } });
    expect(sweep.pointAt(1).spec.rule!.parameters.tau).toBe(20);
    const error = errorOf(() => parseSweep({ base, axes: { 'rule.parameters.tau': [10, 0] } }));
    expect(error.message).toMatch(/point 1 \(rule\.parameters\.tau = 0\): .*line 2, column \d+: .* can divide by 0/);
    expect(errorOf(() => parseSweep({ base, axes: { 'rule.parameters.tua': [1] } })).message).toContain(
      'rule.parameters.tau',
    );
  });
});
