import { type Dispatch, USAGE, type Workspace } from '../../gpu/workspace.ts';
import { matrixBytes, padRows, unpadRows } from '../../matrix/layout.ts';
import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import type { Network, Numbers, State } from '../network.ts';
import type { Noise } from '../noise.ts';
import type { NoiseAddress } from '../reference/nudge.ts';
import type { DeviceParameters } from './device-parameters.ts';
import { type History, openHistory } from './history.ts';
import { LayerSteps } from './layer-steps.ts';
import { NoiseSteps } from './noise-steps.ts';
import { phaseParams, ratesKernel, residualKernel, rhoNumbers, rhoSwitches, UNIT_WORKGROUP } from './shaders.ts';
import { openUnitLayer, type UnitLayer } from './unit-layers.ts';

export interface DeviceBatchOptions {
  /** Examples. */
  readonly rows: number;
  /** Layers whose state does not change. */
  readonly clamped: readonly number[];
  /** ε, 0 < ε ≤ 1. */
  readonly epsilon: number;
  /** Default none. */
  readonly noise?: Noise;
  /** Of the first example; needed where there is noise. */
  readonly noiseAddress?: NoiseAddress;
  /** Layer that targets push. */
  readonly targetLayer?: number;
  /** Steps of the nudged phase of which changes and rates are kept, default 0. */
  readonly keptSteps?: number;
}

const NO_ADDRESS: NoiseAddress = { seed: 0, purpose: NETWORK_PURPOSE.stateNoise, example: 0 };

/** What a {@link DeviceBatch} consists of. */
interface Made {
  readonly network: Network;
  readonly workspace: Workspace;
  readonly parameters: DeviceParameters;
  readonly options: DeviceBatchOptions;
  readonly layers: readonly UnitLayer[];
  /** Parameters of the phase, shared by all kernels. */
  readonly phase: GPUBuffer;
  /** Targets, shape [examples][units of the target layer]. */
  readonly goal: GPUBuffer | undefined;
  /** Of each layer that moves, where steps are kept. */
  readonly histories: readonly (History | undefined)[];
  readonly noise: NoiseSteps;
  readonly movers: readonly LayerSteps[];
  /** What the units of each layer send, worked out anew from the states of either side. */
  readonly rates: readonly [readonly Dispatch[], readonly Dispatch[]];
}

/**
 * The units of a network for a batch of examples, in device memory, and the dispatches that move them. All units step
 * at once: a step reads the states of one side and writes those of the other.
 */
export class DeviceBatch {
  readonly made: Made;

  private constructor(made: Made) {
    this.made = made;
  }

  /** @throws EngineError `shader`, `out-of-memory`, `device-lost` */
  static async open(
    workspace: Workspace,
    network: Network,
    parameters: DeviceParameters,
    options: DeviceBatchOptions,
  ): Promise<DeviceBatch> {
    const { rows, clamped, epsilon, noise = { type: 'none' }, noiseAddress = NO_ADDRESS, keptSteps = 0 } = options;
    const separateRates = network.rho.type !== 'clip' || noise.type === 'synaptic';
    const moves = (layer: number) => !clamped.includes(layer);
    const layers = await Promise.all(
      network.sizes.map((_, layer) =>
        openUnitLayer(workspace, network, layer, { rows, separateRates, moves: moves(layer) }),
      ),
    );
    const moving = layers.filter(({ layer }) => moves(layer));
    const noiseScale = noise.type === 'synaptic' ? noise.sd : Math.sqrt(2 * epsilon);
    const phase = await workspace.buffer(
      'phase',
      USAGE.uniform,
      phaseParams.pack({
        strength: 0,
        changeScale: 1,
        first: 0,
        batch: 0,
        epsilon,
        noiseScale,
        ...rhoNumbers(network),
      }),
    );
    const goal =
      options.targetLayer === undefined
        ? undefined
        : await workspace.buffer('targets', USAGE.exchanged, layers[options.targetLayer]!.bytes);
    const histories = await Promise.all(
      layers.map(({ layer }) =>
        moves(layer) && keptSteps > 0 ? openHistory(workspace, layers[layer]!, keptSteps) : undefined,
      ),
    );
    const noiseSteps = await NoiseSteps.open(workspace, network, layers, noise, noiseAddress);
    const parts = { network, clamped, layers, parameters, phase, noise, normals: noiseSteps.normals };
    const movers = await Promise.all(moving.map((layer) => LayerSteps.open(workspace, parts, layer)));
    const rates = separateRates ? await ratesDispatches(workspace, parts) : ([[], []] as const);
    const made = { network, workspace, parameters, options, layers, phase, goal, histories, noise: noiseSteps, movers };
    return new DeviceBatch({ ...made, rates });
  }

