import { paddedColumns, padRows, unpadRows } from '../../matrix/layout.ts';
import { nudgeSign } from '../training/nudge-sign.ts';
import { divergence, LARGEST_WEIGHT, requireSuitable, type TrainingSettings } from '../training/settings.ts';
import type { Examples, PassOptions, Score, Trainer, TrainingState } from '../training/trainer.ts';
import { CpuBatch } from './cpu-batch.ts';
import { CpuMemory, loadCpuKernels } from './kernels.ts';

/** The event loop gets its turn this often. */
const TURN_MS = 100;

/**
 * Trains a network on the calling thread, with WebAssembly SIMD: what there is where the only adapter is a software one.
 *
 * @param state where to begin
 * @throws EngineError `invalid-option` where the examples do not suit the network; `unavailable`, `out-of-memory`
 */
export async function openCpuTrainer(
  settings: TrainingSettings,
  examples: Examples,
  state: TrainingState,
): Promise<Trainer> {
  requireSuitable(settings, examples);
  const kernels = await loadCpuKernels();
  const batch = new CpuBatch(kernels, new CpuMemory(kernels), settings, Math.min(settings.batch, examples.count));
  return new CpuTrainer(batch, settings, examples, state);
}

class CpuTrainer implements Trainer {
  readonly #batch: CpuBatch;
  readonly #settings: TrainingSettings;
  readonly #examples: Examples;
  /** Free states of all examples, where they persist: one array per layer after the input, rows as in {@link CpuBatch}. */
  readonly #particles: readonly Float32Array<ArrayBuffer>[];

  constructor(
    batch: CpuBatch,
    settings: TrainingSettings,
    examples: Examples,
    { parameters, particles }: TrainingState,
  ) {
    this.#batch = batch;
    this.#settings = settings;
    this.#examples = examples;
    const { sizes } = settings;
    this.#particles = particles.map((values, k) => padRows(values, examples.count, sizes[k + 1]!));
    parameters.weights.forEach((values, k) => {
      batch.weights(k).set(padRows(values, sizes[k]!, sizes[k + 1]!));
    });
    parameters.biases.forEach((values, layer) => {
      batch.biases(layer).set(padRows(values, 1, sizes[layer]!));
    });
    batch.parametersChanged();
  }

  runEpoch(epoch: number, options: PassOptions = {}): Promise<Score> {
    const { beta, seed, decay, batch: size } = this.#settings;
    return this.#runPass(this.#examples, options, (rows, first) => {
      const index = first / size;
      this.#particles.forEach((values, k) => {
        const stride = paddedColumns(this.#settings.sizes[k + 1]!);
        values.set(this.#batch.states(k + 1).subarray(0, rows * stride), first * stride);
      });
      const largest = this.#batch.learn(rows, nudgeSign(seed, epoch, index) * beta, decay ** epoch);
      if (!(largest <= LARGEST_WEIGHT)) throw divergence(this.#settings, epoch, index);
    });
  }

  evaluate(examples: Examples, options: PassOptions = {}): Promise<Score> {
    requireSuitable(this.#settings, examples);
    return this.#runPass(examples, options);
  }

  async readState(): Promise<TrainingState> {
    const { sizes } = this.#settings;
    const values = (array: Float32Array, rows: number, columns: number) =>
      unpadRows(Float32Array.from(array).buffer, rows, columns);
    return {
      parameters: {
        weights: sizes.slice(1).map((columns, k) => values(this.#batch.weights(k), sizes[k]!, columns)),
        biases: sizes.map((size, layer) => values(this.#batch.biases(layer), 1, size)),
      },
      particles: this.#particles.map((array, k) => values(array, this.#examples.count, sizes[k + 1]!)),
    };
  }

  destroy(): void {
    // Its memory goes with it.
  }

  /** @param learn what follows the free phase of a batch; without, free phases start at 0 */
  async #runPass(
    examples: Examples,
    { signal, onProgress }: PassOptions,
    learn?: (rows: number, first: number) => void,
  ): Promise<Score> {
    const size = Math.min(this.#settings.batch, this.#examples.count);
    const score = { examples: 0, errors: 0, cost: 0 };
    let turn = performance.now();
    for (let first = 0; first < examples.count && !signal?.aborted; first += size) {
      const rows = Math.min(size, examples.count - first);
      this.#show(examples, first, rows, learn !== undefined);
      this.#batch.free(rows);
      this.#score(examples, first, rows, score);
      learn?.(rows, first);
      if (performance.now() - turn < TURN_MS && first + rows < examples.count) continue;
      onProgress?.({ ...score });
      await new Promise((resolve) => setTimeout(resolve));
      turn = performance.now();
    }
    return score;
  }

  #show({ pixels, images, labels }: Examples, first: number, rows: number, particles: boolean): void {
    const { sizes } = this.#settings;
    const input = this.#batch.states(0);
    const goal = this.#batch.goal.fill(0);
    const [stride, outputs] = [paddedColumns(pixels), paddedColumns(sizes.at(-1)!)];
    for (let row = 0; row < rows; row++) {
      const at = (first + row) * pixels;
      for (let k = 0; k < pixels; k++) input[row * stride + k] = images[at + k]! / 255;
      goal[row * outputs + labels[first + row]!] = 1;
    }
    for (let layer = 1; layer < sizes.length; layer++) {
      const states = this.#batch.states(layer);
      const values = particles ? this.#particles[layer - 1] : undefined;
      const width = paddedColumns(sizes[layer]!);
      if (values) states.set(values.subarray(first * width, (first + rows) * width));
      else states.fill(0);
    }
  }

  #score(
    { labels }: Examples,
    first: number,
    rows: number,
    score: { examples: number; errors: number; cost: number },
  ): void {
    const classes = this.#settings.sizes.at(-1)!;
    const outputs = this.#batch.states(this.#settings.sizes.length - 1);
    const stride = paddedColumns(classes);
    for (let row = 0; row < rows; row++) {
      const label = labels[first + row]!;
      const y = outputs.subarray(row * stride, row * stride + classes);
      let best = 0;
      y.forEach((value, unit) => {
        if (value > y[best]!) best = unit;
        score.cost += 0.5 * (value - (unit === label ? 1 : 0)) ** 2;
      });
      if (best !== label) score.errors++;
    }
    score.examples += rows;
  }
}
