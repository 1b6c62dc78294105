import { type Dispatch, recordPass, USAGE, type Workspace } from '../../gpu/workspace.ts';
import type { Network } from '../network.ts';
import type { TrainingSettings } from '../training/settings.ts';
import { DeviceBatch } from './device-batch.ts';
import type { DeviceExamples } from './device-examples.ts';
import type { DeviceParameters } from './device-parameters.ts';
import { goalsKernel, presentKernel, scoreKernel } from './learning-shaders.ts';
import { learningSteps } from './learning-steps.ts';
import { BATCH_PARAMS_BYTES, UNIT_WORKGROUP } from './shaders.ts';

/** What the batches of a pass share. */
export interface PassBuffers {
  readonly examples: DeviceExamples;
  /** The first values of `PhaseParams` for every batch. */
  readonly schedule: GPUBuffer;
  /** Errors and bits of the cost of every batch. */
  readonly scores: GPUBuffer;
}

/** What learning needs beside that. */
export interface LearningBuffers {
  readonly settings: TrainingSettings;
  /** Free states of all examples, per layer, where they persist; none for the input. */
  readonly particles: readonly (GPUBuffer | undefined)[];
  readonly fault: GPUBuffer;
}

/** Batches of one size: what a batch of a pass does, recorded again and again. */
export class BatchRecorder {
  readonly #batch: DeviceBatch;
  readonly #pass: PassBuffers;
  readonly #free: readonly Dispatch[];
  readonly #learn: readonly Dispatch[];
  readonly #particles: LearningBuffers['particles'];
  readonly #endSide: number;

  private constructor(
    batch: DeviceBatch,
    pass: PassBuffers,
    dispatches: { readonly free: readonly Dispatch[]; readonly learn: readonly Dispatch[] },
    particles: LearningBuffers['particles'],
    endSide: number,
  ) {
    this.#batch = batch;
    this.#pass = pass;
    this.#free = dispatches.free;
    this.#learn = dispatches.learn;
    this.#particles = particles;
    this.#endSide = endSide;
  }

  /** @param learning without, the batches are only classified, from states at 0 */
  static async open(
    workspace: Workspace,
    network: Network,
    parameters: DeviceParameters,
    pass: PassBuffers,
    options: Pick<TrainingSettings, 'epsilon' | 'freeSteps'> & { readonly rows: number },
    learning?: LearningBuffers,
  ): Promise<BatchRecorder> {
    const { rows, epsilon, freeSteps } = options;
    const output = network.sizes.length - 1;
    const batch = await DeviceBatch.open(workspace, network, parameters, {
      rows,
      clamped: [0],
      epsilon,
      targetLayer: output,
      ...(learning ? { keptSteps: learning.settings.nudgedSteps } : {}),
    });
    const free = [
      ...(await showDispatches(batch, pass.examples)),
      ...(await batch.prepare(0)),
      ...(await batch.freeSteps(0, freeSteps)),
      await scoreDispatch(batch, pass, freeSteps),
    ];
    if (!learning) return new BatchRecorder(batch, pass, { free, learn: [] }, [], freeSteps);
    const { rule, rates, nudgedSteps } = learning.settings;
    const endSide = freeSteps + nudgedSteps;
    const learn = [
      ...(await batch.nudgedSteps(freeSteps, nudgedSteps)),
      ...(await learningSteps(batch, { rule, rates, endSide, fault: learning.fault })),
    ];
    return new BatchRecorder(batch, pass, { free, learn }, learning.particles, freeSteps);
  }

  /** @param index of the batch. @param first example of it */
  record(encoder: GPUCommandEncoder, index: number, first: number): void {
    const { layers, phase, options } = this.#batch.made;
    encoder.copyBufferToBuffer(this.#pass.schedule, index * BATCH_PARAMS_BYTES, phase, 0, BATCH_PARAMS_BYTES);
    const learns = this.#learn.length > 0;
    for (const { layer, sides, bytes, rows } of layers) {
      if (options.clamped.includes(layer)) continue;
      const particles = this.#particles[layer];
      if (particles) encoder.copyBufferToBuffer(particles, first * (bytes / rows), sides[0], 0, bytes);
      else encoder.clearBuffer(sides[0]);
    }
    recordPass(encoder, 'free phase', this.#free);
    if (!learns) return;
    for (const { layer, sides, bytes, rows } of layers) {
      const particles = this.#particles[layer];
      const from = sides[this.#endSide % 2]!;
      if (particles) encoder.copyBufferToBuffer(from, 0, particles, first * (bytes / rows), bytes);
    }
    recordPass(encoder, 'nudged phase and update', this.#learn);
  }
}

async function showDispatches({ made }: DeviceBatch, examples: DeviceExamples): Promise<Dispatch[]> {
  const { workspace, layers, phase, goal } = made;
  const [input, output] = [layers[0]!, layers.at(-1)!];
  const [present, goals] = await Promise.all([
    workspace.pipeline('present', presentKernel),
    workspace.pipeline('goals', goalsKernel),
  ]);
  const shown = workspace.bind(present, [input.params, phase, examples.pixels, input.sides[0]]);
  const wanted = workspace.bind(goals, [output.params, phase, examples.labels, goal]);
  return [
    workspace.threads(present, shown, input.rows * input.vectors, UNIT_WORKGROUP),
    workspace.threads(goals, wanted, output.rows * output.vectors, UNIT_WORKGROUP),
  ];
}

async function scoreDispatch(
  { made }: DeviceBatch,
  { examples, scores }: PassBuffers,
  side: number,
): Promise<Dispatch> {
  const { workspace, layers, phase } = made;
  const output = layers.at(-1)!;
  const pipeline = await workspace.pipeline('score', scoreKernel);
  const bindings = workspace.bind(pipeline, [output.params, phase, examples.labels, output.states(side), scores]);
  return workspace.threads(pipeline, bindings, 1, UNIT_WORKGROUP);
}

/** Makes the buffers of a pass over examples. @param batches how many */
export async function openPass(workspace: Workspace, examples: DeviceExamples, batches: number): Promise<PassBuffers> {
  return {
    examples,
    schedule: await workspace.buffer('schedule', USAGE.exchanged, batches * BATCH_PARAMS_BYTES),
    scores: await workspace.buffer('scores', USAGE.readable, batches * 8),
  };
}
