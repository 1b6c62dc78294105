import { type Dispatch, USAGE } from '../../gpu/workspace.ts';
import { MatrixProduct } from '../../matrix/product.ts';
import type { HomeostasisSettings } from '../training-settings.ts';
import type { Recorder } from './recorder.ts';
import { homeostasisParams, kernels, LANES, rowParams } from './shaders.ts';

/**
 * Homeostasis of encoder f_k, k = `layer`: the inputs of its units over the batch, what their weights are to be
 * multiplied with, and that. The reference is `homeostasis` in `reference/regression.ts`.
 *
 * @param below clean activities of layer k − 1 in one or two batches of the recorder's rows
 */
export async function homeostasisDispatches(
  recorder: Recorder,
  layer: number,
  below: readonly [GPUBuffer] | readonly [GPUBuffer, GPUBuffer],
  { rate, hidden, top }: HomeostasisSettings,
): Promise<Dispatch[]> {
  const { workspace, rows } = recorder;
  const map = recorder.device.encoders[layer - 1]!;
  const vectors = recorder.vectors(layer);
  const product = await MatrixProduct.open(workspace, {
    rows,
    columns: map.outputs,
    inner: map.inputs,
    store: { bias: true },
  });
  const inputs = await Promise.all(
    below.map(() => workspace.buffer('inputs of units', USAGE.storage, rows * vectors * 16)),
  );
  const gains = await workspace.buffer('gains', USAGE.storage, vectors * 16);
  const pipeline = await workspace.pipeline('homeostasis', kernels.homeostasis, {
    switches: { WALKED: below.length === 2 },
  });
  const { sd, mean } = layer === recorder.layers ? top : hidden;
  const params = await recorder.uniform(homeostasisParams.pack({ rows, vectors, rate, sd, mean }));
  const scaling = await workspace.pipeline('scale weights', kernels.scaleColumns);
  const weightRows = await recorder.uniform(rowParams.pack({ rows: map.inputs, vectors, first: 0 }));
  return [
    ...below.map((batch, k) => product.dispatch(batch, map.weights, inputs[k]!, map.biases)),
    workspace.threads(
      pipeline,
      workspace.bind(pipeline, [params, inputs[0], map.biases, gains, inputs[1]]),
      vectors,
      LANES,
    ),
    workspace.threads(scaling, workspace.bind(scaling, [weightRows, gains, map.weights]), map.inputs * vectors, LANES),
  ];
}
