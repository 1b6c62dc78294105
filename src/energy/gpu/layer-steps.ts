import { type Dispatch, USAGE, type Workspace } from '../../gpu/workspace.ts';
import { matrixBytes } from '../../matrix/layout.ts';
import { MatrixProduct, type PlainStore, type ProductShape } from '../../matrix/product.ts';
import type { Network } from '../network.ts';
import type { Noise } from '../noise.ts';
import type { DeviceParameters } from './device-parameters.ts';
import { addField, leakyStep, rhoSwitches } from './shaders.ts';
import type { UnitLayer } from './unit-layers.ts';

/** What a step of one layer may have beside its input. */
export interface StepExtras {
  /** Targets, for the layer that is pushed. */
  readonly goal?: GPUBuffer;
  /** Where the step is kept, and in which slot. */
  readonly history?: { readonly buffer: GPUBuffer; readonly slot: GPUBuffer };
}

/** The parts of a batch that its steps use. */
export interface BatchParts {
  readonly network: Network;
  readonly clamped: readonly number[];
  readonly layers: readonly UnitLayer[];
  readonly parameters: DeviceParameters;
  readonly phase: GPUBuffer;
  readonly noise: Noise;
  /** Normal deviates of each layer, for noise only. */
  readonly normals: readonly (GPUBuffer | undefined)[];
}

/** What a layer receives over one connection. */
interface Input {
  readonly source: number;
  readonly connection: number;
  /** The layer is the connection's `from`, so that its weights work transposed. */
  readonly backward: boolean;
}

/** The dispatches that move one layer, or that prepare it. */
export class LayerSteps {
  readonly #workspace: Workspace;
  readonly #parts: BatchParts;
  readonly #layer: UnitLayer;
  /** Inputs that are the same in every step, and the others; the last of these is fused with the step. */
  readonly #constant: readonly Input[];
  readonly #changing: readonly Input[];
  /** Biases and constant inputs of every example, where there are constant inputs. */
  readonly #drive: GPUBuffer | undefined;
  /** Drive and all changing inputs but the last, where there are several. */
  readonly #field: GPUBuffer | undefined;

  private constructor(
    workspace: Workspace,
    parts: BatchParts,
    layer: UnitLayer,
    inputs: { readonly constant: readonly Input[]; readonly changing: readonly Input[] },
    buffers: { readonly drive: GPUBuffer | undefined; readonly field: GPUBuffer | undefined },
  ) {
    this.#workspace = workspace;
    this.#parts = parts;
    this.#layer = layer;
    this.#constant = inputs.constant;
    this.#changing = inputs.changing;
    this.#drive = buffers.drive;
    this.#field = buffers.field;
  }

  static async open(workspace: Workspace, parts: BatchParts, layer: UnitLayer): Promise<LayerSteps> {
    const inputs = inputsOf(parts, layer.layer);
    const matrix = (label: string) =>
      workspace.buffer(`layer ${layer.layer}, ${label}`, USAGE.storage, matrixBytes(layer.rows, layer.units));
    const drive = inputs.constant.length > 0 ? await matrix('drive') : undefined;
    const field = inputs.changing.length > 1 ? await matrix('field') : undefined;
    return new LayerSteps(workspace, parts, layer, inputs, { drive, field });
  }

  /** Which layer. */
  get layer(): number {
    return this.#layer.layer;
  }

  /** Sums up what does not change during a phase. */
  prepare(): Promise<Dispatch[]> {
    return Promise.all(
      this.#constant.map((input, k) => this.#sum(input, 0, this.#drive!, k === 0 ? 'biases' : 'more')),
    );
  }

  /** A step from the states of one side to the other. */
  async step(side: number, extras: StepExtras = {}): Promise<Dispatch[]> {
    const before = this.#changing.slice(0, -1);
    const start = this.#drive ? 'drive' : 'biases';
    const sums = await Promise.all(
      before.map((input, k) => this.#sum(input, side, this.#field!, k === 0 ? start : 'more')),
    );
    return [...sums, await this.#leak(this.#changing.at(-1)!, side, extras)];
  }

  /** A product that goes to a buffer: on top of the biases, of the drive, or of what is there. */
  async #sum(input: Input, side: number, out: GPUBuffer, onto: 'biases' | 'drive' | 'more'): Promise<Dispatch> {
    const store: Record<typeof onto, PlainStore | { readonly pieces: typeof addField }> = {
      biases: { bias: true },
      drive: { pieces: addField },
      more: { keep: 1 },
    };
    const product = await MatrixProduct.open(this.#workspace, { ...this.#shape(input), store: store[onto] });
    const base = onto === 'biases' ? this.#biases : onto === 'drive' ? this.#drive : undefined;
    return product.dispatch(...this.#operands(input, side), out, base);
  }

  async #leak(input: Input, side: number, { goal, history }: StepExtras): Promise<Dispatch> {
    const { network, phase, noise, normals } = this.#parts;
    const field = this.#field ?? this.#drive;
    const product = await MatrixProduct.open(this.#workspace, {
      ...this.#shape(input),
      store: {
        pieces: leakyStep,
        switches: {
          ...rhoSwitches(network),
          FIELD_OF_LAYER: field === undefined,
          RATES: network.rho.type !== 'clip' || noise.type === 'synaptic',
          HISTORY: history !== undefined,
          TARGET: goal !== undefined,
          NOISE: noise.type !== 'none',
          SYNAPTIC: noise.type === 'synaptic',
          LANGEVIN: noise.type === 'langevin',
        },
      },
    });
    return product.dispatch(
      ...this.#operands(input, side),
      this.#layer.states(side),
      this.#layer.sides[(side + 1) % 2]!,
      field ?? this.#biases,
      phase,
      history?.buffer,
      history?.slot,
      goal,
      normals[this.#layer.layer],
    );
  }

  get #biases(): GPUBuffer {
    return this.#parts.parameters.biases[this.#layer.layer]!;
  }

  #shape({ source, backward }: Input): ProductShape {
    const { rows, units } = this.#layer;
    const inner = this.#parts.network.sizes[source]!;
    return { rows, columns: units, inner, ...(backward ? { transposed: 'right' } : {}) };
  }

  #operands({ source, connection }: Input, side: number) {
    return [this.#parts.layers[source]!.rates(side), this.#parts.parameters.weights[connection]!] as const;
  }
}

function inputsOf({ network, clamped, noise }: BatchParts, layer: number) {
  const inputs = network.connections.flatMap(({ from, to }, connection): Input[] => {
    if (to === layer) return [{ source: from, connection, backward: false }];
    return from === layer ? [{ source: to, connection, backward: true }] : [];
  });
  // Under synaptic noise what clamped units send differs from step to step.
  const isConstant = ({ source }: Input) => noise.type !== 'synaptic' && clamped.includes(source);
  const changing = inputs.filter((input) => !isConstant(input));
  if (changing.length > 0) return { constant: inputs.filter(isConstant), changing };
  // A step is fused with a product, so one is made again in every step.
  return { constant: inputs.slice(1), changing: inputs.slice(0, 1) };
}
