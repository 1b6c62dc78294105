import { wasmProducts } from '../arithmetic/wasm-products.ts';
import { EngineError } from '../errors.ts';
import { NETWORK_PURPOSE } from '../random/network-purposes.ts';
import { cpuParzen } from './cpu-parzen.ts';
import type { EngineOptions, ModelEngine } from './engine.ts';
import type { GenerativeModel, ModelParameters } from './model.ts';
import { normalsOf } from './noise.ts';
import { generate } from './reference/generate.ts';
import { infer } from './reference/infer.ts';
import { inpaint } from './reference/inpaint.ts';
import { logJoint } from './reference/joint.ts';
import { trainingUpdate } from './reference/train.ts';
import { SLOTS } from './reference/walk.ts';
import type { TrainingPlace } from './run-training.ts';
import type { Trainer, TrainerOptions } from './trainer.ts';

/** Examples between two looks at the signal. */
const BATCH_ROWS = 100;

/** A trained model on the CPU, on one thread, in float32: the reference's functions with fast products. */
export async function cpuModelEngine(plain: GenerativeModel, parameters: ModelParameters): Promise<ModelEngine> {
  const products = await wasmProducts();
  const model = { ...plain, products };
  const pixelCount = model.sizes[0]!;
  return {
    async infer(pixels, settings, options = {}) {
      const { temperature = 0, seed = 0 } = options;
      const parts = await inBatches(pixels.length / pixelCount, options, (first, rows) => {
        const normals = (layer: number, step: number) => {
          const address = { seed, purpose: NETWORK_PURPOSE.langevin, time: step * SLOTS + layer, firstRow: first };
          return normalsOf(pixels, address, rows, model.sizes[layer]!);
        };
        return infer(model, parameters, rowsOf(pixels, first, rows, pixelCount), settings, { temperature, normals });
      });
      return model.sizes.slice(1).map((_, k) => joined(parts.map((state) => state[k]!)));
    },
    async logJointCurve(pixels, settings, options = {}) {
      const examples = pixels.length / pixelCount;
      const curve = new Float32Array((settings.steps + 1) * examples);
      await inBatches(examples, options, (first, rows) => {
        const some = rowsOf(pixels, first, rows, pixelCount);
        infer(model, parameters, some, settings, {
          onStep: (state, step) => curve.set(logJoint(model, parameters, some, state), step * examples + first),
        });
      });
      return curve;
    },
    async generate(top, settings, options = {}) {
      const units = model.sizes.at(-1)!;
      const parts = await inBatches(top.length / units, options, (first, rows) =>
        generate(model, parameters, rowsOf(top, first, rows, units), settings),
      );
      return {
        directed: joined(parts.map(({ directed }) => directed)),
        chain: joined(parts.map(({ chain }) => chain)),
      };
    },
    async inpaint(pixels, visible, settings, options = {}) {
      const parts = await inBatches(pixels.length / pixelCount, options, (first, rows) => {
        const some = (values: Float32Array) => rowsOf(values, first, rows, pixelCount);
        return inpaint(model, parameters, some(pixels), some(visible), settings);
      });
      return joined(parts);
    },
    async parzen(centres, points, sigmas, options = {}) {
      const examples = points.length / pixelCount;
      const found = sigmas.map(() => new Float64Array(examples));
      const density = cpuParzen(products, centres, pixelCount);
      await inBatches(examples, options, (first, rows) => {
        const parts = density.logLikelihoods(rowsOf(points, first, rows, pixelCount), sigmas);
        for (const [s, part] of parts.entries()) found[s]!.set(part, first);
      });
      return found;
    },
    destroy() {},
  };
}

/** Training on the CPU, on one thread, in float32: the reference's update with fast products. */
export async function cpuTrainer(options: TrainerOptions): Promise<Trainer> {
  const { settings, images } = options;
  const model = { ...options.model, products: await wasmProducts() };
  const pixels = model.sizes[0]!;
  // Updates change it in place.
  let state = structuredClone(options.state);
  let order: Uint32Array = new Uint32Array();
  return {
    get updates() {
      return state.updates;
    },
    setOrder(next) {
      order = next;
    },
    async update(firstImage) {
      const batch = new Float32Array(settings.batch * pixels);
      for (let row = 0; row < settings.batch; row++) {
        const image = order[firstImage + row]!;
        for (let i = 0; i < pixels; i++) batch[row * pixels + i] = images[image * pixels + i]! / 255;
      }
      state = trainingUpdate(model, state, batch, settings, options);
      // Lets signals in.
      await new Promise((resolve) => setTimeout(resolve));
    },
    read: async () => structuredClone(state),
    destroy() {},
  };
}

/** Where trainings run without a GPU. */
export const cpuPlace: TrainingPlace = {
  openTrainer: cpuTrainer,
  openEngine: cpuModelEngine,
};

async function inBatches<T>(
  examples: number,
  { signal, onProgress }: EngineOptions,
  work: (first: number, rows: number) => T,
): Promise<T[]> {
  const parts: T[] = [];
  for (let first = 0; first < examples; first += BATCH_ROWS) {
    if (signal?.aborted) throw new EngineError('aborted', 'interrupted before all examples were done');
    const rows = Math.min(BATCH_ROWS, examples - first);
    parts.push(work(first, rows));
    onProgress?.({ done: first + rows, total: examples });
    await new Promise((resolve) => setTimeout(resolve));
  }
  return parts;
}

function rowsOf(values: Float32Array, first: number, rows: number, units: number): Float32Array {
  return values.subarray(first * units, (first + rows) * units);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
