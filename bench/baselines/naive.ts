import type { GpuContext } from '../../src/gpu/context.ts';
import { uniformBlock } from '../../src/gpu/uniforms.ts';
import { checkTallies } from '../../src/stdp/check.ts';
import type { ExperimentPlan } from '../../src/stdp/plan.ts';
import { rateRule } from '../../src/stdp/probability.ts';
import { rhoOf } from '../../src/stdp/rho.ts';
import { philox, shifts, wide } from '../../src/stdp/shaders.ts';
import { emptyTallies, type Rates, type Tallies, wholeRegion } from '../../src/stdp/tallies.ts';
import type { PassTimer } from '../pass-timer.ts';
import { timed, type Workload, WorstVerdict } from '../workload.ts';
import naiveText from './naive.wgsl?raw';

const naiveParams = uniformBlock('NaiveParams', {
  seed: 'u32',
  steps: 'u32',
  window: 'u32',
  firstPaired: 'u32',
  pairedSteps: 'u32',
  firstTrial: 'u32',
  trials: 'u32',
});

const WORKGROUP_SIZE = 64;
/** Fraction bits of the rate rule: a sequence's sums stay within 32 bits for some thousand trials. */
const RATE_FRACTION_BITS = 16;

export interface NaiveOptions {
  /** Use all four words of a Philox block; otherwise one draw of the generator is one spike decision. */
  readonly wholeBlocks: boolean;
  readonly timer?: PassTimer | undefined;
}

/** The first kernel that anyone writes, on the rates of an experiment. */
export interface NaiveKernel {
  /** Runs the experiment's trials; waits until they are done. */
  dispatch(repeats: number): Promise<void>;
  /** Reads what was counted since the last time, and starts over. Rate sums in the units of `checkTallies`. */
  takeTallies(): Promise<Tallies>;
  destroy(): void;
}

/** @param rates of all sequences of the plan. */
export async function openNaiveKernel(
  context: GpuContext,
  plan: ExperimentPlan,
  rates: Rates,
  wholeBlocks: boolean,
): Promise<NaiveKernel> {
  const { device } = context;
  const { spec, bins, words, firstPaired, pairedSteps } = plan;
  const pipeline = await context.guard(
    context.pipelines.get({
      label: 'naive trials',
      pieces: [
        { file: 'naive.ts (constants)', text: `const WORDS = ${words}u;\nconst BINS = ${bins}u;` },
        shifts,
        wide,
        philox,
        { file: 'naive.ts (parameters)', text: naiveParams.wgsl },
        { file: 'bench/baselines/naive.wgsl', text: naiveText },
      ],
      switches: { WHOLE_BLOCKS: wholeBlocks, SLOW_SHIFTS: false },
    }),
  );
  const table = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const counted = table | GPUBufferUsage.COPY_SRC;
  const buffer = (label: string, usage: number, contents: Parameters<GpuContext['createBuffer']>[2]) =>
    context.createBuffer(`naive ${label}`, usage, contents);
  const params = await buffer('parameters', GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST, naiveParams.size);
  const pre = await buffer('pre probabilities', table, new Uint32Array(rates.preProbabilities));
  const post = await buffer('post probabilities', table, new Uint32Array(rates.postProbabilities));
  const rateTable = await buffer('rates', table, ratesOfCells(plan, rates));
  const pairs = await buffer('pairs', counted, spec.sequences * bins * 4);
  const rateSums = await buffer('rate sums', counted, spec.sequences * bins * 4);
  const spikeCounts = await buffer('spike counts', counted, spec.sequences * 8);
  const buffers = [params, pre, post, rateTable, pairs, rateSums, spikeCounts];
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((resource, binding) => ({ binding, resource: { buffer: resource } })),
  });
  let firstTrial = 0;
  let runs = 0;
  return {
    async dispatch(repeats) {
      for (let repeat = 0; repeat < repeats; repeat++) {
        const values = { seed: spec.seed, steps: spec.steps, window: spec.pairing.window, trials: spec.trials };
        context.writeBuffer(params, naiveParams.pack({ ...values, firstPaired, pairedSteps, firstTrial }));
        const encoder = device.createCommandEncoder({ label: 'naive trials' });
        const pass = encoder.beginComputePass({ label: 'naive trials' });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindings);
        pass.dispatchWorkgroups(Math.ceil(spec.trials / WORKGROUP_SIZE), spec.sequences);
        pass.end();
        device.queue.submit([encoder.finish()]);
        firstTrial += spec.trials;
        runs++;
      }
      await context.idle();
    },
    async takeTallies() {
      const read = async (from: GPUBuffer) => context.guard(context.readback.read(from));
      const [pairCounts, sums, counts] = await Promise.all([read(pairs), read(rateSums), read(spikeCounts)]);
      const encoder = device.createCommandEncoder({ label: 'naive clear' });
      for (const cleared of [pairs, rateSums, spikeCounts]) encoder.clearBuffer(cleared);
      device.queue.submit([encoder.finish()]);
      const tallies = emptyTallies(wholeRegion(plan, 0, spec.sequences), bins);
      tallies.pairs.set(new Uint32Array(pairCounts));
      const unit = 2 ** (plan.post.fractionBits - RATE_FRACTION_BITS);
      tallies.rateSums.set(BigInt64Array.from(new Int32Array(sums), (sum) => BigInt(Math.round(sum * unit))));
      const spikes = new Uint32Array(counts);
      tallies.preSpikes.set(spikes.filter((_, index) => index % 2 === 0));
      tallies.postSpikes.set(spikes.filter((_, index) => index % 2 === 1));
      const trials = runs * spec.trials;
      runs = 0;
      return { ...tallies, trials };
    },
    destroy() {
      for (const one of buffers) context.destroyBuffer(one);
    },
  };
}

/** The naive kernel as a workload; every sample is checked by itself. */
export async function naiveWorkload(
  name: string,
  context: GpuContext,
  plan: ExperimentPlan,
  rates: Rates,
  { wholeBlocks, timer }: NaiveOptions,
): Promise<Workload> {
  const kernel = await openNaiveKernel(context, plan, rates, wholeBlocks);
  const worst = new WorstVerdict();
  return {
    name,
    async run(repeats) {
      const span = await (timer?.span ?? timed).call(timer, () => kernel.dispatch(repeats));
      const { passed, chance } = checkTallies(await kernel.takeTallies(), [rates], plan);
      worst.add({ correct: passed, chance });
      return span;
    },
    verify: async () => worst.verdict,
    close: () => kernel.destroy(),
  };
}

/** The rate rule of every cell in units of 2⁻¹⁶, shape [sequences][steps]. */
function ratesOfCells(plan: ExperimentPlan, { preStates, postStates }: Rates): Int32Array<ArrayBuffer> {
  const { steps, sequences } = plan.spec;
  const unit = 2 ** (RATE_FRACTION_BITS - plan.post.fractionBits);
  return Int32Array.from({ length: sequences * steps }, (_, cell) => {
    const state = cell + Math.floor(cell / steps);
    const change = postStates[state + 1]! - postStates[state]!;
    return Math.round(rateRule(change, rhoOf(preStates[state]!, plan.pre)) * unit);
  });
}
