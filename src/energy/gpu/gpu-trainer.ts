import type { GpuContext } from '../../gpu/context.ts';
import { USAGE, Workspace } from '../../gpu/workspace.ts';
import { matrixBytes, padRows, unpadRows } from '../../matrix/layout.ts';
import type { Network } from '../network.ts';
import { nudgeSign } from '../training/nudge-sign.ts';
import { divergence, networkOf, requireSuitable, type TrainingSettings } from '../training/settings.ts';
import type { Examples, PassOptions, Score, Trainer, TrainingState } from '../training/trainer.ts';
import { BatchRecorder, openPass, type PassBuffers } from './batch-recorder.ts';
import { type DeviceExamples, uploadExamples } from './device-examples.ts';
import { type DeviceParameters, downloadParameters, uploadParameters } from './device-parameters.ts';
import { BATCH_PARAMS_BYTES } from './shaders.ts';

/** Batches of a submission take about so long, so that progress shows and an interrupt is heard. */
const SUBMISSION_MS = 250;
const FIRST_SUBMISSION = 2;
const NO_FAULT = 0xffffffff;
/** Examples of a batch that is only classified: large, as nothing is learned between them. */
const CLASSIFIED_TOGETHER = 200;

/** Batches of a pass: a recorder for those of full size, and one for what is left over. */
interface Pass {
  readonly buffers: PassBuffers;
  readonly count: number;
  readonly size: number;
  readonly full: BatchRecorder;
  readonly rest: BatchRecorder;
}

/**
 * Trains a network on the GPU. Examples, states, weights and what is learned stay on the device; what is read back
 * now and then is the number of errors.
 *
 * @param state where to begin; its particles may be those of another training, or all 0
 * @throws EngineError `invalid-option` where the examples do not suit the network; `shader`, `out-of-memory`,
 *   `device-lost`
 */
export async function openGpuTrainer(
  context: GpuContext,
  settings: TrainingSettings,
  examples: Examples,
  state: TrainingState,
): Promise<Trainer> {
  const workspace = new Workspace(context);
  try {
    return await GpuTrainer.open(workspace, settings, examples, state);
  } catch (error) {
    workspace.destroy();
    throw error;
  }
}

class GpuTrainer implements Trainer {
  readonly #workspace: Workspace;
  readonly #network: Network;
  readonly #settings: TrainingSettings;
  readonly #parameters: DeviceParameters;
  readonly #particles: readonly (GPUBuffer | undefined)[];
  readonly #fault: GPUBuffer;
  readonly #training: Pass;

  private constructor(
    workspace: Workspace,
    network: Network,
    settings: TrainingSettings,
    made: {
      readonly parameters: DeviceParameters;
      readonly particles: readonly (GPUBuffer | undefined)[];
      readonly fault: GPUBuffer;
      readonly training: Pass;
    },
  ) {
    this.#workspace = workspace;
    this.#network = network;
    this.#settings = settings;
    this.#parameters = made.parameters;
    this.#particles = made.particles;
    this.#fault = made.fault;
    this.#training = made.training;
  }

  static async open(
    workspace: Workspace,
    settings: TrainingSettings,
    examples: Examples,
    state: TrainingState,
  ): Promise<GpuTrainer> {
    const network = networkOf(settings);
    requireSuitable(settings, examples);
    const parameters = await uploadParameters(workspace, network, state.parameters);
    const particles = await Promise.all(
      network.sizes.map((units, layer) =>
        layer === 0 || !settings.persistent
          ? undefined
          : workspace.buffer(
              `particles ${layer}`,
              USAGE.exchanged,
              padRows(state.particles[layer - 1]!, examples.count, units),
            ),
      ),
    );
    const fault = await workspace.buffer('fault', USAGE.exchanged, Uint32Array.of(NO_FAULT));
    const learning = { settings, particles, fault };
    const training = await openBatches(
      await uploadExamples(workspace, examples),
      settings.batch,
      (pass, rows) => BatchRecorder.open(workspace, network, parameters, pass, { ...settings, rows }, learning),
      workspace,
    );
    return new GpuTrainer(workspace, network, settings, { parameters, particles, fault, training });
  }

