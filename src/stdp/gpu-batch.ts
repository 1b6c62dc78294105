import { EngineError } from '../errors.ts';
import type { BufferContents, GpuContext } from '../gpu/context.ts';
import type { PipelineRequest } from '../gpu/pipelines.ts';
import { PURPOSE } from '../random/address.ts';
import { normalTable } from '../random/normal.ts';
import type { Neuron } from './drive.ts';
import type { BatchPart, BatchTile } from './engine.ts';
import type { ExperimentPlan, NeuronPlan } from './plan.ts';
import { PLANES, probabilitiesOf } from './probability.ts';
import { logisticTable } from './rho.ts';
import {
  driveParams,
  neuronBlock,
  probabilityParams,
  rowBlock,
  type StdpShaders,
  tallyParams,
  traceParams,
  trialsParams,
} from './shaders.ts';
import type { SpikeTrains } from './spikes.ts';
import type { Rates, Tallies } from './tallies.ts';

// Flags as the WebGPU standard numbers them: the global GPUBufferUsage may not be there when this module is loaded.
const STORAGE = 0x80;
const UNIFORM = 0x40 | 0x08;
/** Storage with contents from the host. */
const TABLE = STORAGE | 0x08;
/** Storage that is read back. */
const READABLE = STORAGE | 0x04;

const WORKGROUP_SIZE = 64;
/** Steps or bins of one row that a workgroup of the tally kernels takes. */
export const TALLY_WORKGROUP_SIZE = 64;
/** A thread takes up to this many trials, which spreads the cost of its workgroup's last reduction. */
const MOST_TRIALS_PER_THREAD = 8;
/** Enough workgroups to fill a large GPU; below that, threads take fewer trials. */
const WORKGROUPS_WANTED = 2048;

interface BatchBuffers {
  readonly rows: GPUBuffer;
  readonly preStates: GPUBuffer;
  readonly postStates: GPUBuffer;
  /** Bit planes of the spike probabilities, shape [2][rows][words][32]. */
  readonly planes: GPUBuffer;
  /** ρ of the presynaptic neuron, shape [rows][steps]. */
  readonly preRates: GPUBuffer;
  /** Shape [rows][recorded steps][2D + 1]. */
  readonly histogram: GPUBuffer;
  /** Shape [rows][2]: presynaptic, postsynaptic. */
  readonly spikeCounts: GPUBuffer;
}

/**
 * Regions of one or more experiments in device memory. Their sequences are the rows of common buffers, so that many
 * small experiments cost as many dispatches as one.
 */
export class GpuBatch implements BatchTile {
  readonly parts: readonly BatchPart[];
  readonly #context: GpuContext;
  readonly #shaders: StdpShaders;
  /** What all parts have in common is read from the first. */
  readonly #plan: ExperimentPlan;
  readonly #recorded: { readonly first: number; readonly steps: number };
  readonly #rows: number;
  readonly #made: GPUBuffer[] = [];
  #destroyed = false;
  #buffers!: BatchBuffers;
  #trials = 0;
  #running: { pipeline: GPUComputePipeline; params: GPUBuffer; bindings: GPUBindGroup } | undefined;

