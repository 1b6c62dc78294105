import type { GpuContext } from '../../gpu/context.ts';
import { USAGE, Workspace } from '../../gpu/workspace.ts';
import { normalTable } from '../../random/normal.ts';
import { neuronParams } from '../gpu-rates.ts';
import { logisticTable } from '../rho.ts';
import { neuronBlock } from '../shaders.ts';
import type { TrialRun } from '../trial-run.ts';
import type { LoopPlan } from './loop-plan.ts';
import {
  BOUNDS,
  DRIVES,
  loopKernel,
  loopParams,
  loopSumsKernel,
  loopSumsParams,
  TRIAL_RECORD_BYTES,
} from './loop-shaders.ts';
import { type LoopSums, SUM_WORDS } from './loop-sums.ts';

const WORKGROUP_SIZE = 64;
/** What the records of the trials of one dispatch may take. */
const VALUES_BYTES = 2 ** 26;

/**
 * A closed loop on a GPU. The device stays the caller's.
 *
 * @param slowShifts how the kernels shift, default as suits the adapter; changes no result
 */
export async function openGpuLoop(
  context: GpuContext,
  plan: LoopPlan,
  slowShifts = context.adapter.software,
): Promise<TrialRun<LoopSums>> {
  const workspace = new Workspace(context);
  try {
    return await openIn(workspace, plan, slowShifts);
  } catch (error) {
    workspace.destroy();
    throw error;
  }
}

async function openIn(workspace: Workspace, plan: LoopPlan, slowShifts: boolean): Promise<TrialRun<LoopSums>> {
  const { device } = workspace.context;
  const { limits } = device;
  const rows = plan.records + 1;
  const { bins } = plan.spec.record;
  const bytes = Math.min(VALUES_BYTES, limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const mostTrials = Math.min(
    Math.ceil(plan.spec.trials / WORKGROUP_SIZE) * WORKGROUP_SIZE,
    Math.floor(bytes / (rows * TRIAL_RECORD_BYTES)),
    limits.maxComputeWorkgroupsPerDimension * WORKGROUP_SIZE,
  );
  const { pieces, switches } = loopKernel(plan, slowShifts);
  const [loop, summing] = await Promise.all([
    workspace.pipeline('closed loop', pieces, { switches }),
    workspace.pipeline('closed-loop sums', loopSumsKernel, { switches: { SLOW_SHIFTS: slowShifts } }),
  ]);
  const [params, neurons, normals, values, sumsParams, edges, words, histogram] = await Promise.all([
    workspace.buffer('closed-loop parameters', USAGE.uniform, loopParams.size),
    workspace.buffer('closed-loop neurons', USAGE.table, neuronTable(plan)),
    workspace.buffer('normal table', USAGE.table, normalTable()),
    workspace.buffer('closed-loop records', USAGE.storage, mostTrials * rows * TRIAL_RECORD_BYTES),
    workspace.buffer('closed-loop sums parameters', USAGE.uniform, loopSumsParams.size),
    workspace.buffer('weight edges', USAGE.table, plan.edges),
    workspace.buffer('closed-loop sums', USAGE.readable, rows * SUM_WORDS * 4),
    workspace.buffer('weight histogram', USAGE.readable, rows * (bins + 2) * 4),
  ]);
  const logistic = switches.LOGISTIC
    ? await workspace.buffer('logistic table', USAGE.table, logisticTable())
    : undefined;
  const pairs = switches.PAIRS
    ? await workspace.buffer('pair changes', USAGE.table, new BigInt64Array(plan.pairs))
    : undefined;
  const loopBindings = workspace.bind(loop, [params, neurons, normals, values, logistic, pairs]);
  const sumsBindings = workspace.bind(summing, [sumsParams, values, edges, words, histogram]);
  let trials = 0;
  return {
    mostTrials,
    async run(first, count) {
      workspace.context.writeBuffer(params, loopParams.pack(loopValues(plan, first, count)));
      workspace.context.writeBuffer(sumsParams, loopSumsParams.pack({ trials: count, bins }));
      await Promise.all([
        workspace.dispatch(loop, loopBindings, Math.ceil(count / WORKGROUP_SIZE)),
        workspace.dispatch(summing, sumsBindings, rows),
        workspace.context.idle(),
      ]);
      trials += count;
    },
    async read() {
      const [sums, counts] = await Promise.all([
        workspace.read(words, 0, rows * SUM_WORDS * 4),
        workspace.read(histogram, 0, rows * (bins + 2) * 4),
      ]);
      return { trials, words: new Uint32Array(sums), histogram: new Uint32Array(counts) };
    },
    destroy: () => workspace.destroy(),
  };
}

function neuronTable({ pre, post }: LoopPlan): Uint8Array<ArrayBuffer> {
  return new Uint8Array(neuronBlock.packArray([neuronParams(pre), neuronParams(post)]));
}

function loopValues(plan: LoopPlan, firstTrial: number, trials: number): Parameters<typeof loopParams.pack>[0] {
  const { spec, pre, post, burnIn, eta, initial, range, rateScale, preEpsilon, postEpsilon } = plan;
  const driveOf = ({ drive }: LoopPlan['pre']) => (drive.type === 'table' ? DRIVES.noise : DRIVES[drive.type]);
  const logistic = ({ rho }: LoopPlan['pre']) => (rho.type === 'logistic' ? 1 : 0);
  return {
    seed: spec.seed,
    firstTrial,
    trials,
    burnIn,
    steps: spec.steps,
    every: spec.record.every,
    preDrive: driveOf(pre),
    postDrive: driveOf(post),
    preLogistic: logistic(pre),
    postLogistic: logistic(post),
    etaMantissa: eta.mantissa,
    etaShift: eta.shift,
    initialLow: initial.low,
    initialRange: initial.range,
    bounds: BOUNDS[spec.loop.bounds.type],
    lowWeight: range?.low ?? 0,
    highWeight: range?.high ?? 0,
    rangeMantissa: range?.mantissa ?? 0,
    rangeShift: range?.shift ?? 0,
    rateScale,
    preEpsilon,
    postEpsilon,
    window: spec.pairing.window,
  };
}
