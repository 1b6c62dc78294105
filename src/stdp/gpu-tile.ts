import type { GpuContext } from '../gpu/context.ts';
import type { PipelineRequest } from '../gpu/pipelines.ts';
import { PURPOSE } from '../random/address.ts';
import { normalTable } from '../random/normal.ts';
import type { Neuron } from './drive.ts';
import type { Tile } from './engine.ts';
import type { ExperimentPlan } from './plan.ts';
import { PLANES, probabilitiesOf } from './probability.ts';
import { logisticTable } from './rho.ts';
import { driveParams, probabilityParams, type StdpShaders, tallyParams, traceParams, trialsParams } from './shaders.ts';
import type { SpikeTrains } from './spikes.ts';
import type { Rates, Region, Tallies } from './tallies.ts';

const WORKGROUP_SIZE = 64;
/** A thread takes up to this many trials, which spreads the cost of its workgroup's last reduction. */
const MOST_TRIALS_PER_THREAD = 8;
/** Enough workgroups to fill a large GPU; below that, threads take fewer trials. */
const WORKGROUPS_WANTED = 2048;

interface TileBuffers {
  readonly preStates: GPUBuffer;
  readonly postStates: GPUBuffer;
  /** Bit planes of the spike probabilities, shape [2][sequences][words][32]. */
  readonly planes: GPUBuffer;
  /** ρ of the presynaptic neuron, shape [sequences][steps]. */
  readonly preRates: GPUBuffer;
  /** Shape [sequences][recorded steps][2D + 1]. */
  readonly histogram: GPUBuffer;
  /** Shape [sequences][2]: presynaptic, postsynaptic. */
  readonly spikeCounts: GPUBuffer;
}

/** One region of an experiment in device memory. */
export class GpuTile implements Tile {
  readonly region: Region;
  readonly #context: GpuContext;
  readonly #plan: ExperimentPlan;
  readonly #shaders: StdpShaders;
  readonly #made: GPUBuffer[] = [];
  #destroyed = false;
  #buffers!: TileBuffers;
  #trials = 0;
  #running: { pipeline: GPUComputePipeline; params: GPUBuffer; bindings: GPUBindGroup } | undefined;

  private constructor(context: GpuContext, plan: ExperimentPlan, region: Region, shaders: StdpShaders) {
    this.#context = context;
    this.#plan = plan;
    this.region = region;
    this.#shaders = shaders;
  }

  static async open(context: GpuContext, plan: ExperimentPlan, region: Region, shaders: StdpShaders): Promise<GpuTile> {
    const tile = new GpuTile(context, plan, region, shaders);
    try {
      await tile.#prepare();
      return tile;
    } catch (error) {
      tile.destroy();
      throw error;
    }
  }

