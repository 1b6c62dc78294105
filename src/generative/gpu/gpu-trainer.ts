import type { GpuContext } from '../../gpu/context.ts';
import { type Dispatch, recordPass, USAGE, Workspace } from '../../gpu/workspace.ts';
import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import type { Prior } from '../model.ts';
import type { TrainingState } from '../reference/train.ts';
import { walkRounds } from '../reference/walk.ts';
import { adamScales, decoderRates, encoderRates, statisticsRate } from '../schedule.ts';
import type { Trainer, TrainerOptions } from '../trainer.ts';
import { type DeviceModel, downloadModel, matrixBuffer, readMatrix, uploadModel } from './device-model.ts';
import { corruption, spikes, walkStart } from './gpu-corruption.ts';
import { homeostasisDispatches } from './gpu-homeostasis.ts';
import { GpuInference } from './gpu-inference.ts';
import { downloadMoments, learningDispatches, uploadMoments } from './gpu-learning.ts';
import { openMatching } from './gpu-matching.ts';
import { Recorder } from './recorder.ts';
import { adamParams, clockParams, kernels, LANES, rowParams } from './shaders.ts';

/** Updates that are submitted before the device is waited for. */
const UPDATES_IN_FLIGHT = 4;

/**
 * Training on a GPU: every update is one submission, and nothing is read back until {@link Trainer.read}. The device
 * stays the caller's. What an update computes is in `reference/train.ts`.
 *
 * @throws EngineError `shader`, `out-of-memory`, `device-lost`
 */
export async function openGpuTrainer(context: GpuContext, options: TrainerOptions): Promise<Trainer> {
  const workspace = new Workspace(context);
  try {
    return await openIn(workspace, options);
  } catch (error) {
    workspace.destroy();
    throw error;
  }
}

