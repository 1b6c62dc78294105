import tripletTallyText from '../../shaders/stdp/triplet-tally.wgsl?raw';
import { USAGE, type Workspace } from '../gpu/workspace.ts';
import { powerOfTwo } from '../numeric/elementary.ts';
import type { BatchPart } from './gpu-batch.ts';
import { block, piece, type StdpShaders, shifts, wide } from './shaders.ts';
import { tripletParams, tripletTallyParams } from './triplet-params.ts';

const WORKGROUP_SIZE = 64;

/** The pieces of the kernel that sums triplets. */
export const tripletTally = [
  shifts,
  wide,
  block(tripletTallyParams),
  piece('stdp/triplet-tally.wgsl', tripletTallyText),
];

/** What triplet-trials.wgsl binds beside the rest. */
export interface TripletBuffers {
  readonly params: GPUBuffer;
  readonly terms: GPUBuffer;
  readonly decays: GPUBuffer;
  /** Shape [rows][recorded steps][2D + 1][2]. */
  readonly sums: GPUBuffer;
}

/** What earlier spikes add to the weight changes of one part, units 2^−G. */
export interface TripletTallies {
  /** By bin, shape [sequences][B]. */
  readonly binSums: BigInt64Array;
  /** By cell, shape [sequences][recorded steps]. */
  readonly cellSums: BigInt64Array;
}

/** Uploads the triplet rules of the parts of a batch, which have the same unit of traces. */
export async function tripletBuffers(
  workspace: Workspace,
  parts: readonly BatchPart[],
  rows: number,
): Promise<TripletBuffers> {
  const plans = parts.map(({ plan }) => plan.triplet!);
  const [{ plan, region }] = parts as [BatchPart];
  const distances = 2 * plan.spec.pairing.window + 1;
  const decaySteps = plans.reduce(
    (most, { preDecay, postDecay }) => Math.max(most, preDecay.length, postDecay.length),
    1,
  );
  const terms = new Uint32Array(parts.length * distances);
  const decays = new Uint32Array(parts.length * 2 * decaySteps);
  plans.forEach(({ tripletTerms, preDecay, postDecay }, part) => {
    terms.set(tripletTerms, part * distances);
    decays.set(preDecay, part * 2 * decaySteps);
    decays.set(postDecay, (part * 2 + 1) * decaySteps);
  });
  const one = powerOfTwo(plan.triplet!.traceBits);
  const [params, termTable, decayTable, sums] = await Promise.all([
    workspace.buffer('triplet parameters', USAGE.uniform, tripletParams.pack({ one, decaySteps })),
    workspace.buffer('triplet terms', USAGE.table, terms),
    workspace.buffer('trace decays', USAGE.table, decays),
    workspace.buffer('triplet sums', USAGE.storage, rows * region.steps * distances * 8),
  ]);
  return { params, terms: termTable, decays: decayTable, sums };
}

/** Sums what was counted, for each part. */
export async function tallyTripletsOnGpu(
  workspace: Workspace,
  shaders: StdpShaders,
  parts: readonly BatchPart[],
  firstRows: readonly number[],
  counted: GPUBuffer,
): Promise<readonly TripletTallies[]> {
  const [{ plan, region }] = parts as [BatchPart];
  const { bins, spec, triplet } = plan;
  const { steps } = region;
  const distances = 2 * spec.pairing.window + 1;
  const rows = firstRows.at(-1)! + parts.at(-1)!.region.sequences;
  const [params, binSums, cellSums] = await Promise.all([
    workspace.buffer(
      'triplet tally parameters',
      USAGE.uniform,
      tripletTallyParams.pack({ rows, recordedSteps: steps, distances, firstAfter: triplet!.firstAfter }),
    ),
    workspace.buffer('triplet sums by distance', USAGE.readable, rows * distances * 8),
    workspace.buffer('triplet sums by cell', USAGE.readable, rows * steps * 8),
  ]);
  const sum = async (CELLS: boolean, sums: GPUBuffer, threads: number) => {
    const switches = { CELLS, SLOW_SHIFTS: shaders.slowShifts };
    const pipeline = await workspace.pipeline('triplet tally', tripletTally, { switches });
    const bindings = workspace.bind(pipeline, [params, counted, sums]);
    await workspace.dispatchThreads(pipeline, bindings, threads, WORKGROUP_SIZE);
    return new BigInt64Array(await workspace.read(sums, 0, threads * 8));
  };
  try {
    const [byDistance, byCell] = await Promise.all([
      sum(false, binSums, rows * distances),
      sum(true, cellSums, rows * steps),
    ]);
    return parts.map(({ region: { sequences } }, part) => {
      const row = firstRows[part]!;
      const ofPart = new BigInt64Array(sequences * bins);
      for (let n = 0; n < sequences; n++) {
        ofPart.set(byDistance.subarray((row + n) * distances, (row + n + 1) * distances), n * bins);
      }
      return { binSums: ofPart, cellSums: byCell.slice(row * steps, (row + sequences) * steps) };
    });
  } finally {
    workspace.free(params, binSums, cellSums);
  }
}
