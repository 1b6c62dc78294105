import type { GpuContext } from '../gpu/context.ts';
import { USAGE, Workspace } from '../gpu/workspace.ts';
import { addIntegers } from '../numeric/int64.ts';
import { drawRates, type RateBuffers } from './gpu-rates.ts';
import { type RecordingBuffer, recordingBuffer, writeRecording } from './gpu-recording.ts';
import type { TripletBuffers, TripletTallies } from './gpu-triplet.ts';
import { pairsOnce, schemeFlags } from './pairing-schemes.ts';
import type { ExperimentPlan } from './plan.ts';
import { PLANES, probabilitiesOf } from './probability.ts';
import { recordedTrials, trainsOf } from './recorded.ts';
import type { CountedBatch } from './rule/gpu-rule.ts';
import { loadedRules } from './rule/load-rules.ts';
import type { RuleTallies } from './rule/rule-tallies.ts';
import { type StdpShaders, tallyParams, traceParams, trialsParams } from './shaders.ts';
import type { SpikeTrains } from './spikes.ts';
import type { Rates, Region, Tallies } from './tallies.ts';

const WORKGROUP_SIZE = 64;
/** A thread takes up to this many trials, which spreads the cost of its workgroup's last reduction. */
const MOST_TRIALS_PER_THREAD = 8;
/** Enough workgroups to fill a large GPU, or the cores of a CPU; below that, threads take fewer trials. */
const WORKGROUPS_WANTED = { hardware: 2048, software: 256 } as const;

/** Counts are below this without WIDE_COUNTS in the tally kernels. */
const WIDE_COUNTS_FROM = 2 ** 16;

/** Vectors of four bins that hold the bins of one step. */
export function binGroups(bins: number): number {
  return Math.ceil(bins / 4);
}

/** A region of one of several experiments that share their dispatches. */
export interface BatchPart {
  readonly plan: ExperimentPlan;
  readonly region: Region;
  /** Trials from this one on are left out; default: those of the spec. */
  readonly endTrial?: number;
}

interface BatchBuffers extends RateBuffers {
  /** Shape [rows][recorded steps][4 binGroups]: the bins of a step and what fills up the last vector of four. */
  readonly histogram: GPUBuffer;
  /** Shape [rows][2]: presynaptic, postsynaptic. */
  readonly spikeCounts: GPUBuffer;
  readonly triplet?: TripletBuffers;
  readonly recording?: RecordingBuffer;
}

/**
 * Regions of one or more experiments in device memory. Their sequences are the rows of common buffers, so that many
 * small experiments cost as many dispatches as one.
 */
export class GpuBatch {
  readonly parts: readonly BatchPart[];
  readonly #workspace: Workspace;
  readonly #shaders: StdpShaders;
  /** What all parts have in common is read from the first. */
  readonly #plan: ExperimentPlan;
  readonly #recorded: { readonly first: number; readonly steps: number };
  readonly #rows: number;
  #buffers!: BatchBuffers;
  #firstTrial: number | undefined;
  #trials = 0;
  #firstRows: readonly number[];
  #running!: { pipeline: GPUComputePipeline; params: GPUBuffer; bindings: GPUBindGroup };