  async runTrials(first: number, count: number): Promise<void> {
    const { region } = this;
    const { spec, words } = this.#plan;
    const context = this.#context;
    const { planes, histogram, spikeCounts } = this.#buffers;
    if (!this.#running) {
      const pipeline = await this.#pipeline('trials', this.#shaders.trials, {
        switches: { WIDE_WINDOW: spec.pairing.window > 32 },
        constants: { WINDOW: spec.pairing.window, WORKGROUP_SIZE },
      });
      const params = await this.#buffer(
        'trials parameters',
        GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
        trialsParams.size,
      );
      this.#running = { pipeline, params, bindings: this.#bind(pipeline, [params, planes, histogram, spikeCounts]) };
    }
    const { pipeline, params, bindings } = this.#running;
    const workgroupsAtOneEach = Math.ceil(count / WORKGROUP_SIZE);
    const trialsPerThread = Math.max(
      Math.ceil(workgroupsAtOneEach / context.device.limits.maxComputeWorkgroupsPerDimension),
      Math.min(
        MOST_TRIALS_PER_THREAD,
        Math.floor((workgroupsAtOneEach * region.sequences) / WORKGROUPS_WANTED),
        workgroupsAtOneEach,
      ),
      1,
    );
    context.writeBuffer(
      params,
      trialsParams.pack({
        seed: spec.seed,
        firstSequence: region.firstSequence,
        sequences: region.sequences,
        words,
        firstTrial: first,
        trials: count,
        trialsPerThread,
        firstRecorded: region.firstStep,
        endRecorded: region.firstStep + region.steps,
        recordedSteps: region.steps,
      }),
    );
    this.#dispatch(pipeline, bindings, Math.ceil(workgroupsAtOneEach / trialsPerThread), region.sequences);
    await context.idle();
    this.#trials = Math.max(this.#trials, first + count);
  }

  async readTallies(): Promise<Tallies> {
    const { bins, spec, kernelFixed } = this.#plan;
    const { sequences, steps, firstStep } = this.region;
    const { histogram, postStates, preRates, spikeCounts } = this.#buffers;
    const output = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    const cells = sequences * steps;
    const trials = this.#trials;
    const params = await this.#parameters(
      'tally parameters',
      tallyParams.pack({ steps: spec.steps, bins, firstRecorded: firstStep, recordedSteps: steps }),
    );
    const kernel = await this.#buffer(
      'kernel',
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
      kernelFixed as Int32Array<ArrayBuffer>,
    );
    const [rateSums, spikeSums, pairs, cellRates, cellPairs] = await Promise.all([
      this.#buffer('rate sums', output, sequences * bins * 8),
      this.#buffer('spike sums', output, sequences * bins * 8),
      this.#buffer('pairs', output, sequences * bins * 4),
      this.#buffer('cell rates', output, cells * 4),
      this.#buffer('cell pairs', output, cells * 8),
    ]);
    const [curve, cell] = await Promise.all([
      this.#pipeline('curve tally', this.#shaders.curveTally),
      this.#pipeline('cell tally', this.#shaders.cellTally),
    ]);
    const shared = [params, histogram, postStates, preRates];
    this.#dispatch(curve, this.#bind(curve, [...shared, rateSums, spikeSums, pairs]), Math.ceil(bins / 64), sequences);
    this.#dispatch(cell, this.#bind(cell, [...shared, kernel, cellRates, cellPairs]), Math.ceil(steps / 64), sequences);

    const read = (buffer: GPUBuffer, bytes: number) => this.#context.readback.read(buffer, 0, bytes);
    const results = await this.#context.guard(
      Promise.all([
        read(rateSums, sequences * bins * 8),
        read(spikeSums, sequences * bins * 8),
        read(pairs, sequences * bins * 4),
        read(cellRates, cells * 4),
        read(cellPairs, cells * 8),
        read(spikeCounts, sequences * 8),
      ]),
    );
    for (const buffer of [params, kernel, rateSums, spikeSums, pairs, cellRates, cellPairs]) this.#free(buffer);
    const counts = new Uint32Array(results[5]);
    return {
      region: this.region,
      trials,
      rateSums: new BigInt64Array(results[0]),
      spikeSums: new BigInt64Array(results[1]),
      pairs: new Uint32Array(results[2]),
      cellRates: new Int32Array(results[3]),
      cellPairs: new BigInt64Array(results[4]),
      preSpikes: counts.filter((_, index) => index % 2 === 0),
      postSpikes: counts.filter((_, index) => index % 2 === 1),
    };
  }

  async readRates(): Promise<Rates> {
    const { firstSequence, sequences } = this.region;
    const { steps } = this.#plan.spec;
    const { preStates, postStates, planes } = this.#buffers;
    const stateBytes = sequences * (steps + 1) * 4;
    const { readback } = this.#context;
    const [pre, post, bits] = await this.#context.guard(
      Promise.all([
        readback.read(preStates, 0, stateBytes),
        readback.read(postStates, 0, stateBytes),
        readback.read(planes),
      ]),
    );
    const planesOfSequence = this.#plan.words * PLANES;
    const probabilities = (firstRow: number) => {
      const result = new Uint32Array(sequences * steps);
      for (let row = 0; row < sequences; row++) {
        const from = (firstRow + row) * planesOfSequence;
        result.set(probabilitiesOf(new Uint32Array(bits, from * 4, planesOfSequence), steps), row * steps);
      }
      return result;
    };
    return {
      firstSequence,
      sequences,
      preStates: new Int32Array(pre),
      postStates: new Int32Array(post),
      preProbabilities: probabilities(0),
      postProbabilities: probabilities(sequences),
    };
  }

  async readSpikes(sequence: number, trial: number): Promise<SpikeTrains> {
    const { words, spec } = this.#plan;
    const { firstSequence, sequences } = this.region;
    const params = await this.#parameters(
      'trace parameters',
      traceParams.pack({ seed: spec.seed, sequence, trial, row: sequence - firstSequence, sequences, words }),
    );
    const spikes = await this.#buffer('trace spikes', GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC, words * 8);
    const pipeline = await this.#pipeline('trace', this.#shaders.trace);
    this.#dispatch(pipeline, this.#bind(pipeline, [params, this.#buffers.planes, spikes]), 1);
    const both = new Uint32Array(await this.#context.guard(this.#context.readback.read(spikes, 0, words * 8)));
    this.#free(params);
    this.#free(spikes);
    return { pre: both.slice(0, words), post: both.slice(words) };
  }

  destroy(): void {
    this.#destroyed = true;
    for (const buffer of this.#made) this.#context.destroyBuffer(buffer);
    this.#made.length = 0;
  }

  /** Makes the buffers, draws the activities, and derives the spike probabilities. */
  async #prepare(): Promise<void> {
    const { sequences, steps: recorded } = this.region;
    const { spec, words, bins } = this.#plan;
    const readable = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    const states = (neuron: Neuron) =>
      this.#buffer(`${neuron} states`, readable | GPUBufferUsage.COPY_DST, sequences * (spec.steps + 1) * 4);
    const [preStates, postStates, planes, preRates, histogram, spikeCounts] = await Promise.all([
      states('pre'),
      states('post'),
      this.#buffer('probability planes', readable, 2 * sequences * words * PLANES * 4),
      this.#buffer('pre rates', GPUBufferUsage.STORAGE, sequences * spec.steps * 4),
      this.#buffer('histogram', GPUBufferUsage.STORAGE, sequences * recorded * bins * 4),
      this.#buffer('spike counts', readable, sequences * 8),
    ]);
    this.#buffers = { preStates, postStates, planes, preRates, histogram, spikeCounts };
    await this.#drawStates('pre', preStates);
    await this.#drawStates('post', postStates);
    await this.#deriveProbabilities('pre', preStates);
    await this.#deriveProbabilities('post', postStates);
  }

  async #drawStates(neuron: Neuron, states: GPUBuffer): Promise<void> {
    const { firstSequence, sequences } = this.region;
    const { seed, steps } = this.#plan.spec;
    const { drive, epsilon } = this.#plan[neuron];
    if (drive.type === 'table') {
      const width = steps + 1;
      this.#context.writeBuffer(states, drive.states.slice(firstSequence * width, (firstSequence + sequences) * width));
      return;
    }
    const unused = { mean: 0, sd: 0, startSd: 0, low: 0, range: 0, redrawAtMost: 0, burnIn: 0 };
    const params = await this.#parameters(
      `${neuron} drive parameters`,
      driveParams.pack({
        ...{ ...unused, numerator: 0, denominator: 1, increment: 0, ...drive },
        seed,
        drivePurpose: neuron === 'pre' ? PURPOSE.preDrive : PURPOSE.postDrive,
        startPurpose: neuron === 'pre' ? PURPOSE.preStart : PURPOSE.postStart,
        firstSequence,
        sequences,
        steps,
        epsilonMantissa: epsilon.mantissa,
        epsilonShift: epsilon.shift,
      }),
    );
    const noise = drive.type === 'noise';
    const pipeline = await this.#pipeline(
      `${drive.type} drive`,
      noise ? this.#shaders.noiseDrive : this.#shaders.levelDrive,
      {
        switches: { NOISE: noise, STEPS: drive.type === 'steps', RAMPS: drive.type === 'ramps' },
      },
    );
    const tables = noise ? [await this.#table('normal table', normalTable())] : [];
    this.#dispatch(pipeline, this.#bind(pipeline, [params, states, ...tables]), Math.ceil(sequences / 64));
  }

  async #deriveProbabilities(neuron: Neuron, states: GPUBuffer): Promise<void> {
    const { sequences } = this.region;
    const { words, spec } = this.#plan;
    const { rho, peak, fractionBits } = this.#plan[neuron];
    const { planes, preRates } = this.#buffers;
    const logistic = rho.type === 'logistic';
    const params = await this.#parameters(
      `${neuron} probability parameters`,
      probabilityParams.pack({
        steps: spec.steps,
        words,
        firstRow: neuron === 'pre' ? 0 : sequences,
        fractionBits,
        peak,
        beta1: logistic ? 0 : rho.beta1,
        midpoint: logistic ? rho.midpoint : 0,
        slopeMantissa: logistic ? rho.mantissa : 0,
        slopeShift: logistic ? rho.shift : 0,
      }),
    );
    const pipeline = await this.#pipeline(`${neuron} probability`, this.#shaders.probability, {
      switches: { LOGISTIC: logistic, RATES: neuron === 'pre' },
    });
    const table = logistic ? await this.#table('logistic table', logisticTable()) : undefined;
    const bindings = this.#bind(pipeline, [params, states, planes, neuron === 'pre' ? preRates : undefined, table]);
    this.#dispatch(pipeline, bindings, Math.ceil(words / 64), sequences);
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

  #dispatch(pipeline: GPUComputePipeline, bindings: GPUBindGroup, x: number, y = 1): void {
    const { device } = this.#context;
    const encoder = device.createCommandEncoder({ label: pipeline.label });
    const pass = encoder.beginComputePass({ label: pipeline.label });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(x, y);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  #parameters(label: string, bytes: ArrayBuffer): Promise<GPUBuffer> {
    return this.#buffer(label, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST, bytes);
  }

  #table(label: string, values: Int32Array | Uint32Array): Promise<GPUBuffer> {
    return this.#buffer(label, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST, values as Int32Array<ArrayBuffer>);
  }

  async #buffer(
    label: string,
    usage: GPUBufferUsageFlags,
    contents: number | ArrayBuffer | Int32Array<ArrayBuffer>,
  ): Promise<GPUBuffer> {
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
