import { USAGE, type Workspace } from '../gpu/workspace.ts';
import { PURPOSE } from '../random/address.ts';
import { normalTable } from '../random/normal.ts';
import type { Neuron } from './drive.ts';
import type { BatchPart } from './gpu-batch.ts';
import type { NeuronPlan } from './plan.ts';
import { PLANES } from './probability.ts';
import { logisticTable } from './rho.ts';
import { driveParams, neuronBlock, probabilityParams, rowBlock, type StdpShaders } from './shaders.ts';

/** Rates of the sequences of a tile, one row a sequence. */
export interface RateBuffers {
  /** Address and experiment of each row. */
  readonly rows: GPUBuffer;
  /** s in fixed point, shape [rows][steps + 1]. */
  readonly preStates: GPUBuffer;
  readonly postStates: GPUBuffer;
  /** Bit planes of the spike probabilities, shape [2][rows][words][32]. */
  readonly planes: GPUBuffer;
  /** ρ of the presynaptic neuron, shape [rows][steps]. */
  readonly preRates: GPUBuffer;
  /** That of the postsynaptic neuron, where a user's rule may ask for it. */
  readonly postRates?: GPUBuffer;
}

/** A tile on its way: what the steps below share. */
interface Drawing {
  readonly workspace: Workspace;
  readonly shaders: StdpShaders;
  readonly parts: readonly BatchPart[];
  readonly rows: number;
  readonly buffers: RateBuffers;
}

/** Draws the activities of all parts on the device and derives the rates and spike probabilities. */
export async function drawRates(
  workspace: Workspace,
  parts: readonly BatchPart[],
  shaders: StdpShaders,
): Promise<RateBuffers> {
  const [{ plan }] = parts as [BatchPart];
  const { spec, words } = plan;
  const rows = parts.reduce((sum, { region }) => sum + region.sequences, 0);
  const states = (neuron: Neuron) => workspace.buffer(`${neuron} states`, USAGE.exchanged, rows * (spec.steps + 1) * 4);
  const [rowTable, preStates, postStates, planes, preRates] = await Promise.all([
    workspace.buffer('rows', USAGE.table, rowBlock.packArray(parts.flatMap(rowsOf))),
    states('pre'),
    states('post'),
    workspace.buffer('probability planes', USAGE.readable, 2 * rows * words * PLANES * 4),
    workspace.buffer('pre rates', USAGE.storage, rows * spec.steps * 4),
  ]);
  const postRates = plan.rule && (await workspace.buffer('post rates', USAGE.storage, rows * spec.steps * 4));
  const buffers = { rows: rowTable, preStates, postStates, planes, preRates, ...(postRates ? { postRates } : {}) };
  const drawing: Drawing = { workspace, shaders, parts, rows, buffers };
  for (const neuron of ['pre', 'post'] as const) {
    const params = parts.map((part) => neuronParams(part.plan[neuron]));
    const neurons = await workspace.buffer(`${neuron} neurons`, USAGE.table, neuronBlock.packArray(params));
    await drawStates(drawing, neuron, neurons);
    await deriveProbabilities(drawing, neuron, neurons);
  }
  return buffers;
}

/** Integrated activities of one neuron, by leaky integration or from the user's table. */
async function drawStates(
  { workspace, shaders, parts, rows, buffers }: Drawing,
  neuron: Neuron,
  neurons: GPUBuffer,
): Promise<void> {
  const [{ plan }] = parts as [BatchPart];
  const { type } = plan[neuron].drive;
  const states = neuron === 'pre' ? buffers.preStates : buffers.postStates;
  if (type === 'table') {
    uploadStates(workspace, parts, neuron, states);
    return;
  }
  const params = await workspace.buffer(
    `${neuron} drive parameters`,
    USAGE.uniform,
    driveParams.pack({
      rows,
      steps: plan.spec.steps,
      drivePurpose: neuron === 'pre' ? PURPOSE.preDrive : PURPOSE.postDrive,
      startPurpose: neuron === 'pre' ? PURPOSE.preStart : PURPOSE.postStart,
    }),
  );
  const noise = type === 'noise';
  const pieces = noise ? shaders.noiseDrive : shaders.levelDrive;
  const pipeline = await workspace.pipeline(`${type} drive`, pieces, {
    switches: { NOISE: noise, STEPS: type === 'steps', RAMPS: type === 'ramps', SLOW_SHIFTS: shaders.slowShifts },
  });
  const tables = noise ? [await workspace.buffer('normal table', USAGE.table, normalTable())] : [];
  const bindings = workspace.bind(pipeline, [params, buffers.rows, neurons, states, ...tables]);
  await workspace.dispatchThreads(pipeline, bindings, rows, 64);
}