async function openIn(workspace: Workspace, options: TrainerOptions): Promise<Trainer> {
  const { model, settings, seed, totalUpdates, varianceFactor, images } = options;
  const device = await uploadModel(workspace, model, options.state.parameters);
  const recorder = new Recorder(workspace, device, settings.batch);
  const { layers, rows } = recorder;
  const walking = settings.walkback.rounds > 0;
  const matching = settings.matching.pool > 0;
  const allRows = walking ? 2 * rows : rows;

  const clock = await workspace.buffer('clock', USAGE.uniform, clockParams.size);
  const pictures = await workspace.buffer('images', USAGE.table, wholeWords(images, model.sizes[0]!));
  const order = await workspace.buffer('order', USAGE.table, Math.max(1, options.imageCount) * 4);
  const statistics = await Promise.all(
    options.state.statistics.map(async ({ mean, variance }) => ({
      mean: await matrixBuffer(workspace, 'means', mean, 1, mean.length),
      variance: await matrixBuffer(workspace, 'variances', variance, 1, variance.length),
    })),
  );
  const moments = {
    encoders: await Promise.all(
      device.encoders.map((map, k) => uploadMoments(recorder, map, options.state.moments.encoders[k]!)),
    ),
    decoders: await Promise.all(
      device.decoders.map((map, k) => uploadMoments(recorder, map, options.state.moments.decoders[k]!)),
    ),
  };

  const inference = await GpuInference.open(recorder, settings.inference, { topGiven: matching });
  const pool = matching
    ? await openMatching(recorder, settings.matching, {
        seed,
        clock,
        pixels: inference.pixels,
        top: inference.state.at(-1)!,
      })
    : undefined;
  const clean = [inference.pixels, ...inference.state];
  const noisy = await Promise.all(
    model.sizes.map((units, layer) => matrixBuffer(workspace, `noisy ${layer}`, undefined, allRows, units)),
  );
  const variances = statistics.map(({ variance }) => variance);
  const corruptions = { recorder, seed, clock, variances, settings };
  const walk = walking ? await openWalk() : undefined;

  const gather = await gathering();
  const counting = await Promise.all(statistics.map((unit, k) => countingOf(unit, k + 1)));
  const corrupting = await Promise.all([
    ...clean.map((values, layer) => corruption(corruptions, layer, values, noisy[layer]!, 0)),
    ...(walk?.state ?? []).map((values, k) => corruption(corruptions, k + 1, values, noisy[k + 1]!, rows)),
  ]);
  const decoding = await Promise.all(
    device.decoders.map((map, k) =>
      learningDispatches(recorder, {
        map,
        moments: moments.decoders[k]!,
        outputLayer: k,
        input: noisy[k + 1]!,
        rows: allRows,
        target: clean[k]!,
        targetRows: rows,
      }),
    ),
  );
  const encoding = await Promise.all(
    device.encoders.map((map, k) => {
      const lesson = { map, moments: moments.encoders[k]!, outputLayer: k + 1 };
      // The top encoder learns what was drawn where something was.
      return pool && k + 1 === layers
        ? learningDispatches(recorder, {
            ...lesson,
            input: pool.layers[k]!,
            rows: settings.matching.pool,
            target: pool.layers[k + 1]!,
            targetRows: settings.matching.pool,
          })
        : learningDispatches(recorder, { ...lesson, input: noisy[k]!, rows, target: clean[k + 1]!, targetRows: rows });
    }),
  );
  const settling =
    settings.homeostasis.rate === 0
      ? []
      : await Promise.all(
          device.encoders.map((_, k) => {
            const walked = k > 0 ? walk?.state[k - 1] : undefined;
            const below = walked ? ([clean[k]!, walked] as const) : ([clean[k]!] as const);
            return homeostasisDispatches(recorder, k + 1, below, settings.homeostasis);
          }),
        );

  let updates = options.state.updates;
  return {
    get updates() {
      return updates;
    },
    setOrder: (images) => workspace.context.writeBuffer(order, images),
    async update(firstImage) {
      writeClock(firstImage);
      const learned = [
        ...decoding.flatMap(({ dispatches }) => dispatches),
        ...encoding.flatMap(({ dispatches }, k) =>
          encoderRates(model, settings, k + 1, updates, totalUpdates).biases > 0 ? dispatches : [],
        ),
      ];
      const rounds = walk ? walkRounds(seed, updates, settings.walkback.rounds) : 0;
      const dispatches = [
        gather,
        ...(pool?.dispatches ?? []),
        ...inference.all,
        ...counting,
        ...(walk ? [walk.start, ...walk.rounds.slice(0, rounds).flat()] : []),
        ...corrupting,
        ...learned,
        ...settling.flat(),
      ];
      await workspace.submit('training update', (encoder) => recordPass(encoder, 'training update', dispatches));
      updates++;
      if (updates % UPDATES_IN_FLIGHT === 0) await workspace.context.idle();
    },
    read: () => readState(),
    destroy: () => workspace.destroy(),
  };

  function writeClock(firstImage: number): void {
    const rate = statisticsRate(updates);
    workspace.context.writeBuffer(clock, clockParams.pack({ update: updates, firstImage, statisticsRate: rate }));
    decoding.forEach(({ rates }, k) => {
      writeRates(rates, decoderRates(model, settings, k + 1, updates, totalUpdates));
    });
    encoding.forEach(({ rates }, k) => {
      writeRates(rates, encoderRates(model, settings, k + 1, updates, totalUpdates));
    });
  }

  function writeRates(buffer: GPUBuffer, { weights, biases }: { weights: number; biases: number }): void {
    const values = { weightRate: weights, biasRate: biases, ...adamScales(updates + 1) };
    workspace.context.writeBuffer(buffer, adamParams.pack(values));
  }

  async function gathering(): Promise<Dispatch> {
    const vectors = recorder.vectors(0);
    const pipeline = await workspace.pipeline('gather images', kernels.gather);
    const params = await recorder.uniform(rowParams.pack({ rows, vectors, first: 0 }));
    const bindings = workspace.bind(pipeline, [params, clock, pictures, order, inference.pixels]);
    return workspace.threads(pipeline, bindings, rows * vectors, LANES);
  }

  async function countingOf({ mean, variance }: DeviceStatistics, layer: number): Promise<Dispatch> {
    const vectors = recorder.vectors(layer);
    const pipeline = await workspace.pipeline('statistics', kernels.statistics);
    const params = await recorder.uniform(rowParams.pack({ rows, vectors, first: 0 }));
    const bindings = workspace.bind(pipeline, [params, clock, inference.state[layer - 1], mean, variance]);
    return workspace.threads(pipeline, bindings, vectors, LANES);
  }

  async function openWalk() {
    const walked = await GpuInference.open(recorder, settings.walkback.inference);
    const top = walked.state.at(-1)!;
    const spiking = await matrixBuffer(workspace, 'spikes of walks', undefined, rows, recorder.units(layers));
    const decoders = await Promise.all(Array.from({ length: layers }, (_, k) => recorder.decoder(k + 1)));
    const copy = await recorder.elementwise('copy', 0);
    const rounds = await Promise.all(
      Array.from({ length: settings.walkback.rounds }, async (_, round) => {
        const address = { purpose: NETWORK_PURPOSE.walkSpikes, slot: round, firstRow: 0 };
        const spike = await spikes(corruptions, top, spiking, address);
        const decoded = walked.reconstructions;
        const decode = decoders.map((decoder, k) => decoder(k + 1 === layers ? spiking : decoded[k + 1]!, decoded[k]!));
        return [spike, ...decode.toReversed(), copy(decoded[0]!, walked.pixels), ...walked.all];
      }),
    );
    const prior = statistics.at(-1)!;
    const start = await walkStart(corruptions, inference.state.at(-1)!, prior, varianceFactor, top);
    return { start, rounds, state: walked.state };
  }

  async function readState(): Promise<TrainingState> {
    const read = (buffer: GPUBuffer, units: number) => readMatrix(workspace, buffer, 1, units);
    const statisticsOf = async ({ mean, variance }: DeviceStatistics, k: number): Promise<Prior> => ({
      mean: await read(mean, model.sizes[k + 1]!),
      variance: await read(variance, model.sizes[k + 1]!),
    });
    const momentsOf = (maps: DeviceModel['encoders'], kind: 'encoders' | 'decoders') =>
      Promise.all(maps.map((map, k) => downloadMoments(recorder, map, moments[kind][k]!)));
    return {
      parameters: await downloadModel(workspace, device),
      moments: {
        encoders: await momentsOf(device.encoders, 'encoders'),
        decoders: await momentsOf(device.decoders, 'decoders'),
      },
      statistics: await Promise.all(statistics.map(statisticsOf)),
      updates,
    };
  }
}

interface DeviceStatistics {
  readonly mean: GPUBuffer;
  readonly variance: GPUBuffer;
}

/** Rows of bytes filled up to whole words. */
function wholeWords(images: Uint8Array<ArrayBuffer>, pixels: number): Uint8Array<ArrayBuffer> {
  const stride = Math.ceil(pixels / 4) * 4;
  if (stride === pixels) return images;
  const count = images.length / pixels;
  const padded = new Uint8Array(count * stride);
  for (let image = 0; image < count; image++) {
    padded.set(images.subarray(image * pixels, (image + 1) * pixels), image * stride);
  }
  return padded;
}
