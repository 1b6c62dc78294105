import { USAGE, type Workspace } from '../../gpu/workspace.ts';
import { matrixBytes, padRows, unpadRows } from '../../matrix/layout.ts';
import type { Network, Numbers, Parameters } from '../network.ts';

/** Weights and biases of a network in device memory (src/matrix/layout.ts). */
export interface DeviceParameters {
  /** One matrix per connection, [units of `from`][units of `to`]. */
  readonly weights: readonly GPUBuffer[];
  /** One vector per layer. */
  readonly biases: readonly GPUBuffer[];
}

/** Brings parameters to the device. @throws EngineError `out-of-memory`, `device-lost` */
export async function uploadParameters(
  workspace: Workspace,
  { sizes, connections }: Network,
  { weights, biases }: Parameters<Numbers>,
): Promise<DeviceParameters> {
  const matrix = (label: string, values: Numbers, rows: number, columns: number) =>
    workspace.buffer(label, USAGE.exchanged, padRows(values, rows, columns));
  return {
    weights: await Promise.all(
      connections.map(({ from, to }, k) => matrix(`weights ${from}-${to}`, weights[k]!, sizes[from]!, sizes[to]!)),
    ),
    biases: await Promise.all(sizes.map((size, layer) => matrix(`biases ${layer}`, biases[layer]!, 1, size))),
  };
}

/** Reads parameters back. @throws EngineError `device-lost` */
export async function downloadParameters(
  workspace: Workspace,
  { sizes, connections }: Network,
  { weights, biases }: DeviceParameters,
): Promise<Parameters<Float32Array<ArrayBuffer>>> {
  const matrix = async (buffer: GPUBuffer, rows: number, columns: number) =>
    unpadRows(await workspace.read(buffer, 0, matrixBytes(rows, columns)), rows, columns);
  return {
    weights: await Promise.all(connections.map(({ from, to }, k) => matrix(weights[k]!, sizes[from]!, sizes[to]!))),
    biases: await Promise.all(sizes.map((size, layer) => matrix(biases[layer]!, 1, size))),
  };
}