  private constructor(context: GpuContext, parts: readonly BatchPart[], shaders: StdpShaders) {
    const [{ plan, region }] = parts as [BatchPart];
    this.parts = parts;
    this.#context = context;
    this.#shaders = shaders;
    this.#plan = plan;
    this.#recorded = { first: region.firstStep, steps: region.steps };
    this.#rows = parts.reduce((sum, part) => sum + part.region.sequences, 0);
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

  async runTrials(first: number, count: number): Promise<void> {
    const context = this.#context;
    const { rows, planes, histogram, spikeCounts } = this.#buffers;
    if (!this.#running) {
      const { window } = this.#plan.spec.pairing;
      const pipeline = await this.#pipeline('trials', this.#shaders.trials, {
        switches: { WIDE_WINDOW: window > 32, SLOW_SHIFTS: this.#shaders.slowShifts },
        constants: { WORKGROUP_SIZE },
      });
      const params = await this.#buffer('trials parameters', UNIFORM, trialsParams.size);
      const bindings = this.#bind(pipeline, [params, rows, planes, histogram, spikeCounts]);
      this.#running = { pipeline, params, bindings };
    }
    const { pipeline, params, bindings } = this.#running;
    const workgroupsAtOneEach = Math.ceil(count / WORKGROUP_SIZE);
    const trialsPerThread = Math.max(
      Math.ceil(workgroupsAtOneEach / context.device.limits.maxComputeWorkgroupsPerDimension),
      Math.min(
        MOST_TRIALS_PER_THREAD,
        Math.floor((workgroupsAtOneEach * this.#rows) / WORKGROUPS_WANTED),
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
      this.#dispatch(pipeline, bindings, Math.ceil(workgroupsAtOneEach / trialsPerThread), this.#rows),
      context.idle(),
    ]);
    this.#trials = Math.max(this.#trials, first + count);
  }

  async readTallies(): Promise<readonly Tallies[]> {
    const { bins, spec } = this.#plan;
    const { steps, first } = this.#recorded;
    const { histogram, postStates, preRates, spikeCounts, rows } = this.#buffers;
    const cells = this.#rows * steps;
    const binCells = this.#rows * bins;
    const trials = this.#trials;
    const params = await this.#buffer(
      'tally parameters',
      UNIFORM,
      tallyParams.pack({ steps: spec.steps, bins, firstRecorded: first, recordedSteps: steps }),
    );
    const kernels = new Int32Array(this.parts.length * bins);
    this.parts.forEach(({ plan }, part) => {
      kernels.set(plan.kernelFixed, part * bins);
    });
    const kernel = await this.#buffer('kernels', TABLE, kernels);
    const [rateSums, spikeSums, pairs, cellRates, cellPairs] = await Promise.all([
      this.#buffer('rate sums', READABLE, binCells * 8),
      this.#buffer('spike sums', READABLE, binCells * 8),
      this.#buffer('pairs', READABLE, binCells * 4),
      this.#buffer('cell rates', READABLE, cells * 4),
      this.#buffer('cell pairs', READABLE, cells * 8),
    ]);
    const [curve, cell] = await Promise.all([
      this.#pipeline('curve tally', this.#shaders.curveTally),
      this.#pipeline('cell tally', this.#shaders.cellTally),
    ]);
    const shared = [params, histogram, postStates, preRates];
    const dispatches = [
      this.#dispatch(
        curve,
        this.#bind(curve, [...shared, rateSums, spikeSums, pairs]),
        Math.ceil(bins / TALLY_WORKGROUP_SIZE),
        this.#rows,
      ),
      this.#dispatch(
        cell,
        this.#bind(cell, [...shared, rows, kernel, cellRates, cellPairs]),
        Math.ceil(steps / TALLY_WORKGROUP_SIZE),
        this.#rows,
      ),
    ];
    const read = (buffer: GPUBuffer, bytes: number) => this.#context.readback.read(buffer, 0, bytes);
    const [results] = await Promise.all([
      this.#context.guard(
        Promise.all([
          read(rateSums, binCells * 8),
          read(spikeSums, binCells * 8),
          read(pairs, binCells * 4),
          read(cellRates, cells * 4),
          read(cellPairs, cells * 8),
          read(spikeCounts, this.#rows * 8),
        ]),
      ),
      ...dispatches,
    ]);
    for (const buffer of [params, kernel, rateSums, spikeSums, pairs, cellRates, cellPairs]) this.#free(buffer);
    const counts = new Uint32Array(results[5]);
    const preSpikes = counts.filter((_, index) => index % 2 === 0);
    const postSpikes = counts.filter((_, index) => index % 2 === 1);
    return this.parts.map(({ plan, region }, part) => {
      const row = this.#firstRow(part);
      const end = row + region.sequences;
      return {
        region,
        trials: Math.min(trials, plan.spec.trials),
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

  async readRates(part: number): Promise<Rates> {
    const { firstSequence, sequences } = this.parts[part]!.region;
    const { steps } = this.#plan.spec;
    const { preStates, postStates, planes } = this.#buffers;
    const firstRow = this.#firstRow(part);
    const bytesOfStates = (steps + 1) * 4;
    const wordsOfPlanes = this.#plan.words * PLANES;
    const { readback } = this.#context;
    const readRows = (buffer: GPUBuffer, row: number, bytesPerRow: number) =>
      readback.read(buffer, row * bytesPerRow, sequences * bytesPerRow);
    const [pre, post, prePlanes, postPlanes] = await this.#context.guard(
      Promise.all([
        readRows(preStates, firstRow, bytesOfStates),
        readRows(postStates, firstRow, bytesOfStates),
        readRows(planes, firstRow, wordsOfPlanes * 4),
        readRows(planes, this.#rows + firstRow, wordsOfPlanes * 4),
      ]),
    );
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

  async readSpikes(part: number, sequence: number, trial: number): Promise<SpikeTrains> {
    const { plan, region } = this.parts[part]!;
    const { words } = this.#plan;
    const row = this.#firstRow(part) + sequence - region.firstSequence;
    const params = await this.#buffer(
      'trace parameters',
      UNIFORM,
      traceParams.pack({ seed: plan.spec.seed, sequence, trial, row, rows: this.#rows, words }),
    );
    const spikes = await this.#buffer('trace spikes', READABLE, words * 8);
    const pipeline = await this.#pipeline('trace', this.#shaders.trace, {
      switches: { SLOW_SHIFTS: this.#shaders.slowShifts },
    });
    const dispatched = this.#dispatch(pipeline, this.#bind(pipeline, [params, this.#buffers.planes, spikes]), 1);
    const read = this.#context.guard(this.#context.readback.read(spikes, 0, words * 8));
    const [bytes] = await Promise.all([read, dispatched]);
    const both = new Uint32Array(bytes);
    this.#free(params);
    this.#free(spikes);
    return { pre: both.slice(0, words), post: both.slice(words) };
  }

  destroy(): void {
    this.#destroyed = true;
    for (const buffer of this.#made) this.#context.destroyBuffer(buffer);
    this.#made.length = 0;
  }

  #firstRow(part: number): number {
    return this.parts.slice(0, part).reduce((sum, { region }) => sum + region.sequences, 0);
  }

  /** Makes the buffers, draws the activities, and derives the spike probabilities. */
  async #prepare(): Promise<void> {
    const { spec, words, bins } = this.#plan;
    const rows = this.#rows;
    const states = (neuron: Neuron) => this.#buffer(`${neuron} states`, READABLE | TABLE, rows * (spec.steps + 1) * 4);
    const [rowTable, preStates, postStates, planes, preRates, histogram, spikeCounts] = await Promise.all([
      this.#buffer('rows', TABLE, rowBlock.packArray(this.parts.flatMap(rowsOf))),
      states('pre'),
      states('post'),
      this.#buffer('probability planes', READABLE, 2 * rows * words * PLANES * 4),
      this.#buffer('pre rates', STORAGE, rows * spec.steps * 4),
      this.#buffer('histogram', STORAGE, rows * this.#recorded.steps * bins * 4),
      this.#buffer('spike counts', READABLE, rows * 8),
    ]);
    this.#buffers = { rows: rowTable, preStates, postStates, planes, preRates, histogram, spikeCounts };
    for (const neuron of ['pre', 'post'] as const) {
      const plans = this.parts.map(({ plan }) => neuronParams(plan[neuron]));
      const neurons = await this.#buffer(`${neuron} neurons`, TABLE, neuronBlock.packArray(plans));
      await this.#drawStates(neuron, neurons);
      await this.#deriveProbabilities(neuron, neurons);
    }
  }

  async #drawStates(neuron: Neuron, neurons: GPUBuffer): Promise<void> {
    const { type } = this.#plan[neuron].drive;
    const states = neuron === 'pre' ? this.#buffers.preStates : this.#buffers.postStates;
    if (type === 'table') {
      this.#uploadStates(neuron, states);
      return;
    }
    const params = await this.#buffer(
      `${neuron} drive parameters`,
      UNIFORM,
      driveParams.pack({
        rows: this.#rows,
        steps: this.#plan.spec.steps,
        drivePurpose: neuron === 'pre' ? PURPOSE.preDrive : PURPOSE.postDrive,
        startPurpose: neuron === 'pre' ? PURPOSE.preStart : PURPOSE.postStart,
      }),
    );
    const noise = type === 'noise';
    const pieces = noise ? this.#shaders.noiseDrive : this.#shaders.levelDrive;
    const pipeline = await this.#pipeline(`${type} drive`, pieces, {
      switches: { NOISE: noise, STEPS: type === 'steps', RAMPS: type === 'ramps' },
    });
    const tables = noise ? [await this.#buffer('normal table', TABLE, normalTable())] : [];
    const bindings = this.#bind(pipeline, [params, this.#buffers.rows, neurons, states, ...tables]);
    await this.#dispatch(pipeline, bindings, Math.ceil(this.#rows / 64));
  }

