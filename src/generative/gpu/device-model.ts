import { USAGE, type Workspace } from '../../gpu/workspace.ts';
import { matrixBytes, padRows, unpadRows } from '../../matrix/layout.ts';
import type { GenerativeModel, LayerMap, ModelParameters } from '../model.ts';

/** One map in device memory. */
export interface DeviceMap {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: GPUBuffer;
  readonly biases: GPUBuffer;
}

/** A model's parameters in device memory. */
export interface DeviceModel {
  readonly model: GenerativeModel;
  readonly encoders: readonly DeviceMap[];
  readonly decoders: readonly DeviceMap[];
}

/** Brings a model to the device. @throws EngineError `out-of-memory`, `device-lost` */
export async function uploadModel(
  workspace: Workspace,
  model: GenerativeModel,
  { encoders, decoders }: ModelParameters,
): Promise<DeviceModel> {
  const upload = async (map: LayerMap, name: string): Promise<DeviceMap> => {
    const outputs = map.biases.length;
    const inputs = map.weights.length / outputs;
    const [weights, biases] = await Promise.all([
      matrixBuffer(workspace, `${name} weights`, map.weights, inputs, outputs),
      matrixBuffer(workspace, `${name} biases`, map.biases, 1, outputs),
    ]);
    return { inputs, outputs, weights, biases };
  };
  return {
    model,
    encoders: await Promise.all(encoders.map((map, k) => upload(map, `encoder ${k + 1}`))),
    decoders: await Promise.all(decoders.map((map, k) => upload(map, `decoder ${k + 1}`))),
  };
}

/** The parameters as they are after the work submitted so far. */
export async function downloadModel(
  workspace: Workspace,
  { encoders, decoders }: DeviceModel,
): Promise<ModelParameters> {
  const download = async ({ weights, biases, inputs, outputs }: DeviceMap): Promise<LayerMap> => ({
    weights: await readMatrix(workspace, weights, inputs, outputs),
    biases: await readMatrix(workspace, biases, 1, outputs),
  });
  return {
    encoders: await Promise.all(encoders.map(download)),
    decoders: await Promise.all(decoders.map(download)),
  };
}

/** A matrix in device memory that is also read back; zeros where no values are given. */
export function matrixBuffer(
  workspace: Workspace,
  label: string,
  values: ArrayLike<number> | undefined,
  rows: number,
  columns: number,
): Promise<GPUBuffer> {
  const contents = values ? padRows(values, rows, columns) : matrixBytes(rows, columns);
  return workspace.buffer(label, USAGE.exchanged, contents);
}

/** A matrix of the device after the work submitted so far, without padding. */
export async function readMatrix(
  workspace: Workspace,
  buffer: GPUBuffer,
  rows: number,
  columns: number,
): Promise<Float32Array<ArrayBuffer>> {
  return unpadRows(await workspace.read(buffer, 0, matrixBytes(rows, columns)), rows, columns);
}
