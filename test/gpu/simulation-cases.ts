import type { GpuContext } from '../../src/gpu/context.ts';
import type { Engine } from '../../src/stdp/engine.ts';
import { gpuEngine } from '../../src/stdp/gpu-engine.ts';
import { parseSpec } from '../../src/stdp/parse-spec.ts';
import { type ExperimentPlan, planExperiment } from '../../src/stdp/plan.ts';
import { stdpShaders } from '../../src/stdp/shaders.ts';
import { type SimulateOptions, type Simulation, simulate } from '../../src/stdp/simulate.ts';
import { twinEngine } from '../../src/stdp/twin.ts';
import { assertSameArray, assertSameSimulation } from '../support/compare.ts';
import { sampleSpecs } from '../support/specs.ts';
import type { GpuCase } from './case.ts';

/** An experiment with all that can be asked of it, and the twin's answer. */
interface Experiment {
  readonly plan: ExperimentPlan;
  readonly options: SimulateOptions;
  readonly expected: Promise<Simulation>;
}

const experiments = new Map<string, Experiment>();

/** The experiment of a sample spec; the twin computes it once. */
export function sampleExperiment(name: string): Experiment {
  const known = experiments.get(name);
  if (known) return known;
  const plan = planExperiment(parseSpec(sampleSpecs[name]));
  const { sequences, trials } = plan.spec;
  const options = {
    rates: true,
    traces: [
      { sequence: 0, trial: 0 },
      { sequence: sequences - 1, trial: trials - 1 },
    ],
  };
  const experiment = { plan, options, expected: simulate(twinEngine(), plan, options) };
  experiments.set(name, experiment);
  return experiment;
}

/** An engine whose tiles hold no more than the given region. */
export function withLargestRegion(engine: Engine, region: { sequences: number; steps?: number }): Engine {
  return {
    largestRegion: (plan) => ({ sequences: region.sequences, steps: region.steps ?? plan.pairedSteps }),
    openTile: (plan, part) => engine.openTile(plan, part),
  };
}

async function assertEqualsTwin(name: string, engine: Engine, options: SimulateOptions = {}): Promise<void> {
  const experiment = sampleExperiment(name);
  const actual = await simulate(engine, experiment.plan, { ...experiment.options, ...options });
  assertSameSimulation(actual, await experiment.expected);
}

/** Both neurons spike at every step: every pair is made in every trial. */
const always = { peak: 1, drive: { mean: 50, sd: 20 } };

/** Where the kernels go over from short sums to wide ones, and from one round of counters to two. */
const largestCounts: GpuCase = {
  name: 'counts as large as trials make them: every count and sum equals the twin on either side of what kernels hold',
  async run(context) {
    for (const trials of [8191, 20_000, 50_000, 65536]) {
      const pairing = { scheme: 'all-to-all', coincidence: 'causal', window: 3, edges: 'truncate' };
      const spec = { sequences: 1, steps: 24, trials, pre: always, post: always, pairing };
      const plan = planExperiment(parseSpec(spec));
      const expected = await simulate(twinEngine(), plan);
      const { pairs } = expected.tallies;
      assertSameArray('pairs', [pairs[3]!, pairs[7]!], [24 * trials, 24 * trials]);
      assertSameSimulation(await simulate(gpuEngine(context), plan), expected);
    }
  },
};

export const simulationCases: readonly GpuCase[] = Object.keys(sampleSpecs)
  .flatMap((name): GpuCase[] => [
    {
      name: `${name}: every count, sum, rate and spike equals the twin`,
      run: (context) => assertEqualsTwin(name, gpuEngine(context)),
    },
    {
      name: `${name}: the number of trials in a dispatch and how the kernels shift, read planes and share work change nothing`,
      async run(context) {
        const { trials } = sampleExperiment(name).plan.spec;
        const { software } = context.adapter;
        const shaders = { ...stdpShaders, slowShifts: !software, planesInTexture: !software, forCpu: !software };
        await assertEqualsTwin(name, gpuEngine(context, shaders), { chunk: Math.ceil(trials / 45) });
      },
    },
    {
      name: `${name}: tiles of two sequences change nothing`,
      run: (context) => assertEqualsTwin(name, withLargestRegion(gpuEngine(context), { sequences: 2 })),
    },
    {
      name: `${name}: cutting sequences into slices of steps changes nothing`,
      run: (context) => assertEqualsTwin(name, withLargestRegion(gpuEngine(context), { sequences: 1, steps: 37 })),
    },
  ])
  .concat(largestCounts);

/** Throws unless the context computes what the twin computes. */
export function assertUsable(context: GpuContext): Promise<void> {
  return assertEqualsTwin('the default drives', gpuEngine(context));
}