  #uploadStates(neuron: Neuron, states: GPUBuffer): void {
    const width = this.#plan.spec.steps + 1;
    this.parts.forEach(({ plan, region }, part) => {
      const { drive } = plan[neuron];
      if (drive.type !== 'table') return;
      const { firstSequence, sequences } = region;
      const values = drive.states.slice(firstSequence * width, (firstSequence + sequences) * width);
      this.#context.device.queue.writeBuffer(states, this.#firstRow(part) * width * 4, values);
    });
  }

  async #deriveProbabilities(neuron: Neuron, neurons: GPUBuffer): Promise<void> {
    const { words, spec } = this.#plan;
    const { rows, planes, preRates, preStates, postStates } = this.#buffers;
    const isPre = neuron === 'pre';
    const logistic = this.#plan[neuron].rho.type === 'logistic';
    const params = await this.#buffer(
      `${neuron} probability parameters`,
      UNIFORM,
      probabilityParams.pack({ steps: spec.steps, words, firstRow: isPre ? 0 : this.#rows }),
    );
    const pipeline = await this.#pipeline(`${neuron} probability`, this.#shaders.probability, {
      switches: { LOGISTIC: logistic, RATES: isPre },
    });
    const table = logistic ? await this.#buffer('logistic table', TABLE, logisticTable()) : undefined;
    const bindings = this.#bind(pipeline, [
      params,
      rows,
      neurons,
      isPre ? preStates : postStates,
      planes,
      isPre ? preRates : undefined,
      table,
    ]);
    await this.#dispatch(pipeline, bindings, Math.ceil(words / 64), this.#rows);
  }

  #pipeline(
    label: string,
    pieces: PipelineRequest['pieces'],
    options: Pick<PipelineRequest, 'switches' | 'constants'> = {},
  ): Promise<GPUComputePipeline> {
    return this.#context.guard(this.#context.pipelines.get({ label, pieces, ...options }));
  }

  /** Bind group 0 of a pipeline; `undefined` leaves a binding out. */
  #bind(pipeline: GPUComputePipeline, buffers: readonly (GPUBuffer | undefined)[]): GPUBindGroup {
    return this.#context.device.createBindGroup({
      label: pipeline.label,
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.flatMap((buffer, binding) => (buffer ? [{ binding, resource: { buffer } }] : [])),
    });
  }

  /** @throws EngineError `shader` where the device refuses the command; a borrowed device would drop it in silence. */
  async #dispatch(pipeline: GPUComputePipeline, bindings: GPUBindGroup, x: number, y = 1): Promise<void> {
    const { device } = this.#context;
    device.pushErrorScope('validation');
    const encoder = device.createCommandEncoder({ label: pipeline.label });
    const pass = encoder.beginComputePass({ label: pipeline.label });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(x, y);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const error = await this.#context.guard(device.popErrorScope());
    if (error) throw new EngineError('shader', `${pipeline.label}: the device refused a dispatch: ${error.message}`);
  }

  async #buffer(label: string, usage: GPUBufferUsageFlags, contents: number | BufferContents): Promise<GPUBuffer> {
    const buffer = await this.#context.createBuffer(label, usage, contents);
    // After a failure the tile is destroyed while other buffers are still being made.
    if (this.#destroyed) this.#context.destroyBuffer(buffer);
    else this.#made.push(buffer);
    return buffer;
  }

  #free(buffer: GPUBuffer): void {
    this.#made.splice(this.#made.indexOf(buffer), 1);
    this.#context.destroyBuffer(buffer);
  }
}

/** The sequences of a part, as rows of the tile. */
function rowsOf({ plan, region }: BatchPart, part: number) {
  const { seed, trials } = plan.spec;
  return Array.from({ length: region.sequences }, (_, n) => ({
    part,
    seed,
    sequence: region.firstSequence + n,
    trials,
  }));
}

/** A neuron's plan as the kernels take it; what its drive or rate does not have is 0. */
function neuronParams({ drive, epsilon, rho, peak, fractionBits }: NeuronPlan) {
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
