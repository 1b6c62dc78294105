import { EngineError } from '../../src/errors.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import type { Engine } from '../../src/stdp/engine.ts';
import { gpuEngine } from '../../src/stdp/gpu-engine.ts';
import { parseSpec } from '../../src/stdp/parse-spec.ts';
import { type ExperimentPlan, planExperiment } from '../../src/stdp/plan.ts';
import { ruleWgsl } from '../../src/stdp/rule/emit-wgsl.ts';
import { ruleEvaluator } from '../../src/stdp/rule/evaluate.ts';
import { parseRule } from '../../src/stdp/rule/parse-rule.ts';
import { variableNames } from '../../src/stdp/rule/syntax.ts';
import { simulate } from '../../src/stdp/simulate.ts';
import { twinEngine } from '../../src/stdp/twin.ts';
import { assertSameArray } from '../support/compare.ts';
import { goodRules, malformedRules, ruleSpec } from '../support/rules.ts';
import { assert, engineErrorOf, type GpuCase } from './case.ts';
import { runKernel } from './run-kernel.ts';
import { withLargestRegion } from './simulation-cases.ts';

const planOf = (rule: object, more: object = {}): ExperimentPlan =>
  planExperiment(parseSpec({ ...ruleSpec, ...more, rule }));

/** Expression, and how far WGSL's accuracy lets its value be from the exact one: units in the last place, or in all. */
const accuracies: readonly (readonly [string, { readonly ulps?: number; readonly absolute?: number }])[] = [
  ...[
    'd + ds_post',
    'd - rho_post',
    'd * ds_post',
    '-d',
    'abs(d)',
    'min(d, t)',
    'max(d, t)',
    'clamp(d, -2.5, rho_pre)',
  ],
  ...['sign(d)', 'floor(d)', 'ceil(d)', 'round(d)', 'round(d * 4.0 + 0.5)', 'trunc(d)', 'step(rho_pre, d)', 'k'],
  ...[
    'select(d, t, d > t)',
    'select(d, t, d < t)',
    'select(d, t, d <= t)',
    'select(d, t, d >= t)',
    'select(d, t, d == t)',
  ],
  ...['select(d, t, d != t && !(t > 3.0))', 'select(d, t, d > t || rho_pre < 0.5)', 'select(0.0, t, true)'],
].map((expression) => [expression, { ulps: 0 }] as const);

const inexact: typeof accuracies = [
  ['d / t', { ulps: 2.5 }],
  ['d % 3.0', { absolute: 2 ** -20 }],
  ['fract(d)', { absolute: 2 ** -20 }],
  ['smoothstep(-3.0, 4.0, d)', { absolute: 2 ** -21 }],
  ['mix(d, t, rho_pre)', { absolute: 2 ** -17 }],
  ['fma(d, t, rho_pre)', { absolute: 2 ** -14 }],
  ['exp(d)', { ulps: 24 }],
  ['exp2(d)', { ulps: 24 }],
  ['log(t)', { ulps: 4, absolute: 2 ** -21 }],
  ['log2(t)', { ulps: 4, absolute: 2 ** -21 }],
  ['sqrt(t)', { ulps: 4 }],
  ['inverseSqrt(t)', { ulps: 2 }],
  ['pow(t, d / 4.0)', { ulps: 256 }],
  ['pow(rho_post, 2.0)', { ulps: 64 }],
  ['sin(d / 4.0)', { absolute: 2 ** -11 }],
  ['cos(d / 4.0)', { absolute: 2 ** -11 }],
  ['tanh(d)', { absolute: 1e-5 }],
];

/** Values of the variables, one row after the other. */
const points = Float32Array.from(
  Array.from({ length: 64 }, (_, i) => [
    (i - 32) * 0.3125,
    Math.sin(i) * 0.4,
    (i + 1) / 64,
    i === 0 ? 0 : Math.abs(Math.cos(i)),
    i < 8 ? (i + 1) / 8 : i * 1.75,
  ]).flat(),
);

