import thresholdText from '../../../shaders/stdp/threshold.wgsl?raw';
import type { GpuContext } from '../../gpu/context.ts';
import type { ShaderPiece } from '../../gpu/source.ts';
import { uniformBlock } from '../../gpu/uniforms.ts';
import { USAGE, Workspace } from '../../gpu/workspace.ts';
import { PURPOSE } from '../../random/address.ts';
import { NORMAL_FRACTION_BITS, normalTable } from '../../random/normal.ts';
import { block, constants, normal, philox, piece, shifts, wide } from '../shaders.ts';
import type { TrialRun } from '../trial-run.ts';
import { LARGEST_WINDOW } from './parse-threshold.ts';
import type { ThresholdPlan } from './threshold-plan.ts';
import type { ThresholdSums } from './threshold-twin.ts';

const WORKGROUP_SIZE = 64;
/** Spreads the cost of a workgroup's histogram. */
const TRIALS_PER_THREAD = 16;

export const thresholdParams = uniformBlock('ThresholdParams', {
  seed: 'u32',
  firstTrial: 'u32',
  trials: 'u32',
  trialsPerThread: 'u32',
  window: 'u32',
  depth: 'u32',
  noise: 'u32',
});

const purposes: ShaderPiece = {
  file: 'src/stdp/threshold/gpu-threshold.ts (constants)',
  text: Object.entries({
    START_PURPOSE: PURPOSE.thresholdStart,
    NOISE_PURPOSE: PURPOSE.thresholdNoise,
    NORMAL_FRACTION_BITS,
    MOST_WINDOW: LARGEST_WINDOW,
  })
    .map(([name, value]) => `const ${name} = ${value}u;`)
    .join('\n'),
};

const shared: readonly ShaderPiece[] = [constants, purposes, shifts, wide, philox];
const kernel: readonly ShaderPiece[] = [block(thresholdParams), piece('stdp/threshold.wgsl', thresholdText)];

/** The pieces of `threshold.wgsl`, in order. @param noisy with noise on the voltage */
export function thresholdKernel(noisy: boolean): readonly ShaderPiece[] {
  return [...shared, ...(noisy ? [normal] : []), ...kernel];
}

/**
 * Threshold crossings on a GPU. The device stays the caller's.
 *
 * @param slowShifts how the kernel shifts, default as suits the adapter; changes no result
 */
export async function openGpuThreshold(
  context: GpuContext,
  plan: ThresholdPlan,
  slowShifts = context.adapter.software,
): Promise<TrialRun<ThresholdSums>> {
  const workspace = new Workspace(context);
  try {
    return await openIn(workspace, plan, slowShifts);
  } catch (error) {
    workspace.destroy();
    throw error;
  }
}

async function openIn(
  workspace: Workspace,
  plan: ThresholdPlan,
  slowShifts: boolean,
): Promise<TrialRun<ThresholdSums>> {
  const { spec, slopes, depth, noise } = plan;
  const { seed, window } = spec;
  const noisy = noise > 0;
  const bytes = slopes.length * (window + 1) * 4;
  const pipeline = await workspace.pipeline('threshold crossing', thresholdKernel(noisy), {
    switches: { NOISE: noisy, SLOW_SHIFTS: slowShifts },
  });
  const [params, slopeTable, counts] = await Promise.all([
    workspace.buffer('threshold parameters', USAGE.uniform, thresholdParams.size),
    workspace.buffer('slopes', USAGE.table, slopes),
    workspace.buffer('crossings', USAGE.readable, bytes),
  ]);
  const normals = noisy ? await workspace.buffer('normal table', USAGE.table, normalTable()) : undefined;
  const bindings = workspace.bind(pipeline, [params, slopeTable, counts, normals]);
  const perWorkgroup = WORKGROUP_SIZE * TRIALS_PER_THREAD;
  let trials = 0;
  return {
    mostTrials: workspace.context.device.limits.maxComputeWorkgroupsPerDimension * perWorkgroup,
    async run(firstTrial, count) {
      const values = { seed, firstTrial, trials: count, trialsPerThread: TRIALS_PER_THREAD, window, depth, noise };
      workspace.context.writeBuffer(params, thresholdParams.pack(values));
      await Promise.all([
        workspace.dispatch(pipeline, bindings, Math.ceil(count / perWorkgroup), slopes.length),
        workspace.context.idle(),
      ]);
      trials += count;
    },
    read: async () => ({ trials, counts: new Uint32Array(await workspace.read(counts, 0, bytes)) }),
    destroy: () => workspace.destroy(),
  };
}