  async runEpoch(epoch: number, options: PassOptions = {}): Promise<Score> {
    const { beta, seed, decay } = this.#settings;
    return this.#runPass(this.#training, (batch) => nudgeSign(seed, epoch, batch) * beta, options, {
      epoch,
      rate: decay ** epoch,
    });
  }

  async evaluate(examples: Examples, options: PassOptions = {}): Promise<Score> {
    requireSuitable(this.#settings, examples);
    const workspace = new Workspace(this.#workspace.context);
    try {
      const pass = await openBatches(
        await uploadExamples(workspace, examples),
        CLASSIFIED_TOGETHER,
        (buffers, rows) =>
          BatchRecorder.open(workspace, this.#network, this.#parameters, buffers, { ...this.#settings, rows }),
        workspace,
      );
      return await this.#runPass(pass, () => 0, options);
    } finally {
      workspace.destroy();
    }
  }

  async readState(): Promise<TrainingState> {
    const { count } = this.#training.buffers.examples;
    const particles = this.#particles.flatMap((buffer, layer) => {
      const units = this.#network.sizes[layer]!;
      if (!buffer) return [];
      return [
        this.#workspace.read(buffer, 0, matrixBytes(count, units)).then((bytes) => unpadRows(bytes, count, units)),
      ];
    });
    return {
      parameters: await downloadParameters(this.#workspace, this.#network, this.#parameters),
      particles: await Promise.all(particles),
    };
  }

  destroy(): void {
    this.#workspace.destroy();
  }

  /** @param strength β of each batch. @param learning of a pass that learns: what the rates are multiplied with */
  async #runPass(
    { buffers, count, size, full, rest }: Pass,
    strength: (batch: number) => number,
    { signal, onProgress }: PassOptions,
    learning?: { readonly epoch: number; readonly rate: number },
  ): Promise<Score> {
    const { context } = this.#workspace;
    const { examples } = buffers;
    context.writeBuffer(buffers.schedule, scheduleOf(count, size, strength, learning?.rate ?? 0));
    let score: Score = { examples: 0, errors: 0, cost: 0 };
    let batches = FIRST_SUBMISSION;
    for (let done = 0; done < count && !signal?.aborted; ) {
      const end = Math.min(count, done + batches);
      const started = performance.now();
      await this.#workspace.submit('batches', (encoder) => {
        for (let batch = done; batch < end; batch++) {
          const recorder = (batch + 1) * size <= examples.count ? full : rest;
          recorder.record(encoder, batch, batch * size);
        }
      });
      const bytes = await this.#workspace.read(buffers.scores, done * 8, (end - done) * 8);
      if (learning) await this.#requireConverging(learning.epoch);
      score = added(score, bytes, Math.min(examples.count, end * size));
      onProgress?.(score);
      const elapsed = performance.now() - started;
      batches = Math.max(1, Math.round(Math.min(2 * batches, ((end - done) * SUBMISSION_MS) / Math.max(1, elapsed))));
      done = end;
    }
    return score;
  }

  async #requireConverging(epoch: number): Promise<void> {
    const [batch] = new Uint32Array(await this.#workspace.read(this.#fault, 0, 4));
    if (batch === NO_FAULT) return;
    throw divergence(this.#settings, epoch, batch!);
  }
}

async function openBatches(
  examples: DeviceExamples,
  wanted: number,
  open: (pass: PassBuffers, rows: number) => Promise<BatchRecorder>,
  workspace: Workspace,
): Promise<Pass> {
  const size = Math.min(wanted, examples.count);
  const count = Math.ceil(examples.count / size);
  const buffers = await openPass(workspace, examples, count);
  const left = examples.count % size;
  const full = await open(buffers, size);
  return { buffers, count, size, full, rest: left > 0 ? await open(buffers, left) : full };
}

/** The first values of `PhaseParams` of every batch. */
function scheduleOf(
  count: number,
  size: number,
  strength: (batch: number) => number,
  rate: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count * (BATCH_PARAMS_BYTES / 4));
  const words = new Uint32Array(values.buffer);
  for (let batch = 0; batch < count; batch++) {
    const beta = strength(batch);
    values.set([beta, beta === 0 ? 0 : rate / beta], batch * 4);
    words.set([batch * size, batch], batch * 4 + 2);
  }
  return values;
}

function added({ errors, cost }: Score, scores: ArrayBuffer, examples: number): Score {
  const words = new Uint32Array(scores);
  const floats = new Float32Array(scores);
  for (let at = 0; at < words.length; at += 2) {
    errors += words[at]!;
    cost += floats[at + 1]!;
  }
  return { examples, errors, cost };
}
