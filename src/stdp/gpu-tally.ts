import { USAGE, type Workspace } from '../gpu/workspace.ts';
import type { BatchPart } from './gpu-batch.ts';
import type { ReadableCounts } from './gpu-counts.ts';
import type { RateBuffers } from './gpu-rates.ts';
import type { ExperimentPlan } from './plan.ts';
import { type StdpShaders, tallyParams } from './shaders.ts';
import type { Tallies } from './tallies.ts';

const WORKGROUP_SIZE = 64;

/** Threads that reduce cells: enough to fill a large GPU, or the cores of a CPU. */
const MOST_CELL_THREADS = { hardware: 2 ** 20, software: 2 ** 11 } as const;

/** What trials have counted on the device. */
export interface CountedTrials {
  readonly parts: readonly BatchPart[];
  /** First row of each part. */
  readonly firstRows: readonly number[];
  readonly rows: number;
  readonly trials: number;
  readonly firstTrial: number;
  readonly counts: ReadableCounts;
  readonly buffers: RateBuffers & {
    /** Shape [rows][2]: presynaptic, postsynaptic. */
    readonly spikeCounts: GPUBuffer;
  };
}

/** Reduces the counts of a batch to the tallies of every part, by bin and by cell. */
export async function tallyTrialsOnGpu(
  workspace: Workspace,
  shaders: StdpShaders,
  { parts, firstRows, rows, trials, firstTrial, counts, buffers }: CountedTrials,
): Promise<readonly Tallies[]> {
  const [{ plan, region }] = parts as [BatchPart];
  const { bins, spec } = plan;
  const { steps } = region;
  const { counters, stepVectors } = counts;
  const { window } = spec.pairing;
  const cells = rows * steps;
  const binCells = rows * bins;
  const words = stepVectors * 4;
  const kernels = new Int32Array(parts.length * words * 2);
  parts.forEach((part, index) => {
    kernels.set(kernelByWord(part.plan, words), index * words * 2);
  });
  const values = {
    ...{ rows, bins, window, stepVectors },
    ...{ steps: spec.steps, firstRecorded: region.firstStep, recordedSteps: steps },
    ...counts.together,
  };
  const switches = { ...counts.switches, SLOW_SHIFTS: shaders.slowShifts };
  const [params, kernel, cellTerms, rateSums, spikeSums, pairs, cellRates, cellPairs, curve, cell] = await Promise.all([
    workspace.buffer('tally parameters', USAGE.uniform, tallyParams.pack(values)),
    workspace.buffer('kernels', USAGE.table, kernels),
    workspace.buffer('cell terms', USAGE.storage, cells * 16),
    workspace.buffer('rate sums', USAGE.readable, binCells * 8),
    workspace.buffer('spike sums', USAGE.readable, binCells * 8),
    workspace.buffer('pairs', USAGE.readable, binCells * 4),
    workspace.buffer('cell rates', USAGE.readable, cells * 4),
    workspace.buffer('cell pairs', USAGE.readable, cells * 8),
    workspace.pipeline('curve tally', [counts.products, ...shaders.curveTally], { switches }),
    workspace.pipeline('cell tally', [counts.products, ...shaders.cellTally], { switches }),
  ]);
  const kind = shaders.forCpu ? 'software' : 'hardware';
  const cellThreads = Math.min(rows * Math.ceil(steps / 4), MOST_CELL_THREADS[kind]);
  const { postStates, preRates } = buffers;
  const cellBindings = [params, counters, postStates, preRates, buffers.rows, kernel, cellRates, cellPairs, cellTerms];
  const curveBindings = [params, counters, cellTerms, rateSums, spikeSums, pairs];
  const dispatches = [
    workspace.dispatchThreads(cell, workspace.bind(cell, cellBindings), cellThreads, WORKGROUP_SIZE),
    workspace.dispatchThreads(curve, workspace.bind(curve, curveBindings), rows * stepVectors, WORKGROUP_SIZE),
  ];
  const bytesOf = (buffer: GPUBuffer, bytes: number) => workspace.read(buffer, 0, bytes);
  const [results] = await Promise.all([
    Promise.all([
      bytesOf(rateSums, binCells * 8),
      bytesOf(spikeSums, binCells * 8),
      bytesOf(pairs, binCells * 4),
      bytesOf(cellRates, cells * 4),
      bytesOf(cellPairs, cells * 8),
      bytesOf(buffers.spikeCounts, rows * 8),
    ]),
    ...dispatches,
  ]);
  workspace.free(params, kernel, cellTerms, rateSums, spikeSums, pairs, cellRates, cellPairs);
  const spikes = new Uint32Array(results[5]);
  const read = {
    rateSums: new BigInt64Array(results[0]),
    spikeSums: new BigInt64Array(results[1]),
    pairs: new Uint32Array(results[2]),
    cellRates: new Int32Array(results[3]),
    cellPairs: new BigInt64Array(results[4]),
    preSpikes: spikes.filter((_, index) => index % 2 === 0),
    postSpikes: spikes.filter((_, index) => index % 2 === 1),
  };
  // Parts of what was read rather than copies: of thousands of small experiments these would take longer than the rest.
  return parts.map((part, index) => {
    const row = firstRows[index]!;
    const end = row + part.region.sequences;
    return {
      region: part.region,
      trials: Math.min(trials, (part.endTrial ?? part.plan.spec.trials) - firstTrial),
      rateSums: read.rateSums.subarray(row * bins, end * bins),
      spikeSums: read.spikeSums.subarray(row * bins, end * bins),
      pairs: read.pairs.subarray(row * bins, end * bins),
      cellRates: read.cellRates.subarray(row * steps, end * steps),
      cellPairs: read.cellPairs.subarray(row * steps, end * steps),
      preSpikes: read.preSpikes.subarray(row, end),
      postSpikes: read.postSpikes.subarray(row, end),
    };
  });
}

/**
 * Weight changes by bin in the order of the counters (shaders/stdp/counters.wgsl): of four words those before, then those
 * after.
 *
 * @param words of a step
 */
function kernelByWord({ kernelFixed, spec }: ExperimentPlan, words: number): Int32Array {
  const { window } = spec.pairing;
  const ordered = new Int32Array(2 * words);
  for (let w = 0; w <= window; w++) {
    const before = 2 * w - (w % 4);
    ordered[before] = kernelFixed[window - w]!;
    // That of word 0 counts spikes, which change no weight.
    if (w > 0) ordered[before + 4] = kernelFixed[window + w]!;
  }
  return ordered;
}
