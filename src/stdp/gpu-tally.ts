import { USAGE, type Workspace } from '../gpu/workspace.ts';
import type { BatchPart } from './gpu-batch.ts';
import type { RateBuffers } from './gpu-rates.ts';
import { type StdpShaders, tallyParams } from './shaders.ts';
import type { Tallies } from './tallies.ts';

const WORKGROUP_SIZE = 64;

/** Counts are below this without WIDE_COUNTS in the tally kernels. */
const WIDE_COUNTS_FROM = 2 ** 16;

/** Vectors of four bins that hold the bins of one step. */
export function binGroups(bins: number): number {
  return Math.ceil(bins / 4);
}

/** Switches of the kernels that read the histogram. */
export type TallySwitches = {
  readonly SLOW_SHIFTS: boolean;
  readonly WIDE_COUNTS: boolean;
};

/** @param trials that were counted, together */
export function tallySwitches({ slowShifts }: StdpShaders, trials: number): TallySwitches {
  return { SLOW_SHIFTS: slowShifts, WIDE_COUNTS: trials >= WIDE_COUNTS_FROM };
}

/** What trials have counted on the device. */
export interface CountedTrials {
  readonly parts: readonly BatchPart[];
  /** First row of each part. */
  readonly firstRows: readonly number[];
  readonly rows: number;
  readonly trials: number;
  readonly firstTrial: number;
  readonly buffers: RateBuffers & {
    /** Shape [rows][recorded steps][4 binGroups]: the bins of a step and what fills up the last vector of four. */
    readonly histogram: GPUBuffer;
    /** Shape [rows][2]: presynaptic, postsynaptic. */
    readonly spikeCounts: GPUBuffer;
  };
}

/** Reduces the histogram of a batch to the tallies of every part, by bin and by cell. */
export async function tallyTrialsOnGpu(
  workspace: Workspace,
  shaders: StdpShaders,
  { parts, firstRows, rows, trials, firstTrial, buffers }: CountedTrials,
): Promise<readonly Tallies[]> {
  const [{ plan, region }] = parts as [BatchPart];
  const { bins, spec } = plan;
  const { steps } = region;
  const groups = binGroups(bins);
  const cells = rows * steps;
  const binCells = rows * bins;
  const kernels = new Int32Array(parts.length * groups * 4);
  parts.forEach((part, index) => {
    kernels.set(part.plan.kernelFixed, index * groups * 4);
  });
  const values = {
    ...{ rows, bins, binGroups: groups },
    ...{ steps: spec.steps, firstRecorded: region.firstStep, recordedSteps: steps },
  };
  const switches = tallySwitches(shaders, trials);
  const [params, kernel, rateSums, spikeSums, pairs, cellRates, cellPairs, curve, cell] = await Promise.all([
    workspace.buffer('tally parameters', USAGE.uniform, tallyParams.pack(values)),
    workspace.buffer('kernels', USAGE.table, kernels),
    workspace.buffer('rate sums', USAGE.readable, binCells * 8),
    workspace.buffer('spike sums', USAGE.readable, binCells * 8),
    workspace.buffer('pairs', USAGE.readable, binCells * 4),
    workspace.buffer('cell rates', USAGE.readable, cells * 4),
    workspace.buffer('cell pairs', USAGE.readable, cells * 8),
    workspace.pipeline('curve tally', shaders.curveTally, { switches }),
    workspace.pipeline('cell tally', shaders.cellTally, { switches }),
  ]);
  const { histogram, postStates, preRates } = buffers;
  const cellBindings = [params, histogram, postStates, preRates, buffers.rows, kernel, cellRates, cellPairs];
  const curveBindings = [params, histogram, postStates, cellRates, rateSums, spikeSums, pairs];
  const dispatches = [
    workspace.dispatchThreads(cell, workspace.bind(cell, cellBindings), cells, WORKGROUP_SIZE),
    workspace.dispatchThreads(curve, workspace.bind(curve, curveBindings), rows * groups, WORKGROUP_SIZE),
  ];
  const read = (buffer: GPUBuffer, bytes: number) => workspace.read(buffer, 0, bytes);
  const [results] = await Promise.all([
    Promise.all([
      read(rateSums, binCells * 8),
      read(spikeSums, binCells * 8),
      read(pairs, binCells * 4),
      read(cellRates, cells * 4),
      read(cellPairs, cells * 8),
      read(buffers.spikeCounts, rows * 8),
    ]),
    ...dispatches,
  ]);
  workspace.free(params, kernel, rateSums, spikeSums, pairs, cellRates, cellPairs);
  const counts = new Uint32Array(results[5]);
  const preSpikes = counts.filter((_, index) => index % 2 === 0);
  const postSpikes = counts.filter((_, index) => index % 2 === 1);
  return parts.map((part, index) => {
    const row = firstRows[index]!;
    const end = row + part.region.sequences;
    return {
      region: part.region,
      trials: Math.min(trials, (part.endTrial ?? part.plan.spec.trials) - firstTrial),
      rateSums: new BigInt64Array(results[0]).slice(row * bins, end * bins),
      spikeSums: new BigInt64Array(results[1]).slice(row * bins, end * bins),
      pairs: new Uint32Array(results[2]).slice(row * bins, end * bins),
      cellRates: new Int32Array(results[3]).slice(row * steps, end * steps),
      cellPairs: new BigInt64Array(results[4]).slice(row * steps, end * steps),
      preSpikes: preSpikes.slice(row, end),
      postSpikes: postSpikes.slice(row, end),
    };
  });
}
