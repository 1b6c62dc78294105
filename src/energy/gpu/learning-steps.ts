import { type Dispatch, USAGE, type Workspace } from '../../gpu/workspace.ts';
import { MatrixProduct } from '../../matrix/product.ts';
import { isWithinLayer } from '../initial.ts';
import type { LearningRule } from '../training/settings.ts';
import type { DeviceBatch } from './device-batch.ts';
import type { DeviceParameters } from './device-parameters.ts';
import { contrastKernel, learningParams, updateBiasesKernel, updateWeights, wayKernel } from './learning-shaders.ts';
import { UNIT_WORKGROUP } from './shaders.ts';
import type { UnitLayer } from './unit-layers.ts';

export interface LearningOptions {
  readonly rule: LearningRule;
  /** Learning rate of each connection; the biases of a layer learn at that of the connection before it. */
  readonly rates: readonly number[];
  /** Side of the states that the nudged phase ended with. */
  readonly endSide: number;
  /** What the changes are added to; default: the parameters that the batch moves by. */
  readonly into?: DeviceParameters;
  /** A word that gets the number of the first batch after which a parameter is not finite. */
  readonly fault: GPUBuffer;
}

/** The dispatches that learn from the nudged phase that a batch has kept. */
export async function learningSteps(batch: DeviceBatch, options: LearningOptions): Promise<Dispatch[]> {
  const { workspace, network, layers, histories, phase } = batch.made;
  const { rule, rates, endSide, fault, into: parameters = batch.made.parameters } = options;
  const moving = layers.filter(({ layer }) => histories[layer]);
  const ways = new Map<number, GPUBuffer>();
  const dispatches: Dispatch[] = [];
  if (rule === 'contrastive') dispatches.push(...(await contrast(batch, moving, endSide)));
  const summing = await workspace.pipeline('way', wayKernel);
  for (const layer of moving) {
    const way = await workspace.buffer(`layer ${layer.layer}, way`, USAGE.storage, layer.bytes);
    const bindings = workspace.bind(summing, [layer.params, changesOf(batch, layer.layer, rule), way]);
    dispatches.push(workspace.threads(summing, bindings, layer.rows * layer.vectors, UNIT_WORKGROUP));
    ways.set(layer.layer, way);
  }
  const rateOf = (connection: number) => rateBuffer(workspace, rates[connection]! / batch.made.options.rows);
  const adding = await workspace.pipeline('update biases', updateBiasesKernel);
  for (const { layer, params, vectors } of moving) {
    const before = Math.max(
      0,
      network.connections.findIndex(({ to }) => to === layer),
    );
    const buffers = [params, await rateOf(before), ways.get(layer)!, parameters.biases[layer]!];
    const bindings = workspace.bind(adding, [...buffers, undefined, undefined, phase, fault]);
    dispatches.push(workspace.threads(adding, bindings, vectors, UNIT_WORKGROUP));
  }
  for (const [index, connection] of network.connections.entries()) {
    const { from, to } = connection;
    const rows = network.sizes[from]!;
    const columns = network.sizes[to]!;
    const rate = await rateOf(index);
    const switches = { NO_SELF: isWithinLayer(connection) };
    const add = async (inner: number, left: GPUBufferBinding | GPUBuffer, right: GPUBufferBinding | GPUBuffer) => {
      const store = { pieces: updateWeights, switches };
      const product = await MatrixProduct.open(workspace, { rows, columns, inner, transposed: 'left', store });
      dispatches.push(product.dispatch(left, right, parameters.weights[index], rate, undefined, phase, fault));
    };
    const [wayFrom, wayTo] = [ways.get(from), ways.get(to)];
    const examples = batch.made.options.rows;
    if (wayFrom && wayTo) {
      const inner = examples * (rule === 'stdp' ? histories[from]!.steps : 1);
      await add(inner, ratesOf(batch, from, rule), changesOf(batch, to, rule));
      await add(inner, changesOf(batch, from, rule), ratesOf(batch, to, rule));
    } else if (wayTo) {
      await add(examples, layers[from]!.rates(0), wayTo);
    } else if (wayFrom) {
      await add(examples, wayFrom, layers[to]!.rates(0));
    }
  }
  return dispatches;
}

/** Changes that count: of all kept steps, or the one of the whole phase that stands in the place of the first. */
function changesOf({ made }: DeviceBatch, layer: number, rule: LearningRule): GPUBufferBinding {
  const { changes } = made.histories[layer]!;
  return rule === 'stdp' ? changes : { ...changes, size: made.layers[layer]!.bytes };
}

function ratesOf({ made }: DeviceBatch, layer: number, rule: LearningRule): GPUBufferBinding {
  const { rates } = made.histories[layer]!;
  return rule === 'stdp' ? rates : { ...rates, size: made.layers[layer]!.bytes };
}

async function contrast({ made }: DeviceBatch, moving: readonly UnitLayer[], endSide: number): Promise<Dispatch[]> {
  const { workspace, histories, phase } = made;
  const pipeline = await workspace.pipeline('contrast', contrastKernel);
  return moving.map((layer) => {
    const { buffer, slots } = histories[layer.layer]!;
    const bindings = workspace.bind(pipeline, [layer.params, phase, layer.rates(endSide), buffer, slots[0]]);
    return workspace.threads(pipeline, bindings, layer.rows * layer.vectors, UNIT_WORKGROUP);
  });
}

function rateBuffer(workspace: Workspace, rate: number): Promise<GPUBuffer> {
  return workspace.buffer('learning rate', USAGE.uniform, learningParams.pack({ rate }));
}
