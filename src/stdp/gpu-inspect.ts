// Reads what a batch has on the device of one of its parts: rates, and the spikes of a trial. Loaded where they are asked for.
import traceText from '../../shaders/stdp/trace.wgsl?raw';
import { uniformBlock } from '../gpu/uniforms.ts';
import { USAGE, type Workspace } from '../gpu/workspace.ts';
import type { BatchPart } from './gpu-batch.ts';
import type { RateBuffers } from './gpu-rates.ts';
import { PLANES, probabilitiesOf } from './probability.ts';
import { recordedTrials, trainsOf } from './recorded.ts';
import { block, piece, type StdpShaders, sampling } from './shaders.ts';
import type { SpikeTrains } from './spikes.ts';
import type { Rates } from './tallies.ts';

export const traceParams = uniformBlock('TraceParams', {
  seed: 'u32',
  sequence: 'u32',
  trial: 'u32',
  row: 'u32',
  rows: 'u32',
  words: 'u32',
});

/** The pieces of the kernel that draws the spikes of a trial. */
export const traceKernel = [...sampling, block(traceParams), piece('stdp/trace.wgsl', traceText)];

/** A part among the rows of its batch. */
export interface PlacedPart {
  readonly part: BatchPart;
  readonly firstRow: number;
  /** Rows of the batch. */
  readonly rows: number;
  readonly buffers: RateBuffers;
}

export async function readRates(workspace: Workspace, { part, firstRow, rows, buffers }: PlacedPart): Promise<Rates> {
  const { firstSequence, sequences } = part.region;
  const { words, spec } = part.plan;
  const { steps } = spec;
  const { preStates, postStates, planes } = buffers;
  const bytesOfStates = (steps + 1) * 4;
  const wordsOfPlanes = words * PLANES;
  const readRows = (buffer: GPUBuffer, row: number, bytesPerRow: number) =>
    workspace.read(buffer, row * bytesPerRow, sequences * bytesPerRow);
  const [pre, post, prePlanes, postPlanes] = await Promise.all([
    readRows(preStates, firstRow, bytesOfStates),
    readRows(postStates, firstRow, bytesOfStates),
    readRows(planes, firstRow, wordsOfPlanes * 4),
    readRows(planes, rows + firstRow, wordsOfPlanes * 4),
  ]);
  const probabilities = (bits: ArrayBuffer) => {
    const result = new Uint32Array(sequences * steps);
    for (let n = 0; n < sequences; n++) {
      result.set(probabilitiesOf(new Uint32Array(bits, n * wordsOfPlanes * 4, wordsOfPlanes), steps), n * steps);
    }
    return result;
  };
  return {
    firstSequence,
    sequences,
    preStates: new Int32Array(pre),
    postStates: new Int32Array(post),
    preProbabilities: probabilities(prePlanes),
    postProbabilities: probabilities(postPlanes),
  };
}

export async function readSpikes(
  workspace: Workspace,
  { slowShifts }: StdpShaders,
  { part, firstRow, rows, buffers }: PlacedPart,
  sequence: number,
  trial: number,
): Promise<SpikeTrains> {
  const { plan, region } = part;
  if (plan.recording) return trainsOf(recordedTrials(plan.recording, plan, sequence, trial, 1));
  const { words } = plan;
  const row = firstRow + sequence - region.firstSequence;
  const values = { seed: plan.spec.seed, sequence, trial, row, rows, words };
  const [params, spikes, pipeline] = await Promise.all([
    workspace.buffer('trace parameters', USAGE.uniform, traceParams.pack(values)),
    workspace.buffer('trace spikes', USAGE.readable, words * 8),
    workspace.pipeline('trace', traceKernel, {
      switches: { SLOW_SHIFTS: slowShifts, RECORDED: false, PLANES_IN_TEXTURE: false },
    }),
  ]);
  const dispatched = workspace.dispatch(pipeline, workspace.bind(pipeline, [params, buffers.planes, spikes]), 1);
  const [bytes] = await Promise.all([workspace.read(spikes, 0, words * 8), dispatched]);
  workspace.free(params, spikes);
  const both = new Uint32Array(bytes);
  return { pre: both.slice(0, words), post: both.slice(words) };
}