function uploadStates(workspace: Workspace, parts: readonly BatchPart[], neuron: Neuron, states: GPUBuffer): void {
  let row = 0;
  for (const { plan, region } of parts) {
    const { drive } = plan[neuron];
    const width = plan.spec.steps + 1;
    const { firstSequence, sequences } = region;
    if (drive.type === 'table') {
      const values = drive.states.slice(firstSequence * width, (firstSequence + sequences) * width);
      workspace.context.device.queue.writeBuffer(states, row * width * 4, values);
    }
    row += sequences;
  }
}

/** Firing rates and bit planes of the spike probabilities of one neuron. */
async function deriveProbabilities(
  { workspace, shaders, parts, rows, buffers }: Drawing,
  neuron: Neuron,
  neurons: GPUBuffer,
): Promise<void> {
  const [{ plan }] = parts as [BatchPart];
  const isPre = neuron === 'pre';
  const rates = isPre ? buffers.preRates : buffers.postRates;
  const logistic = plan[neuron].rho.type === 'logistic';
  const params = await workspace.buffer(
    `${neuron} probability parameters`,
    USAGE.uniform,
    probabilityParams.pack({ rows, steps: plan.spec.steps, words: plan.words, firstRow: isPre ? 0 : rows }),
  );
  const pipeline = await workspace.pipeline(`${neuron} probability`, shaders.probability, {
    switches: { LOGISTIC: logistic, RATES: rates !== undefined, SLOW_SHIFTS: shaders.slowShifts },
  });
  const bindings = workspace.bind(pipeline, [
    params,
    buffers.rows,
    neurons,
    isPre ? buffers.preStates : buffers.postStates,
    buffers.planes,
    rates,
    logistic ? await workspace.buffer('logistic table', USAGE.table, logisticTable()) : undefined,
  ]);
  await workspace.dispatchThreads(pipeline, bindings, rows * plan.words, 64);
}

/** The sequences of a part, as rows of the tile. */
function rowsOf({ plan, region, endTrial = plan.spec.trials }: BatchPart, part: number) {
  const { seed } = plan.spec;
  return Array.from({ length: region.sequences }, (_, n) => ({
    part,
    seed,
    sequence: region.firstSequence + n,
    endTrial,
  }));
}

/** A neuron's plan as the kernels take it; what its drive or rate does not have is 0. */
export function neuronParams({ drive, epsilon, rho, peak, fractionBits }: NeuronPlan) {
  const level = drive.type === 'steps' || drive.type === 'ramps' ? drive : undefined;
  const noise = drive.type === 'noise' ? drive : undefined;
  const ramps = drive.type === 'ramps' ? drive : undefined;
  const logistic = rho.type === 'logistic' ? rho : undefined;
  return {
    epsilonMantissa: epsilon.mantissa,
    epsilonShift: epsilon.shift,
    mean: noise?.mean ?? 0,
    sd: noise?.sd ?? 0,
    startSd: noise?.startSd ?? 0,
    low: level?.low ?? 0,
    range: level?.range ?? 0,
    redrawAtMost: drive.type === 'steps' ? drive.redrawAtMost : 0,
    burnIn: level?.burnIn ?? 0,
    numerator: ramps?.numerator ?? 0,
    denominator: ramps?.denominator ?? 1,
    increment: ramps?.increment ?? 0,
    fractionBits,
    peak,
    beta1: rho.type === 'hard-sigmoid' ? rho.beta1 : 0,
    midpoint: logistic?.midpoint ?? 0,
    slopeMantissa: logistic?.mantissa ?? 0,
    slopeShift: logistic?.shift ?? 0,
  };
}
