import { openGpuLoop } from '../../src/stdp/closed-loop/gpu-loop.ts';
import { planLoop } from '../../src/stdp/closed-loop/loop-plan.ts';
import { openLoopTwin } from '../../src/stdp/closed-loop/loop-twin.ts';
import { parseLoopSpec } from '../../src/stdp/closed-loop/parse-loop.ts';
import { runLoop } from '../../src/stdp/closed-loop/run-loop.ts';
import { openGpuThreshold } from '../../src/stdp/threshold/gpu-threshold.ts';
import { parseThresholdSpec } from '../../src/stdp/threshold/parse-threshold.ts';
import { runThreshold } from '../../src/stdp/threshold/run-threshold.ts';
import { planThreshold } from '../../src/stdp/threshold/threshold-plan.ts';
import { openThresholdTwin } from '../../src/stdp/threshold/threshold-twin.ts';
import { assertSameArray } from '../support/compare.ts';
import type { GpuCase } from './case.ts';

/** A neuron of each kind, with leaks that make the burn-in short. */
const neurons = {
  noise: { epsilon: 0.3, peak: 0.4 },
  steps: { epsilon: 0.21, peak: 0.7, drive: { type: 'steps', hold: 4 }, rho: { type: 'logistic' } },
  ramps: { epsilon: 0.4, peak: 1, drive: { type: 'ramps', knots: 7 }, rho: { type: 'logistic', slope: 3 } },
} as const;

const pairings = [
  { window: 3, scheme: 'nearest-exclusive' },
  { window: 15, scheme: 'all-to-all', coincidence: 'causal' },
  { window: 64, scheme: 'nearest-symmetric', coincidence: 'acausal' },
  { window: 15, scheme: 'nearest-reduced', coincidence: 'causal' },
  { window: 64, scheme: 'nearest-presynaptic' },
  { window: 3, scheme: 'nearest-exclusive', coincidence: 'acausal' },
];

const bounds = [{ type: 'none' }, { type: 'hard', low: 0.2, high: 0.7 }, { type: 'soft', low: -3, high: 3 }];

/** Every input × rule × bounds, with the drives, rates, sizes and windows changing from one to the next. */
const loops = (['rate', 'spike'] as const).flatMap((input) =>
  (['rate', 'spike', 'pair'] as const).map((rule, place) => ({
    name: `${input} input, ${rule} rule`,
    specs: bounds.map((bound, index) => {
      const kinds = Object.values(neurons);
      return parseLoopSpec({
        seed: 4294967295 - index,
        trials: 70 + index,
        steps: 75 + index,
        pre: kinds[(index + place) % 3],
        post: kinds[(index + place + (input === 'rate' ? 1 : 2)) % 3],
        loop: {
          input,
          rule,
          eta: index === 0 ? 0.1 : 0.25,
          bounds: bound,
          initialWeight: index === 0 ? 0.4 : { low: 0.3, high: 0.6 },
        },
        pairing: pairings[(index + (input === 'rate' ? 0 : 3)) % pairings.length],
        kernel: { aPlus: 0.7, aMinus: 0.9, tauPlus: 5 },
        record: { every: [9, 75, 1][index], bins: [1, 40, 256][index] },
      });
    }),
  })),
);

export const closedLoopCases: readonly GpuCase[] = [
  ...loops.map(({ name, specs }) => ({
    name: `closed loop, ${name}: every sum and histogram equals the twin under all bounds, in one dispatch or many`,
    async run(context: Parameters<GpuCase['run']>[0]) {
      for (const spec of specs) {
        const plan = planLoop(spec);
        const { sums: expected } = await runLoop(openLoopTwin(plan), plan);
        const run = await openGpuLoop(context, plan, spec.loop.input === 'rate');
        const { sums } = await runLoop(run, plan, spec.loop.bounds.type === 'hard' ? {} : { chunk: 17 });
        assertSameArray('trials', [sums.trials], [expected.trials]);
        assertSameArray(`${spec.loop.bounds.type} sums`, sums.words, expected.words);
        assertSameArray(`${spec.loop.bounds.type} histogram`, sums.histogram, expected.histogram);
      }
    },
  })),
  ...[0, 0.3].map((noise) => ({
    name: `threshold crossing, noise ${noise}: every count equals the twin, in one dispatch or many`,
    async run(context: Parameters<GpuCase['run']>[0]) {
      const spec = { seed: 77, trials: 3000, noise, window: 40, threshold: 0.5, low: -1.5, slopes: { count: 5 } };
      const plan = planThreshold(parseThresholdSpec(spec));
      const { sums: expected } = await runThreshold(openThresholdTwin(plan), plan);
      const other = await openGpuThreshold(context, plan, !context.adapter.software);
      for (const { sums } of [
        await runThreshold(await openGpuThreshold(context, plan), plan),
        await runThreshold(other, plan, { chunk: 1001 }),
      ]) {
        assertSameArray('counts', sums.counts, expected.counts);
      }
    },
  })),
];