  private constructor(context: GpuContext, parts: readonly BatchPart[], shaders: StdpShaders) {
    const [{ plan, region }] = parts as [BatchPart];
    this.parts = parts;
    this.#workspace = new Workspace(context);
    this.#shaders = shaders;
    this.#plan = plan;
    this.#recorded = { first: region.firstStep, steps: region.steps };
    const firstRows: number[] = [];
    this.#rows = parts.reduce((sum, part) => {
      firstRows.push(sum);
      return sum + part.region.sequences;
    }, 0);
    this.#firstRows = firstRows;
  }

  static async open(context: GpuContext, parts: readonly BatchPart[], shaders: StdpShaders): Promise<GpuBatch> {
    const batch = new GpuBatch(context, parts, shaders);
    try {
      await batch.#prepare();
      return batch;
    } catch (error) {
      batch.destroy();
      throw error;
    }
  }

  /** Runs trials `first` … `first + count − 1` of every sequence of every part that has them. */
  async runTrials(first: number, count: number): Promise<void> {
    const recording = this.#buffers.recording;
    const most = recording?.trials ?? count;
    for (let done = 0; done < count; done += most) {
      const here = Math.min(most, count - done);
      if (recording) writeRecording(this.#workspace, recording, this.parts, first + done, here);
      await this.#dispatchTrials(first + done, here);
    }
    this.#firstTrial ??= first;
    this.#trials += count;
  }

  async #dispatchTrials(first: number, count: number): Promise<void> {
    const { context } = this.#workspace;
    const { pipeline, params, bindings } = this.#running;
    const workgroupsAtOneEach = Math.ceil(count / WORKGROUP_SIZE);
    const wanted = WORKGROUPS_WANTED[context.adapter.software ? 'software' : 'hardware'];
    const trialsPerThread = Math.max(
      Math.ceil(workgroupsAtOneEach / context.device.limits.maxComputeWorkgroupsPerDimension),
      Math.min(MOST_TRIALS_PER_THREAD, Math.floor((workgroupsAtOneEach * this.#rows) / wanted), workgroupsAtOneEach),
      1,
    );
    context.writeBuffer(
      params,
      trialsParams.pack({
        rows: this.#rows,
        words: this.#plan.words,
        window: this.#plan.spec.pairing.window,
        firstTrial: first,
        trials: count,
        trialsPerThread,
        firstRecorded: this.#recorded.first,
        endRecorded: this.#recorded.first + this.#recorded.steps,
        recordedSteps: this.#recorded.steps,
      }),
    );
    await Promise.all([
      this.#workspace.dispatch(pipeline, bindings, Math.ceil(workgroupsAtOneEach / trialsPerThread), this.#rows),
      context.idle(),
    ]);
  }

  /** Tallies of every part. */
  async readTallies(): Promise<readonly Tallies[]> {
    const { bins, spec } = this.#plan;
    const { steps, first } = this.#recorded;
    const { histogram, postStates, preRates, spikeCounts, rows } = this.#buffers;
    const groups = binGroups(bins);
    const cells = this.#rows * steps;
    const binCells = this.#rows * bins;
    const trials = this.#trials;
    const params = await this.#workspace.buffer(
      'tally parameters',
      USAGE.uniform,
      tallyParams.pack({
        rows: this.#rows,
        steps: spec.steps,
        bins,
        binGroups: groups,
        firstRecorded: first,
        recordedSteps: steps,
      }),
    );
    const kernels = new Int32Array(this.parts.length * groups * 4);
    this.parts.forEach(({ plan }, part) => {
      kernels.set(plan.kernelFixed, part * groups * 4);
    });
    const kernel = await this.#workspace.buffer('kernels', USAGE.table, kernels);
    const [rateSums, spikeSums, pairs, cellRates, cellPairs] = await Promise.all([
      this.#workspace.buffer('rate sums', USAGE.readable, binCells * 8),
      this.#workspace.buffer('spike sums', USAGE.readable, binCells * 8),
      this.#workspace.buffer('pairs', USAGE.readable, binCells * 4),
      this.#workspace.buffer('cell rates', USAGE.readable, cells * 4),
      this.#workspace.buffer('cell pairs', USAGE.readable, cells * 8),
    ]);
    const switches = { SLOW_SHIFTS: this.#shaders.slowShifts, WIDE_COUNTS: trials >= WIDE_COUNTS_FROM };
    const [curve, cell] = await Promise.all([
      this.#workspace.pipeline('curve tally', this.#shaders.curveTally, { switches }),
      this.#workspace.pipeline('cell tally', this.#shaders.cellTally, { switches }),
    ]);
    const dispatches = [
      this.#workspace.dispatchThreads(
        cell,
        this.#workspace.bind(cell, [params, histogram, postStates, preRates, rows, kernel, cellRates, cellPairs]),
        cells,
        WORKGROUP_SIZE,
      ),
      this.#workspace.dispatchThreads(
        curve,
        this.#workspace.bind(curve, [params, histogram, postStates, cellRates, rateSums, spikeSums, pairs]),
        this.#rows * groups,
        WORKGROUP_SIZE,
      ),
    ];
    const rules = this.#tallyRules(switches);
    // A failure is thrown where it is awaited; until then it must not pass for one that nobody handles.
    rules?.catch(() => undefined);
    const triplets = this.#tallyTriplets();
    triplets.catch(() => undefined);
    const read = (buffer: GPUBuffer, bytes: number) => this.#workspace.read(buffer, 0, bytes);
    const [results] = await Promise.all([
      Promise.all([
        read(rateSums, binCells * 8),
        read(spikeSums, binCells * 8),
        read(pairs, binCells * 4),
        read(cellRates, cells * 4),
        read(cellPairs, cells * 8),
        read(spikeCounts, this.#rows * 8),
      ]),
      ...dispatches,
    ]);
    const ruleTallies = await rules;
    const tripletTallies = await triplets;
    this.#workspace.free(params, kernel, rateSums, spikeSums, pairs, cellRates, cellPairs);
    const counts = new Uint32Array(results[5]);
    const preSpikes = counts.filter((_, index) => index % 2 === 0);
    const postSpikes = counts.filter((_, index) => index % 2 === 1);
    const firstTrial = this.#firstTrial ?? 0;
    return this.parts.map(({ plan, region, endTrial = plan.spec.trials }, part) => {
      const row = this.#firstRows[part]!;
      const end = row + region.sequences;
      return {
        region,
        trials: Math.min(trials, endTrial - firstTrial),
        rateSums: new BigInt64Array(results[0]).slice(row * bins, end * bins),
        spikeSums: new BigInt64Array(results[1]).slice(row * bins, end * bins),
        pairs: new Uint32Array(results[2]).slice(row * bins, end * bins),
        cellRates: new Int32Array(results[3]).slice(row * steps, end * steps),
        cellPairs: withTriplets(
          new BigInt64Array(results[4]).slice(row * steps, end * steps),
          tripletTallies?.[part]?.cellSums,
        ),
        preSpikes: preSpikes.slice(row, end),
        postSpikes: postSpikes.slice(row, end),
        ...(ruleTallies ? { rule: ruleTallies[part]! } : {}),
        ...(tripletTallies ? { tripletSums: tripletTallies[part]!.binSums } : {}),
      };
    });
  }

  /** Sums of the users' rules of every part, where they have any. */
  #tallyRules(switches: CountedBatch['switches']): Promise<readonly RuleTallies[]> | undefined {
    const { postRates, ...buffers } = this.#buffers;
    if (!postRates) return undefined;
    return loadedRules().tallyRulesOnGpu(this.#workspace, {
      parts: this.parts,
      firstRows: this.#firstRows,
      rows: this.#rows,
      binGroups: binGroups(this.#plan.bins),
      buffers: { ...buffers, postRates },
      switches,
    });
  }

  async #tallyTriplets(): Promise<readonly TripletTallies[] | undefined> {
    const { triplet } = this.#buffers;
    if (!triplet) return undefined;
    const { tallyTripletsOnGpu } = await loadTriplets();
    return tallyTripletsOnGpu(this.#workspace, this.#shaders, this.parts, this.#firstRows, triplet.sums);
  }

  /** Rates of one part. */
  async readRates(part: number): Promise<Rates> {
    const { firstSequence, sequences } = this.parts[part]!.region;
    const { steps } = this.#plan.spec;
    const { preStates, postStates, planes } = this.#buffers;
    const firstRow = this.#firstRows[part]!;
    const bytesOfStates = (steps + 1) * 4;
    const wordsOfPlanes = this.#plan.words * PLANES;
    const readRows = (buffer: GPUBuffer, row: number, bytesPerRow: number) =>
      this.#workspace.read(buffer, row * bytesPerRow, sequences * bytesPerRow);
    const [pre, post, prePlanes, postPlanes] = await Promise.all([
      readRows(preStates, firstRow, bytesOfStates),
      readRows(postStates, firstRow, bytesOfStates),
      readRows(planes, firstRow, wordsOfPlanes * 4),
      readRows(planes, this.#rows + firstRow, wordsOfPlanes * 4),
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

  /** The spikes of one trial of one part. */
  async readSpikes(part: number, sequence: number, trial: number): Promise<SpikeTrains> {
    const { plan, region } = this.parts[part]!;
    if (plan.recording) return trainsOf(recordedTrials(plan.recording, plan, sequence, trial, 1));
    const { words } = this.#plan;
    const row = this.#firstRows[part]! + sequence - region.firstSequence;
    const params = await this.#workspace.buffer(
      'trace parameters',
      USAGE.uniform,
      traceParams.pack({ seed: plan.spec.seed, sequence, trial, row, rows: this.#rows, words }),
    );
    const spikes = await this.#workspace.buffer('trace spikes', USAGE.readable, words * 8);
    const pipeline = await this.#workspace.pipeline('trace', await this.#shaders.trace(), {
      switches: { SLOW_SHIFTS: this.#shaders.slowShifts, RECORDED: false },
    });
    const dispatched = this.#workspace.dispatch(
      pipeline,
      this.#workspace.bind(pipeline, [params, this.#buffers.planes, spikes]),
      1,
    );
    const read = this.#workspace.read(spikes, 0, words * 8);
    const [bytes] = await Promise.all([read, dispatched]);
    const both = new Uint32Array(bytes);
    this.#workspace.free(params, spikes);
    return { pre: both.slice(0, words), post: both.slice(words) };
  }

  destroy(): void {
    this.#workspace.destroy();
  }

  async #prepare(): Promise<void> {
    const { bins } = this.#plan;
    const [rates, histogram, spikeCounts, triplet, recording] = await Promise.all([
      drawRates(this.#workspace, this.parts, this.#shaders),
      this.#workspace.buffer('histogram', USAGE.storage, this.#rows * this.#recorded.steps * binGroups(bins) * 16),
      this.#workspace.buffer('spike counts', USAGE.readable, this.#rows * 8),
      this.#plan.triplet && loadTriplets().then((of) => of.tripletBuffers(this.#workspace, this.parts, this.#rows)),
      this.#plan.recording && recordingBuffer(this.#workspace, this.parts, this.#rows),
    ]);
    this.#buffers = {
      ...rates,
      histogram,
      spikeCounts,
      ...(triplet ? { triplet } : {}),
      ...(recording ? { recording } : {}),
    };
    const pipeline = await this.#trialsPipeline();
    const params = await this.#workspace.buffer('trials parameters', USAGE.uniform, trialsParams.size);
    const bindings = this.#workspace.bind(pipeline, [
      ...[params, rates.rows, recording?.buffer ?? rates.planes, histogram, spikeCounts],
      ...(triplet ? [triplet.params, triplet.terms, triplet.decays, triplet.sums] : []),
    ]);
    this.#running = { pipeline, params, bindings };
    // What is measured from here on is trials alone.
    await this.#workspace.context.idle();
  }
  /** The kernel of the plan's pairing scheme. */
  async #trialsPipeline(): Promise<GPUComputePipeline> {
    const { pairing } = this.#plan.spec;
    const { trials, schemeTrials, tripletTrials, slowShifts } = this.#shaders;
    const RECORDED = this.#plan.recording !== undefined;
    const switches = { WIDE_WINDOW: pairing.window > 32, SLOW_SHIFTS: slowShifts, RECORDED };
    if (pairsOnce(pairing)) {
      return this.#workspace.pipeline('trials', trials, { switches, constants: { WORKGROUP_SIZE } });
    }
    const label = `trials, ${pairing.scheme}`;
    const flags = schemeFlags(pairing);
    const { triplet } = this.#plan;
    if (triplet) {
      const { CAUSAL, ACAUSAL } = flags;
      const constants = { WORKGROUP_SIZE, ...asNumbers({ CAUSAL, ACAUSAL, NEAREST: triplet.nearest }) };
      return this.#workspace.pipeline(label, await tripletTrials(), { switches, constants });
    }
    const constants = { WORKGROUP_SIZE, ...asNumbers(flags) };
    return this.#workspace.pipeline(label, await schemeTrials(), { switches, constants });
  }
}

/** Loaded where there are triplets: the default experiment does without. */
const loadTriplets = () => import('./gpu-triplet.ts');

/** Values of pipeline constants of type bool. */
function asNumbers(flags: Readonly<Record<string, boolean>>): Record<string, number> {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, Number(flag)]));
}

/** The pair rule's sums by cell, with what earlier spikes add to them. */
function withTriplets(pairs: BigInt64Array, triplets: BigInt64Array | undefined): BigInt64Array {
  return triplets ? addIntegers(pairs, triplets) : pairs;
}