  /** Brings values of the phase that are the same for all kernels to the device. */
  setPhase({ strength, changeScale = 1 }: { readonly strength: number; readonly changeScale?: number }): void {
    const bytes = Float32Array.of(strength, changeScale);
    this.made.workspace.context.writeBuffer(this.made.phase, bytes);
  }

  /** Brings states of one side to the device. @param states shape [examples][units] per layer */
  setStates(states: State<Numbers>): void {
    const { layers, workspace } = this.made;
    layers.forEach(({ sides, rows, units }, k) => {
      workspace.context.writeBuffer(sides[0], padRows(states[k]!, rows, units));
    });
  }

  /** Brings targets to the device. @param values shape [examples][units of the target layer] */
  setGoal(values: Numbers): void {
    const { workspace, goal, layers, options } = this.made;
    const { rows, units } = layers[options.targetLayer!]!;
    workspace.context.writeBuffer(goal!, padRows(values, rows, units));
  }

  /** States of a side. @throws EngineError `device-lost` */
  async readStates(side: number): Promise<Float32Array<ArrayBuffer>[]> {
    const { layers, workspace } = this.made;
    return Promise.all(
      layers.map(async ({ sides, rows, units }) =>
        unpadRows(await workspace.read(sides[side % 2]!, 0, matrixBytes(rows, units)), rows, units),
      ),
    );
  }

  /** What comes before the first step of a phase: what the units send, and what does not change. */
  async prepare(side: number): Promise<Dispatch[]> {
    const drives = await Promise.all(this.made.movers.map((mover) => mover.prepare()));
    return [...this.made.rates[side % 2]!, ...drives.flat()];
  }

  /** Steps without targets. @param side of the states that the first starts from */
  async freeSteps(side: number, count: number): Promise<Dispatch[]> {
    const both = await Promise.all([0, 1].map((from) => this.#step(from, undefined)));
    return Array.from({ length: count }, (_, k) => both[(side + k) % 2]!).flat();
  }

  /** Steps with targets; the first `keptSteps` are kept in the history. */
  async nudgedSteps(side: number, count: number): Promise<Dispatch[]> {
    const { keptSteps = 0 } = this.made.options;
    const steps = Array.from({ length: count }, (_, k) => this.#step(side + k, k < keptSteps ? k : 'not kept'));
    return (await Promise.all(steps)).flat();
  }

  /** Takes the largest change of the last step, as the bits of a float, into a word. @param side it led to */
  async residual(side: number, word: GPUBuffer): Promise<Dispatch[]> {
    const { workspace, layers, options } = this.made;
    const pipeline = await workspace.pipeline('residual', residualKernel);
    return layers
      .filter(({ layer }) => !options.clamped.includes(layer))
      .map((layer) => {
        const [before, after] = [layer.states(side + 1), layer.states(side)];
        const bindings = workspace.bind(pipeline, [layer.params, before, after, word]);
        return workspace.threads(pipeline, bindings, layer.rows * layer.vectors, UNIT_WORKGROUP);
      });
  }

  /** @param slot of the history, of a step with targets */
  async #step(side: number, slot: number | 'not kept' | undefined): Promise<Dispatch[]> {
    const { movers, noise, rates, goal, histories, options } = this.made;
    const moved = await Promise.all(
      movers.map((mover) => {
        const history = typeof slot === 'number' ? histories[mover.layer] : undefined;
        return mover.step(side, {
          ...(slot !== undefined && goal && mover.layer === options.targetLayer ? { goal } : {}),
          ...(history ? { history: { buffer: history.buffer, slot: history.slots[slot as number]! } } : {}),
        });
      }),
    );
    const resend = options.noise?.type === 'synaptic' ? rates[side % 2]! : [];
    return [...noise.draw, ...resend, ...moved.flat()];
  }
}

/** Dispatches of rates.wgsl for all layers, on either side. */
async function ratesDispatches(
  workspace: Workspace,
  { network, layers, phase, noise, normals }: Parameters<typeof LayerSteps.open>[1],
): Promise<readonly [readonly Dispatch[], readonly Dispatch[]]> {
  const switches = { ...rhoSwitches(network), SYNAPTIC: noise.type === 'synaptic' };
  const pipeline = await workspace.pipeline('rates', ratesKernel, { switches });
  const of = (side: number) =>
    layers.map((layer) => {
      const buffers = [layer.params, phase, layer.sides[side]!];
      const bindings = workspace.bind(pipeline, switches.SYNAPTIC ? [...buffers, normals[layer.layer]] : buffers);
      return workspace.threads(pipeline, bindings, layer.rows * layer.vectors, UNIT_WORKGROUP);
    });
  return [of(0), of(1)];
}