/** The value of an expression at every point, on the GPU; NaN for a fault. */
async function valuesOnGpu(context: GpuContext, expression: string): Promise<Float32Array> {
  const count = points.length / variableNames.length;
  const variables = variableNames.map((_, index) => `points[5u * i + ${index}u]`).join(', ');
  const words = await runKernel(context, {
    pieces: [{ file: 'the rule', text: ruleWgsl(parseRule(expression, ['k'])) }],
    kernel: `
      @group(0) @binding(0) var<storage, read> points: array<f32>;
      @group(0) @binding(1) var<storage, read> ruleParameters: array<f32>;
      @group(0) @binding(2) var<storage, read_write> values: array<u32>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
        let i = thread.x;
        let result = ruleValue(1u, ${variables});
        values[i] = select(bitcast<u32>(result.value), 0x7fc00000u, result.fault) + u32(ruleParameters[0]);
      }`,
    inputs: [new Int32Array(points.buffer), new Int32Array(Float32Array.of(0, 0.37).buffer)],
    outputWords: count,
    workgroups: count / 64,
  });
  return new Float32Array(words.buffer);
}

async function assertAccurate(
  context: GpuContext,
  [expression, { ulps = 0, absolute = 0 }]: (typeof accuracies)[number],
) {
  const actual = await valuesOnGpu(context, expression);
  const { valueAt } = ruleEvaluator(parseRule(expression, ['k']), Float32Array.of(0.37));
  actual.forEach((value, row) => {
    const [d, ds_post, rho_pre, rho_post, t] = points.subarray(row * 5, row * 5 + 5) as unknown as number[];
    const expected = valueAt({ d: d!, ds_post: ds_post!, rho_pre: rho_pre!, rho_post: rho_post!, t: t! });
    if (Number.isNaN(expected) && Number.isNaN(value)) return;
    const ulp = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(expected), 2 ** -126))) - 23);
    const allowed = Math.max(ulps * ulp, absolute);
    const where = `${expression} at d = ${d}, ds_post = ${ds_post}, rho_pre = ${rho_pre}, rho_post = ${rho_post}, t = ${t}`;
    assert(Math.abs(value - expected) <= allowed, `${where}: ${value} instead of ${expected}, ${allowed} allowed`);
  });
}

/** All that it computes is exact in float32, so that every adapter gives the same. */
const exactRule = {
  expression:
    'select(-k, k, d > 0.0) * d * 0.125 + t * select(1.0, -2.0, ds_post > 0.0) + floor(rho_pre * 8.0) * floor(rho_post * 4.0)',
  parameters: { k: 3 },
  step: 2 ** -12,
};

/** @param tolerance by which the weight change of a pair may differ */
async function assertEqualsTwin(
  context: GpuContext,
  plan: ExperimentPlan,
  { engine = gpuEngine(context), tolerance = 0 }: { readonly engine?: Engine; readonly tolerance?: number } = {},
): Promise<void> {
  const [actual, expected] = await Promise.all([simulate(engine, plan), simulate(twinEngine(), plan)]);
  assert(actual.tallies.rule !== undefined, 'there are no tallies of the rule');
  const perPair = tolerance * 2 ** plan.rule!.fractionBits;
  const assertClose = (name: 'binSums' | 'cellSums', pairsOf: (index: number) => number) => {
    const ours = actual.tallies.rule![name];
    const theirs = expected.tallies.rule![name];
    assertSameArray(`${name}: length`, [ours.length], [theirs.length]);
    ours.forEach((sum, index) => {
      const off = Math.abs(Number(sum - theirs[index]!));
      assert(off <= perPair * pairsOf(index), `${name}[${index}] is ${sum} instead of ${theirs[index]}`);
    });
  };
  assertClose('binSums', (index) => expected.tallies.pairs[index]!);
  assertClose('cellSums', () => plan.spec.trials);
}

