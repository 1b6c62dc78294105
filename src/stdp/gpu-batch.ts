import type { GpuContext } from '../gpu/context.ts';
import { USAGE, Workspace } from '../gpu/workspace.ts';
import { addIntegers } from '../numeric/int64.ts';
import { type ReadableCounts, TrialCounts } from './gpu-counts.ts';
import type { PlacedPart } from './gpu-inspect.ts';
import type { PlanesTexture } from './gpu-planes.ts';
import { drawRates } from './gpu-rates.ts';
import type { RecordingBuffer } from './gpu-recording.ts';
import { type CountedTrials, tallyTrialsOnGpu } from './gpu-tally.ts';
import type { TripletBuffers, TripletTallies } from './gpu-triplet.ts';
import { pairsOnce } from './pairing-schemes.ts';
import type { ExperimentPlan } from './plan.ts';
import { loadedRules } from './rule/load-rules.ts';
import type { RuleTallies } from './rule/rule-tallies.ts';
import { type StdpShaders, trialsParams } from './shaders.ts';
import type { SpikeTrains } from './spikes.ts';
import type { Rates, Region, Tallies } from './tallies.ts';

/** A CPU begins a thread in the time of many random words: two vectors of SwiftShader's are enough. */
const WORKGROUP_SIZE = { hardware: 64, software: 8 } as const;
/**
 * A thread takes up to this many trials, which spreads the cost of its workgroup's last reduction; on a CPU all of a
 * sequence if that leaves enough workgroups, as two cores that count in one histogram wait for each other.
 */
const MOST_TRIALS_PER_THREAD = { hardware: 8, software: 256 } as const;
/** Enough workgroups to fill a large GPU, or the cores of a CPU; below that, threads take fewer trials. */
const WORKGROUPS_WANTED = { hardware: 2048, software: 256 } as const;

// What only some experiments or adapters need is loaded for them.
const gpuTriplet = () => import('./gpu-triplet.ts');
const gpuRecording = () => import('./gpu-recording.ts');
const gpuPlanes = () => import('./gpu-planes.ts');
const gpuSchemes = () => import('./gpu-schemes.ts');
const gpuInspect = () => import('./gpu-inspect.ts');

/** A region of one of several experiments that share their dispatches. */
export interface BatchPart {
  readonly plan: ExperimentPlan;
  readonly region: Region;
  /** Trials from this one on are left out; default: those of the spec. */
  readonly endTrial?: number;
}

