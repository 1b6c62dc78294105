import { paddedColumns } from '../../matrix/layout.ts';
import type { LearningRule, TrainingSettings } from '../training/settings.ts';
import type { CpuKernels, CpuMemory } from './kernels.ts';

/** What a batch does, in WebAssembly: a chain of layers whose states are cut to 0 … 1 and whose input is held. */
export class CpuBatch {
  readonly #kernels: CpuKernels;
  readonly #memory: CpuMemory;
  readonly #settings: TrainingSettings;
  readonly #strides: readonly number[];
  /** Examples that there is room for. */
  readonly #room: number;
  readonly #weights: readonly number[];
  /** The weights of connections whose ends both move, as columns. */
  readonly #transposed: readonly number[];
  readonly #biases: readonly number[];
  /** States of all kept steps of each layer, shape [steps + 2][room][units]; of the input, one. */
  readonly #states: readonly number[];
  readonly #changes: readonly number[];
  readonly #sums: readonly number[];
  /** Biases, and what the input sends to the first hidden layer, for every example. */
  readonly #drives: readonly number[];
  readonly #goal: number;
  readonly #lists: number;

  constructor(kernels: CpuKernels, memory: CpuMemory, settings: TrainingSettings, room: number) {
    const { sizes, nudgedSteps } = settings;
    this.#kernels = kernels;
    this.#memory = memory;
    this.#settings = settings;
    this.#room = room;
    this.#strides = sizes.map(paddedColumns);
    const strides = this.#strides;
    const inner = sizes.slice(0, -1);
    this.#weights = inner.map((size, k) => memory.take(size * strides[k + 1]!));
    this.#transposed = inner.map((_, k) => (k === 0 ? 0 : memory.take(sizes[k + 1]! * strides[k]!)));
    this.#biases = strides.map((stride) => memory.take(stride));
    this.#states = strides.map((stride, layer) => memory.take((layer === 0 ? 1 : nudgedSteps + 2) * room * stride));
    this.#changes = strides.map((stride) => memory.take(nudgedSteps * room * stride));
    this.#sums = strides.map((stride) => memory.take(room * stride));
    this.#drives = strides.map((stride) => memory.take(room * stride));
    this.#goal = memory.take(room * strides.at(-1)!);
    const longest = Math.max(...sizes, (nudgedSteps + 1) * room);
    this.#lists = memory.take((room + 1) * (longest + 1));
  }

  /** Rows of a connection's weights, with what fills them up. */
  weights(connection: number): Float32Array {
    const { sizes } = this.#settings;
    return this.#memory.view(this.#weights[connection]!, sizes[connection]! * this.#strides[connection + 1]!);
  }

  biases(layer: number): Float32Array {
    return this.#memory.view(this.#biases[layer]!, this.#strides[layer]!);
  }

