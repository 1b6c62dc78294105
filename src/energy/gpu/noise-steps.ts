import { type Dispatch, USAGE, type Workspace } from '../../gpu/workspace.ts';
import { matrixBytes } from '../../matrix/layout.ts';
import { normalTable } from '../../random/normal.ts';
import type { Network } from '../network.ts';
import type { Noise } from '../noise.ts';
import type { NoiseAddress } from '../reference/nudge.ts';
import { noiseParams, normalsKernel, tickKernel, UNIT_WORKGROUP } from './shaders.ts';
import type { UnitLayer } from './unit-layers.ts';

/** Fresh normal deviates for every step, by the address of the step: the first is step 1. */
export class NoiseSteps {
  /** Deviates of each layer, shape [examples][units]; empty without noise, and for layers that have none. */
  readonly normals: readonly (GPUBuffer | undefined)[];
  /** Draws the deviates of the next step. */
  readonly draw: readonly Dispatch[];

  private constructor(normals: readonly (GPUBuffer | undefined)[], draw: readonly Dispatch[]) {
    this.normals = normals;
    this.draw = draw;
  }

  /** @param address of the first example */
  static async open(
    workspace: Workspace,
    network: Network,
    layers: readonly UnitLayer[],
    noise: Noise,
    { seed, purpose, example }: NoiseAddress,
  ): Promise<NoiseSteps> {
    if (noise.type === 'none') return new NoiseSteps([], []);
    const [clock, table, params, tick, kernel] = await Promise.all([
      workspace.buffer('clock', USAGE.storage, 4),
      workspace.buffer('normal table', USAGE.table, normalTable()),
      workspace.buffer('noise parameters', USAGE.uniform, noiseParams.pack({ seed, purpose, firstExample: example })),
      workspace.pipeline('tick', tickKernel),
      workspace.pipeline('normals', normalsKernel, { switches: { SLOW_SHIFTS: false } }),
    ]);
    const normals = await Promise.all(
      network.sizes.map((units, layer) =>
        workspace.buffer(`normals ${layer}`, USAGE.storage, matrixBytes(layers[layer]!.rows, units)),
      ),
    );
    const draw = layers.map((layer, k) => {
      const bindings = workspace.bind(kernel, [layer.params, params, clock, table, normals[k]]);
      return workspace.threads(kernel, bindings, layer.rows * layer.vectors, UNIT_WORKGROUP);
    });
    return new NoiseSteps(normals, [workspace.threads(tick, workspace.bind(tick, [clock]), 1, 1), ...draw]);
  }
}