type BatchBuffers = CountedTrials['buffers'] & {
  readonly triplet?: TripletBuffers;
  readonly recording?: RecordingBuffer;
};

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
  #counts!: TrialCounts;
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
    for (let done = 0; done < count; ) {
      const here = this.#counts.most(Math.min(most, count - done));
      recording?.write(first + done, here);
      await this.#dispatchTrials(first + done, here);
      done += here;
    }
    this.#firstTrial ??= first;
    this.#trials += count;
  }

  async #dispatchTrials(first: number, count: number): Promise<void> {
    const { context } = this.#workspace;
    const { pipeline, params, bindings } = this.#running;
    const kind = this.#kind;
    const workgroupsAtOneEach = Math.ceil(count / WORKGROUP_SIZE[kind]);
    const trialsPerThread = Math.max(
      Math.ceil(workgroupsAtOneEach / context.device.limits.maxComputeWorkgroupsPerDimension),
      Math.min(
        MOST_TRIALS_PER_THREAD[kind],
        Math.floor((workgroupsAtOneEach * this.#rows) / WORKGROUPS_WANTED[kind]),
        workgroupsAtOneEach,
      ),
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
      this.#counts.expect(count),
      this.#workspace.dispatch(pipeline, bindings, Math.ceil(workgroupsAtOneEach / trialsPerThread), this.#rows),
      context.idle(),
    ]);
  }

  /** Tallies of every part. */
  async readTallies(): Promise<readonly Tallies[]> {
    const counts = await this.#counts.read();
    const counted = {
      ...{ parts: this.parts, firstRows: this.#firstRows, rows: this.#rows, counts, buffers: this.#buffers },
      ...{ trials: this.#trials, firstTrial: this.#firstTrial ?? 0 },
    };
    const [tallies, rules, triplets] = await Promise.all([
      tallyTrialsOnGpu(this.#workspace, this.#shaders, counted),
      this.#tallyRules(counts),
      this.#tallyTriplets(),
    ]);
    return tallies.map((part, index) => ({
      ...part,
      cellPairs: withTriplets(part.cellPairs, triplets?.[index]?.cellSums),
      ...(rules ? { rule: rules[index]! } : {}),
      ...(triplets ? { tripletSums: triplets[index]!.binSums } : {}),
    }));
  }

  /** Sums of the users' rules of every part, where they have any. */
  #tallyRules(counts: ReadableCounts): Promise<readonly RuleTallies[]> | undefined {
    const { postRates, ...buffers } = this.#buffers;
    if (!postRates) return undefined;
    return loadedRules().tallyRulesOnGpu(this.#workspace, {
      parts: this.parts,
      firstRows: this.#firstRows,
      rows: this.#rows,
      buffers: { ...buffers, postRates },
      counts,
      slowShifts: this.#shaders.slowShifts,
    });
  }

  async #tallyTriplets(): Promise<readonly TripletTallies[] | undefined> {
    const { triplet } = this.#buffers;
    if (!triplet) return undefined;
    const { tallyTripletsOnGpu } = await gpuTriplet();
    return tallyTripletsOnGpu(this.#workspace, this.#shaders, this.parts, this.#firstRows, triplet.sums);
  }

  /** Rates of one part. */
  async readRates(part: number): Promise<Rates> {
    return (await gpuInspect()).readRates(this.#workspace, this.#placed(part));
  }

  /** The spikes of one trial of one part. */
  async readSpikes(part: number, sequence: number, trial: number): Promise<SpikeTrains> {
    const { readSpikes } = await gpuInspect();
    return readSpikes(this.#workspace, this.#shaders, this.#placed(part), sequence, trial);
  }

  #placed(part: number): PlacedPart {
    return {
      ...{ part: this.parts[part]!, firstRow: this.#firstRows[part]! },
      ...{ rows: this.#rows, buffers: this.#buffers },
    };
  }

  destroy(): void {
    this.#workspace.destroy();
  }

  get #kind(): 'software' | 'hardware' {
    return this.#shaders.forCpu ? 'software' : 'hardware';
  }

  async #prepare(): Promise<void> {
    const { window } = this.#plan.spec.pairing;
    const mostTrials = this.parts.reduce((most, { plan, endTrial }) => Math.max(most, endTrial ?? plan.spec.trials), 0);
    const [rates, counts, spikeCounts, triplet, recording] = await Promise.all([
      drawRates(this.#workspace, this.parts, this.#shaders),
      TrialCounts.open(this.#workspace, this.#rows * this.#recorded.steps, window, mostTrials),
      this.#workspace.buffer('spike counts', USAGE.readable, this.#rows * 8),
      this.#plan.triplet &&
        gpuTriplet().then(({ tripletBuffers }) => tripletBuffers(this.#workspace, this.parts, this.#rows)),
      this.#plan.recording &&
        gpuRecording().then(({ recordingBuffer }) => recordingBuffer(this.#workspace, this.parts, this.#rows)),
    ]);
    this.#buffers = {
      ...rates,
      spikeCounts,
      ...(triplet ? { triplet } : {}),
      ...(recording ? { recording } : {}),
    };
    this.#counts = counts;
    const inTexture =
      this.#shaders.planesInTexture && !recording
        ? await (await gpuPlanes()).planesTexture(this.#workspace, rates.planes, this.#rows, this.#plan.words)
        : undefined;
    const pipeline = await this.#trialsPipeline(inTexture);
    const params = await this.#workspace.buffer('trials parameters', USAGE.uniform, trialsParams.size);
    const bindings = this.#workspace.bind(pipeline, [
      ...[params, rates.rows, recording?.buffer ?? inTexture?.texture ?? rates.planes, counts.counters, spikeCounts],
      ...(triplet ? [triplet.params, triplet.terms, triplet.decays, triplet.sums] : []),
    ]);
    this.#running = { pipeline, params, bindings };
    // What is measured from here on is trials alone.
    await this.#workspace.context.idle();
  }

  /** The kernel of the plan's pairing scheme. */
  async #trialsPipeline(inTexture: PlanesTexture | undefined): Promise<GPUComputePipeline> {
    const { pairing } = this.#plan.spec;
    const { trials, slowShifts, forCpu } = this.#shaders;
    const RECORDED = this.#plan.recording !== undefined;
    const constants = { WORKGROUP_SIZE: WORKGROUP_SIZE[this.#kind] };
    const switches = {
      WIDE_WINDOW: pairing.window > 32,
      SLOW_SHIFTS: slowShifts,
      FOR_CPU: forCpu,
      RECORDED,
      PLANES_IN_TEXTURE: inTexture !== undefined,
    };
    if (pairsOnce(pairing)) {
      const PLANES_HELD = inTexture?.held === true;
      const pieces = PLANES_HELD ? [...trials, (await gpuPlanes()).heldPlanes] : trials;
      return this.#workspace.pipeline('trials', pieces, { switches: { ...switches, PLANES_HELD }, constants });
    }
    const { schemePipeline } = await gpuSchemes();
    return schemePipeline(this.#workspace, this.#shaders, this.#plan, switches, constants);
  }
}

/** The pair rule's sums by cell, with what earlier spikes add to them. */
function withTriplets(pairs: BigInt64Array, triplets: BigInt64Array | undefined): BigInt64Array {
  return triplets ? addIntegers(pairs, triplets) : pairs;
}
