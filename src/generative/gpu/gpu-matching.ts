import { type Dispatch, USAGE } from '../../gpu/workspace.ts';
import { paddedColumns } from '../../matrix/layout.ts';
import { MatrixProduct } from '../../matrix/product.ts';
import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import { normalTable } from '../../random/normal.ts';
import type { MatchingSettings } from '../training-settings.ts';
import { matrixBuffer } from './device-model.ts';
import { Recorder } from './recorder.ts';
import { kernels, LANES, nearestParams, noiseParams, rowParams } from './shaders.ts';

/** The pool of an update on the device. */
export interface GpuMatching {
  /** Activities of the pool, pixels first, top last, shape [pool][units] each. */
  readonly layers: readonly GPUBuffer[];
  /** Draws the pool, decodes it and writes the top state that each image starts from. */
  readonly dispatches: readonly Dispatch[];
}

/**
 * Matching of a batch: the reference is `reference/match.ts`.
 *
 * @param clock `clockParams`: which update it is
 * @param pixels of the batch, shape [rows][pixels]
 * @param top where the top states of the batch go, shape [rows][units]
 */
export async function openMatching(
  batch: Recorder,
  { pool, sd }: MatchingSettings,
  { seed, clock, pixels, top }: { seed: number; clock: GPUBuffer; pixels: GPUBuffer; top: GPUBuffer },
): Promise<GpuMatching> {
  const { workspace, device, rows } = batch;
  const recorder = new Recorder(workspace, device, pool);
  const layers = await Promise.all(
    device.model.sizes.map((units, layer) => matrixBuffer(workspace, `pool ${layer}`, undefined, pool, units)),
  );
  const decoders = await Promise.all(device.decoders.map((_, k) => recorder.decoder(k + 1)));
  return { layers, dispatches: [await drawing(), ...decoding().toReversed(), ...(await choosing())] };

  async function drawing(): Promise<Dispatch> {
    const pipeline = await workspace.pipeline('pool', kernels.pool, {
      switches: { SLOW_SHIFTS: workspace.context.adapter.software },
    });
    const units = recorder.units(recorder.layers);
    const params = noiseParams.pack({
      seed,
      purpose: NETWORK_PURPOSE.poolStates,
      rows: pool,
      units,
      firstRow: 0,
      outputRow: 0,
      time: 0,
      spikes: 0,
      size: sd,
    });
    const table = await workspace.buffer('normal table', USAGE.table, normalTable());
    const bindings = workspace.bind(pipeline, [await recorder.uniform(params), clock, table, layers.at(-1)!]);
    return workspace.threads(pipeline, bindings, pool * recorder.vectors(recorder.layers), LANES);
  }

  function decoding(): Dispatch[] {
    return decoders.map((decode, k) => decode(layers[k + 1]!, layers[k]!));
  }

  async function choosing(): Promise<Dispatch[]> {
    const squares = await workspace.buffer('squares of the pool', USAGE.storage, pool * 4);
    const products = await workspace.buffer('images · pool', USAGE.storage, rows * paddedColumns(pool) * 4);
    const summing = await workspace.pipeline('square sums', kernels.squareSums);
    const poolRows = await recorder.uniform(rowParams.pack({ rows: pool, vectors: recorder.vectors(0), first: 0 }));
    const product = await MatrixProduct.open(workspace, {
      rows,
      columns: pool,
      inner: recorder.units(0),
      transposed: 'right',
    });
    const choice = await workspace.pipeline('nearest', kernels.nearest);
    const params = await recorder.uniform(nearestParams.pack({ pool, vectors: recorder.vectors(recorder.layers) }));
    const choosing = [params, products, squares, layers.at(-1)!, top];
    return [
      { pipeline: summing, bindings: workspace.bind(summing, [poolRows, layers[0]!, squares]), x: pool, y: 1 },
      product.dispatch(pixels, layers[0]!, products),
      { pipeline: choice, bindings: workspace.bind(choice, choosing), x: rows, y: 1 },
    ];
  }
}