  /** To be called when parameters were changed. */
  parametersChanged(): void {
    const { sizes } = this.#settings;
    this.#transposed.forEach((to, k) => {
      const [rows, columns] = [sizes[k]!, sizes[k + 1]!];
      if (k > 0)
        this.#kernels.transpose(this.#weights[k]!, to, rows, columns, this.#strides[k + 1]!, this.#strides[k]!);
    });
  }

  /** States that a free phase starts from and ends with (of the input: that are held), shape [room][stride]. */
  states(layer: number): Float32Array {
    return this.#memory.view(this.#states[layer]!, this.#room * this.#strides[layer]!);
  }

  /** Targets, shape [room][stride]. */
  get goal(): Float32Array {
    return this.#memory.view(this.#goal, this.#room * this.#strides.at(-1)!);
  }

  /** Lets the states settle. @param rows examples of the batch */
  free(rows: number): void {
    this.#sumDrives(rows);
    const { freeSteps } = this.#settings;
    // To and fro between the first two kept states.
    for (let step = 0; step < freeSteps; step++) this.#step(rows, step % 2, (step + 1) % 2);
    if (freeSteps % 2 === 0) return;
    this.#strides.forEach((stride, layer) => {
      if (layer === 0) return;
      const view = this.#memory.view(this.#states[layer]!, 2 * this.#room * stride);
      view.copyWithin(0, this.#room * stride);
    });
  }

  /**
   * The nudged phase and what it teaches, from the settled states.
   *
   * @param strength β
   * @param decay what the learning rates are multiplied with
   * @returns the largest |parameter| of those that changed; NaN where there is one
   */
  learn(rows: number, strength: number, decay: number): number {
    const { nudgedSteps, rule, rates } = this.#settings;
    for (let step = 0; step < nudgedSteps; step++) this.#step(rows, step, step + 1, strength);
    this.#keepChanges(rows, rule, decay / strength);
    const kept = rule === 'stdp' ? nudgedSteps : 1;
    let largest = 0;
    this.#weights.forEach((weights, k) => {
      const scale = rates[k]! / rows;
      largest = worse(largest, this.#learnWeights(weights, k, rows, kept, scale));
      largest = worse(largest, this.#learnBiases(k + 1, rows, kept, scale));
    });
    this.parametersChanged();
    return largest;
  }

  /** @param strength β, of a step with targets */
  #step(rows: number, from: number, to: number, strength?: number): void {
    const last = this.#strides.length - 1;
    for (let layer = 1; layer <= last; layer++) {
      const stride = this.#strides[layer]!;
      const sums = this.#sums[layer]!;
      this.#memory.view(sums, rows * stride).set(this.#memory.view(this.#drives[layer]!, rows * stride));
      if (layer > 1)
        this.#addProduct(this.#stateAt(layer - 1, from), this.#weights[layer - 1]!, sums, rows, layer - 1, layer);
      if (layer < last)
        this.#addProduct(this.#stateAt(layer + 1, from), this.#transposed[layer]!, sums, rows, layer + 1, layer);
      const goal = layer === last && strength !== undefined ? this.#goal : 0;
      const [before, after] = [this.#stateAt(layer, from), this.#stateAt(layer, to)];
      const { epsilon } = this.#settings;
      this.#kernels.leakyStep(before, sums, after, (rows * stride) / 4, epsilon, goal, strength ?? 0);
    }
  }

  #sumDrives(rows: number): void {
    this.#strides.forEach((stride, layer) => {
      if (layer === 0) return;
      const drives = this.#memory.view(this.#drives[layer]!, rows * stride);
      const biases = this.biases(layer);
      for (let row = 0; row < rows; row++) drives.set(biases, row * stride);
    });
    this.#addProduct(this.#states[0]!, this.#weights[0]!, this.#drives[1]!, rows, 0, 1);
  }

  #addProduct(left: number, right: number, result: number, rows: number, from: number, to: number): void {
    const inner = this.#settings.sizes[from]!;
    const { addProduct } = this.#kernels;
    addProduct(left, right, result, rows, inner, this.#strides[to]!, this.#strides[from]!, this.#lists);
  }

  /** Changes and rates in each kept step; of the contrastive rule those of the whole phase, and their means, in one. */
  #keepChanges(rows: number, rule: LearningRule, scale: number): void {
    const { nudgedSteps } = this.#settings;
    const { scaledDifference, mean } = this.#kernels;
    this.#strides.forEach((stride, layer) => {
      if (layer === 0) return;
      const count = (rows * stride) / 4;
      const [first, last] = [this.#stateAt(layer, 0), this.#stateAt(layer, nudgedSteps)];
      if (rule === 'contrastive') {
        scaledDifference(last, first, this.#changeAt(layer, 0), count, scale);
        mean(first, last, first, count);
        return;
      }
      for (let step = 0; step < nudgedSteps; step++) {
        const [before, after] = [this.#stateAt(layer, step), this.#stateAt(layer, step + 1)];
        scaledDifference(after, before, this.#changeAt(layer, step), count, scale);
      }
    });
  }

  #learnWeights(weights: number, k: number, rows: number, kept: number, scale: number): number {
    const units = this.#settings.sizes[k]!;
    const [from, to] = [this.#strides[k]!, this.#strides[k + 1]!];
    const { addOuterProduct } = this.#kernels;
    let largest = 0;
    for (let step = 0; step < kept; step++) {
      const rates = k === 0 ? this.#states[0]! : this.#stateAt(k, step);
      const change = this.#changeAt(k + 1, step);
      const once = addOuterProduct(rates, change, weights, rows, units, to, from, scale, this.#lists);
      largest = worse(largest, once);
      if (k === 0) continue;
      const [own, others] = [this.#changeAt(k, step), this.#stateAt(k + 1, step)];
      largest = worse(largest, addOuterProduct(own, others, weights, rows, units, to, from, scale, this.#lists));
    }
    return largest;
  }

  #learnBiases(layer: number, rows: number, kept: number, scale: number): number {
    const stride = this.#strides[layer]!;
    const biases = this.biases(layer);
    for (let step = 0; step < kept; step++) {
      const changes = this.#memory.view(this.#changeAt(layer, step), rows * stride);
      for (let at = 0; at < changes.length; at++) biases[at % stride]! += scale * changes[at]!;
    }
    return biases.reduce((most, value) => worse(most, Math.abs(value)), 0);
  }

  #stateAt(layer: number, step: number): number {
    return this.#states[layer]! + 4 * step * this.#room * this.#strides[layer]!;
  }

  #changeAt(layer: number, step: number): number {
    return this.#changes[layer]! + 4 * step * this.#room * this.#strides[layer]!;
  }
}

/** The larger of two, or NaN where one is. */
function worse(a: number, b: number): number {
  return Number.isNaN(a) || a > b ? a : b;
}