export const ruleCases: readonly GpuCase[] = [
  {
    name: "every operator and function of a user's rule is as accurate as WGSL promises",
    async run(context) {
      for (const accuracy of [...accuracies, ...inexact]) await assertAccurate(context, accuracy);
    },
  },
  {
    name: "a part of a user's rule without a finite result is a fault, also where nobody looks at it",
    async run(context) {
      for (const [expression, faults] of [
        ['1.0 / d', [32]],
        ['sqrt(d)', Array.from({ length: 32 }, (_, i) => i)],
        ['log(d) * 0.0', Array.from({ length: 33 }, (_, i) => i)],
        ['select(d, 1.0 / d, d != 0.0)', []],
        ['select(0.0, 1.0, d != 0.0 && 1.0 / d > 0.0)', []],
        ['exp(d * d)', [...Array.from({ length: 12 }, (_, i) => i), ...Array.from({ length: 11 }, (_, i) => 53 + i)]],
        ['1e18 * d', [...Array.from({ length: 29 }, (_, i) => i), ...Array.from({ length: 28 }, (_, i) => 36 + i)]],
        ['pow(rho_post, -1.0)', [0]],
      ] as const) {
        const values = await valuesOnGpu(context, expression);
        const found = [...values.keys()].filter((row) => Number.isNaN(values[row]));
        assertSameArray(`faults of ${expression}`, found, faults);
      }
    },
  },
  {
    name: "a user's rule gives the sums of the twin, in tiles, in slices and with many trials",
    async run(context) {
      await assertEqualsTwin(context, planOf(exactRule));
      await assertEqualsTwin(context, planOf(exactRule), {
        engine: withLargestRegion(gpuEngine(context), { sequences: 1, steps: 7 }),
      });
      await assertEqualsTwin(context, planOf(exactRule, { sequences: 1, steps: 26, trials: 70000, post: { peak: 1 } }));
      // What WGSL promises of sin and cos.
      const pairing = { scheme: 'all-to-all', coincidence: 'causal', window: 12 };
      await assertEqualsTwin(context, planOf(exactRule, { pairing }));
      for (const rule of goodRules) await assertEqualsTwin(context, planOf(rule), { tolerance: 2 ** -10 });
    },
  },
  {
    name: "experiments whose users' rules differ in their numbers share dispatches",
    async run(context) {
      const engine = gpuEngine(context);
      const shards = [
        planOf(exactRule),
        planOf(
          { ...exactRule, parameters: { k: -7 }, step: 2 ** -10 },
          { seed: 2, sequences: 3, post: { drive: { sd: 30 } } },
        ),
      ].map((plan) => ({ plan, firstTrial: 0, endTrial: plan.spec.trials }));
      const [first, second] = shards as [(typeof shards)[number], (typeof shards)[number]];
      assert(engine.shareBatch(first, second), 'they do not');
      const other = { ...first, plan: planOf({ expression: 'd' }) };
      assert(!engine.shareBatch(first, other), 'other rules share them too');
      const none = { ...first, plan: planExperiment(parseSpec(ruleSpec)) };
      assert(!engine.shareBatch(first, none), 'experiments without a rule share them too');
      const pace = { chunk: (_: number, left: number) => left, measured: () => undefined };
      const tallies = await engine.runBatch(shards, { pace: pace as never });
      for (const [index, { plan }] of shards.entries()) {
        const alone = (await simulate(engine, plan)).tallies.rule!;
        const { binSums, cellSums } = tallies![index]!.rule!;
        assertSameArray('binSums', binSums, alone.binSums);
        assertSameArray('cellSums', cellSums, alone.cellSums);
      }
    },
  },
  {
    name: "a malformed user's rule and one that fails for a pair leave the engine usable",
    async run(context) {
      const engine = gpuEngine(context);
      for (const [expression, , , , more] of malformedRules) {
        try {
          planOf({ expression, ...more });
          throw new Error(`${expression} was accepted`);
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
        }
      }
      const failing: readonly object[] = [
        { expression: '1.0 / (rho_pre - rho_pre)' },
        { expression: '1e9 * d * ds_post * ds_post', step: 2 ** -30 },
        { expression: 'd +\n log(ds_post * ds_post - 0.5)' },
      ];
      for (const rule of failing) {
        const { message } = await engineErrorOf('invalid-spec', () => simulate(engine, planOf(rule)));
        const expected = await engineErrorOf('invalid-spec', () => simulate(twinEngine(), planOf(rule)));
        assert(message === expected.message, `${message} instead of ${expected.message}`);
      }
      await assertEqualsTwin(context, planOf(exactRule));
    },
  },
];
