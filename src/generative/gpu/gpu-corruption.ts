import { type Dispatch, USAGE } from '../../gpu/workspace.ts';
import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import { normalTable } from '../../random/normal.ts';
import type { TrainingSettings } from '../training-settings.ts';
import type { Recorder } from './recorder.ts';
import { kernels, LANES, noiseParams, walkParams } from './shaders.ts';

/** What corruptions of a batch read beside it. */
export interface CorruptionContext {
  readonly recorder: Recorder;
  readonly seed: number;
  /** `clockParams`: which update it is. */
  readonly clock: GPUBuffer;
  /** Running variances of the latent layers. */
  readonly variances: readonly GPUBuffer[];
  readonly settings: TrainingSettings;
}

/**
 * Writes corrupted activities of a layer into rows of a buffer: Gaussian noise, or spikes in the top layer.
 *
 * @param firstRow row of `noisy` where the batch begins, and of the addresses of its random numbers
 */
export async function corruption(
  context: CorruptionContext,
  layer: number,
  clean: GPUBuffer,
  noisy: GPUBuffer,
  firstRow: number,
): Promise<Dispatch> {
  const { recorder, settings, variances, clock } = context;
  if (layer === recorder.layers) {
    return spikes(context, clean, noisy, { purpose: NETWORK_PURPOSE.layerNoise, slot: layer, firstRow });
  }
  const { workspace, rows } = recorder;
  const hidden = layer > 0;
  const pipeline = await workspace.pipeline('corruption', kernels.corrupt, {
    switches: { HIDDEN: hidden, SLOW_SHIFTS: workspace.context.adapter.software },
  });
  const params = noiseParams.pack({
    seed: context.seed,
    purpose: NETWORK_PURPOSE.layerNoise,
    rows,
    units: recorder.units(layer),
    firstRow,
    outputRow: firstRow,
    time: layer,
    spikes: 0,
    size: hidden ? settings.corruption.hidden : settings.corruption.pixels,
  });
  const table = await workspace.buffer('normal table', USAGE.table, normalTable());
  const buffers = [
    await recorder.uniform(params),
    table,
    clean,
    noisy,
    hidden ? variances[layer - 1] : undefined,
    clock,
  ];
  return workspace.threads(pipeline, workspace.bind(pipeline, buffers), rows * recorder.vectors(layer), LANES);
}

/** Spikes of the top layer. @param slot of the update's time */
export async function spikes(
  { recorder, seed, clock, settings }: CorruptionContext,
  top: GPUBuffer,
  means: GPUBuffer,
  { purpose, slot, firstRow }: { readonly purpose: number; readonly slot: number; readonly firstRow: number },
): Promise<Dispatch> {
  const { workspace, rows, layers } = recorder;
  const pipeline = await workspace.pipeline('spikes', kernels.spikes, {
    switches: { SLOW_SHIFTS: workspace.context.adapter.software },
  });
  const params = noiseParams.pack({
    seed,
    purpose,
    rows,
    units: recorder.units(layers),
    firstRow,
    outputRow: firstRow,
    time: slot,
    spikes: settings.corruption.spikes,
    size: 0,
  });
  const bindings = workspace.bind(pipeline, [await recorder.uniform(params), clock, top, means]);
  return workspace.threads(pipeline, bindings, rows * recorder.vectors(layers) * 4, LANES);
}

/** Where walks start: a share of the top units takes values of the prior. */
export async function walkStart(
  { recorder, seed, clock, settings }: CorruptionContext,
  top: GPUBuffer,
  { mean, variance }: { readonly mean: GPUBuffer; readonly variance: GPUBuffer },
  varianceFactor: number,
  start: GPUBuffer,
): Promise<Dispatch> {
  const { workspace, rows, layers } = recorder;
  const pipeline = await workspace.pipeline('start of walks', kernels.walkStart, {
    switches: { SLOW_SHIFTS: workspace.context.adapter.software },
  });
  const params = walkParams.pack({
    seed,
    purpose: NETWORK_PURPOSE.walkUnits,
    rows,
    units: recorder.units(layers),
    share: settings.walkback.share,
    varianceFactor,
  });
  const table = await workspace.buffer('normal table', USAGE.table, normalTable());
  const buffers = [await recorder.uniform(params), clock, table, top, mean, variance, start];
  return workspace.threads(pipeline, workspace.bind(pipeline, buffers), rows * recorder.vectors(layers) * 4, LANES);
}
