import { type Dispatch, USAGE } from '../../gpu/workspace.ts';
import { paddedColumns } from '../../matrix/layout.ts';
import { MatrixProduct } from '../../matrix/product.ts';
import type { MapMoments } from '../reference/train.ts';
import { type DeviceMap, matrixBuffer, readMatrix } from './device-model.ts';
import type { Recorder } from './recorder.ts';
import { adamParams, errorParams, kernels, LANES, rowParams, stores } from './shaders.ts';

/** Adam's running means of one map in device memory. */
export interface DeviceMoments {
  readonly weights: { readonly first: GPUBuffer; readonly second: GPUBuffer };
  readonly biases: { readonly first: GPUBuffer; readonly second: GPUBuffer };
}

/** Brings Adam's running means of a map to the device. */
export async function uploadMoments(
  { workspace }: Recorder,
  { inputs, outputs }: DeviceMap,
  { weights, biases }: MapMoments<Float32Array>,
): Promise<DeviceMoments> {
  const [first, second, biasFirst, biasSecond] = await Promise.all([
    matrixBuffer(workspace, 'first moments', weights.first, inputs, outputs),
    matrixBuffer(workspace, 'second moments', weights.second, inputs, outputs),
    matrixBuffer(workspace, 'first moments of biases', biases.first, 1, outputs),
    matrixBuffer(workspace, 'second moments of biases', biases.second, 1, outputs),
  ]);
  return { weights: { first, second }, biases: { first: biasFirst, second: biasSecond } };
}

/** Adam's running means as they are after the work submitted so far. */
export async function downloadMoments(
  { workspace }: Recorder,
  { inputs, outputs }: DeviceMap,
  { weights, biases }: DeviceMoments,
): Promise<MapMoments<Float32Array>> {
  const pair = async ({ first, second }: DeviceMoments['weights'], rows: number) => ({
    first: await readMatrix(workspace, first, rows, outputs),
    second: await readMatrix(workspace, second, rows, outputs),
  });
  return { weights: await pair(weights, inputs), biases: await pair(biases, 1) };
}

/** What one map learns from. */
export interface Lesson {
  readonly map: DeviceMap;
  readonly moments: DeviceMoments;
  /** Layer of the map's output. */
  readonly outputLayer: number;
  /** Corrupted activities of the layer that the map reads, shape [rows][inputs]. */
  readonly input: GPUBuffer;
  readonly rows: number;
  /** Clean activities of the layer that it writes, shape [targetRows][outputs]; row r is to become row r mod targetRows. */
  readonly target: GPUBuffer;
  readonly targetRows: number;
}

/**
 * One step of Adam of one map towards its own local target: three dispatches, errors, weights and biases. Nothing of
 * any other map is bound to them, so that no error can cross a layer. The reference is `reference/regression.ts`.
 *
 * @returns the dispatches, and the buffer of Adam's step sizes (`adamParams`)
 */
export async function learningDispatches(
  recorder: Recorder,
  { map, moments, outputLayer, input, rows, target, targetRows }: Lesson,
): Promise<{ readonly dispatches: readonly Dispatch[]; readonly rates: GPUBuffer }> {
  const { workspace } = recorder;
  const { inputs, outputs } = map;
  const vectors = paddedColumns(outputs) / 4;
  const { pieces, switches } = recorder.activity(outputLayer);
  const errors = await workspace.buffer('errors', USAGE.storage, rows * vectors * 16);
  const rates = await workspace.buffer('step sizes', USAGE.uniform, adamParams.size);
  const forward = await recorder.product(
    map,
    { pieces: [...pieces, ...stores.error], switches: { ...switches, CROSS_ENTROPY: outputLayer === 0 } },
    rows,
  );
  const gradient = await MatrixProduct.open(workspace, {
    rows: inputs,
    columns: outputs,
    inner: rows,
    transposed: 'left',
    store: { pieces: stores.adam },
  });
  const biasStep = await workspace.pipeline('step of biases', kernels.adamBiases);
  const biasRows = await recorder.uniform(rowParams.pack({ rows, vectors, first: 0 }));
  const biasBindings = [biasRows, rates, errors, map.biases, moments.biases.first, moments.biases.second];
  const errorSize = await recorder.uniform(errorParams.pack({ targetRows }));
  return {
    rates,
    dispatches: [
      forward.dispatch(input, map.weights, errors, map.biases, errorSize, target),
      gradient.dispatch(input, errors, map.weights, moments.weights.first, moments.weights.second, rates),
      workspace.threads(biasStep, workspace.bind(biasStep, biasBindings), vectors, LANES),
    ],
  };
}
