import type { ShaderPiece, ShaderSwitches } from '../../gpu/source.ts';
import { type Dispatch, USAGE, type Workspace } from '../../gpu/workspace.ts';
import { paddedColumns } from '../../matrix/layout.ts';
import { MatrixProduct } from '../../matrix/product.ts';
import { activationOf } from '../activation.ts';
import { latentLayers } from '../model.ts';
import type { DeviceMap, DeviceModel } from './device-model.ts';
import { activity, kernels, LANES, rowParams, stores } from './shaders.ts';

/** Makes the dispatches of a model for batches of a fixed number of rows. */
export class Recorder {
  readonly workspace: Workspace;
  readonly device: DeviceModel;
  readonly rows: number;

  constructor(workspace: Workspace, device: DeviceModel, rows: number) {
    this.workspace = workspace;
    this.device = device;
    this.rows = rows;
  }

  /** Units of a layer. */
  units(layer: number): number {
    return this.device.model.sizes[layer]!;
  }

  /** Vectors of four in a padded row of a layer. */
  vectors(layer: number): number {
    return paddedColumns(this.units(layer)) / 4;
  }

  /** Pieces and switches that the activities of a layer need. */
  activity(layer: number): { readonly pieces: readonly ShaderPiece[]; readonly switches: ShaderSwitches } {
    const { model } = this.device;
    return {
      pieces: activity(model.hiddenScale),
      switches: { SIGMOID: activationOf(model, layer).type === 'sigmoid' },
    };
  }

  /** f_k for k = `layer`, from buffers of layer k − 1 to buffers of layer k. */
  encoder(layer: number): Promise<(input: GPUBuffer, output: GPUBuffer) => Dispatch> {
    return this.#map(this.device.encoders[layer - 1]!, layer);
  }

  /** g_k for k = `layer`, from buffers of layer k to buffers of layer k − 1. */
  decoder(layer: number): Promise<(input: GPUBuffer, output: GPUBuffer) => Dispatch> {
    return this.#map(this.device.decoders[layer - 1]!, layer - 1);
  }

  async #map(map: DeviceMap, outputLayer: number): Promise<(input: GPUBuffer, output: GPUBuffer) => Dispatch> {
    const { pieces, switches } = this.activity(outputLayer);
    const product = await this.product(map, { pieces: [...pieces, ...stores.activity], switches });
    return (input, output) => product.dispatch(input, map.weights, output, map.biases);
  }

  /** A product of a batch with a map's weights. */
  product(map: DeviceMap, store: { pieces: readonly ShaderPiece[]; switches?: ShaderSwitches }, rows = this.rows) {
    return MatrixProduct.open(this.workspace, { rows, columns: map.outputs, inner: map.inputs, store });
  }

  /** An elementwise kernel over a batch of a layer, one thread for every four values. */
  async elementwise(
    kernel: 'copy' | 'seeThrough',
    layer: number,
  ): Promise<(...buffers: readonly GPUBuffer[]) => Dispatch> {
    const vectors = this.vectors(layer);
    const pipeline = await this.workspace.pipeline(kernel, kernels[kernel]);
    const params = await this.uniform(rowParams.pack({ rows: this.rows, vectors, first: 0 }));
    return (...buffers) => {
      const bindings = this.workspace.bind(pipeline, [params, ...buffers]);
      return this.workspace.threads(pipeline, bindings, this.rows * vectors, LANES);
    };
  }

  uniform(contents: ArrayBuffer): Promise<GPUBuffer> {
    return this.workspace.buffer('parameters', USAGE.uniform, contents);
  }

  get layers(): number {
    return latentLayers(this.device.model);
  }
}
