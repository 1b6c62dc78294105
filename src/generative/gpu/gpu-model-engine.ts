import { EngineError } from '../../errors.ts';
import type { GpuContext } from '../../gpu/context.ts';
import { type Dispatch, recordPass, USAGE, Workspace } from '../../gpu/workspace.ts';
import { padRows } from '../../matrix/layout.ts';
import type { EngineOptions, ModelEngine } from '../engine.ts';
import type { GenerativeModel, ModelParameters } from '../model.ts';
import { matrixBuffer, readMatrix, uploadModel } from './device-model.ts';
import { GpuInference, type GpuInferenceOptions, jointDispatches } from './gpu-inference.ts';
import { gpuParzen } from './gpu-parzen.ts';
import { Recorder } from './recorder.ts';

/** Examples of a batch: large enough for a GPU, small enough that a software adapter ends one in a second or two. */
const BATCH_ROWS = { software: 100, hardware: 1000 } as const;

/**
 * A trained model on a GPU. The device stays the caller's.
 *
 * @throws EngineError `shader`, `out-of-memory`, `device-lost`
 */
export async function openGpuModelEngine(
  context: GpuContext,
  model: GenerativeModel,
  parameters: ModelParameters,
): Promise<ModelEngine> {
  const workspace = new Workspace(context);
  const batchRows = context.adapter.software ? BATCH_ROWS.software : BATCH_ROWS.hardware;
  const device = await uploadModel(workspace, model, parameters).catch((error: unknown) => {
    workspace.destroy();
    throw error;
  });
  const pixelCount = model.sizes[0]!;
  const layers = model.sizes.length - 1;

  return {
    async infer(pixels, settings, options = {}) {
      const { temperature = 0, seed = 0 } = options;
      const examples = pixels.length / pixelCount;
      const state = model.sizes.slice(1).map((units) => new Float32Array(examples * units));
      await inBatches(examples, options, async (scope, first, rows) => {
        const langevin = { temperature, seed, firstRow: first };
        const inference = await opened(scope, rows, settings, temperature > 0 ? { langevin } : {});
        await write(inference.pixels, pixels, first, rows, pixelCount);
        await run(inference.all);
        for (const [k, buffer] of inference.state.entries()) {
          await collect(buffer, state[k]!, first, rows, model.sizes[k + 1]!);
        }
      });
      return state;
    },

    async logJointCurve(pixels, settings, options = {}) {
      const examples = pixels.length / pixelCount;
      const times = settings.steps + 1;
      const curve = new Float32Array(times * examples);
      await inBatches(examples, options, async (scope, first, rows) => {
        const inference = await opened(scope, rows, settings);
        const sums = await scope.buffer('log p(x, h)', USAGE.readable, times * rows * 4);
        await write(inference.pixels, pixels, first, rows, pixelCount);
        const measured = await Promise.all(
          Array.from({ length: times }, (_, time) => jointDispatches(inference, sums, time)),
        );
        await run([
          ...inference.start,
          ...measured[0]!,
          ...inference.steps.flatMap((step, k) => [...step, ...measured[k + 1]!]),
        ]);
        const values = new Float32Array(await scope.read(sums, 0, times * rows * 4));
        for (let time = 0; time < times; time++) {
          curve.set(values.subarray(time * rows, (time + 1) * rows), time * examples + first);
        }
      });
      return curve;
    },

    async generate(top, { rounds, inference: settings }, options = {}) {
      const units = model.sizes[layers]!;
      const examples = top.length / units;
      const directed = new Float32Array(examples * pixelCount);
      const chain = new Float32Array(examples * pixelCount);
      await inBatches(examples, options, async (scope, first, rows) => {
        const inference = await opened(scope, rows, settings);
        const { recorder, reconstructions, pixels } = inference;
        const start = await matrixBuffer(scope, 'top', undefined, rows, units);
        await write(start, top, first, rows, units);
        const decoders = await Promise.all(reconstructions.map((_, k) => recorder.decoder(k + 1)));
        const copy = await recorder.elementwise('copy', 0);
        const shown = copy(reconstructions[0]!, pixels);
        const decoding = decoders.map((decode, k) =>
          decode(k + 1 === layers ? start : reconstructions[k + 1]!, reconstructions[k]!),
        );
        await run([...decoding.toReversed(), shown]);
        await collect(pixels, directed, first, rows, pixelCount);
        for (let round = 0; round < rounds; round++) await run([...inference.all, shown]);
        await collect(pixels, chain, first, rows, pixelCount);
      });
      return { directed, chain };
    },

    async inpaint(pixels, visible, { rounds, ...settings }, options = {}) {
      const examples = pixels.length / pixelCount;
      const filled = new Float32Array(examples * pixelCount);
      await inBatches(examples, options, async (scope, first, rows) => {
        const inference = await opened(scope, rows, settings, { masked: true });
        const { recorder, reconstructions } = inference;
        await write(inference.pixels, pixels, first, rows, pixelCount);
        await write(inference.visible!, visible, first, rows, pixelCount);
        const next = await matrixBuffer(scope, 'filled', undefined, rows, pixelCount);
        const seeThrough = await recorder.elementwise('seeThrough', 0);
        const copy = await recorder.elementwise('copy', 0);
        const filling = [
          seeThrough(inference.pixels, inference.visible!, reconstructions[0]!, next),
          copy(next, inference.pixels),
        ];
        for (let round = 0; round < rounds; round++) await run([...inference.all, ...filling]);
        await collect(inference.pixels, filled, first, rows, pixelCount);
      });
      return filled;
    },

    parzen: (centres, points, sigmas, options) => gpuParzen(workspace, pixelCount, centres, points, sigmas, options),
    destroy: () => workspace.destroy(),
  };

  /** Runs work on batches, each with buffers of its own. */
  async function inBatches(
    examples: number,
    { signal, onProgress }: EngineOptions,
    work: (scope: Workspace, first: number, rows: number) => Promise<void>,
  ): Promise<void> {
    for (let first = 0; first < examples; first += batchRows) {
      if (signal?.aborted) throw new EngineError('aborted', 'interrupted before all examples were done');
      const rows = Math.min(batchRows, examples - first);
      const scope = new Workspace(context);
      try {
        await work(scope, first, rows);
      } finally {
        scope.destroy();
      }
      onProgress?.({ done: first + rows, total: examples });
    }
  }

  function opened(
    scope: Workspace,
    rows: number,
    settings: Parameters<ModelEngine['infer']>[1],
    options: GpuInferenceOptions = {},
  ): Promise<GpuInference> {
    return GpuInference.open(new Recorder(scope, device, rows), settings, options);
  }

  async function run(dispatches: readonly Dispatch[]): Promise<void> {
    await workspace.submit('inference', (encoder) => recordPass(encoder, 'inference', dispatches));
    await context.idle();
  }

  async function write(buffer: GPUBuffer, values: Float32Array, first: number, rows: number, units: number) {
    context.writeBuffer(buffer, padRows(values.subarray(first * units, (first + rows) * units), rows, units));
  }

  async function collect(buffer: GPUBuffer, into: Float32Array, first: number, rows: number, units: number) {
    into.set(await readMatrix(workspace, buffer, rows, units), first * units);
  }
}
