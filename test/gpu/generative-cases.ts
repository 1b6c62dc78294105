import { openGpuModelEngine } from '../../src/generative/gpu/gpu-model-engine.ts';
import { openGpuTrainer } from '../../src/generative/gpu/gpu-trainer.ts';
import { createModel, inFloat64, type Numbers } from '../../src/generative/model.ts';
import { normalsOf } from '../../src/generative/noise.ts';
import { drawTop, generate } from '../../src/generative/reference/generate.ts';
import { infer } from '../../src/generative/reference/infer.ts';
import { inpaint } from '../../src/generative/reference/inpaint.ts';
import { logJoint } from '../../src/generative/reference/joint.ts';
import { parzenLogLikelihoods } from '../../src/generative/reference/parzen.ts';
import { freshState, type TrainingState, trainingUpdate } from '../../src/generative/reference/train.ts';
import { SLOTS } from '../../src/generative/reference/walk.ts';
import { startParameters } from '../../src/generative/start.ts';
import type { TrainingSettings } from '../../src/generative/training-settings.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import { NETWORK_PURPOSE } from '../../src/random/network-purposes.ts';
import { assert, type GpuCase } from './case.ts';

/** Three latent layers and sizes that are no multiples of 4. */
const model = createModel({ sizes: [30, 21, 13, 7], hiddenScale: 0.05 });
const inference = { steps: 6, delta: 0.1, alpha: 0.05 };
const walkedSettings: TrainingSettings = {
  epochs: 1,
  batch: 9,
  start: { hidden: 'imprint', top: 'uniform' },
  matching: { pool: 0, sd: 0.35 },
  inference,
  corruption: { pixels: 0.1, hidden: 0.7, spikes: 3 },
  homeostasis: { rate: 0.05, hidden: { sd: 1.5, mean: -1 }, top: { sd: 4, mean: 0 } },
  walkback: { share: 0.5, rounds: 2, inference: { steps: 3, delta: 0.3, alpha: 0.5 } },
  rates: { decoders: 3e-3, encoders: 0.1, topEncoder: 0.1, encoderRamp: 0 },
};
const matchedSettings: TrainingSettings = {
  ...walkedSettings,
  matching: { pool: 70, sd: 0.35 },
  walkback: { share: 0, rounds: 1, inference: { steps: 0, delta: 0, alpha: 0 } },
  corruption: { pixels: 0, hidden: 0.7, spikes: 0 },
  homeostasis: { ...walkedSettings.homeostasis, rate: 0 },
  rates: { ...walkedSettings.rates, encoders: 0 },
};
const variants: readonly (readonly [string, TrainingSettings])[] = [
  ['with walks and homeostasis', walkedSettings],
  ['with matching', matchedSettings],
];
const seed = 5;
const images = Uint8Array.from({ length: 40 * 30 }, (_, i) =>
  Math.floor(255 * (0.5 + 0.5 * Math.sin(i * i * 0.37 + i))),
);
const pixelsOf = (from: number, count: number) =>
  Float32Array.from(images.subarray(from * 30, (from + count) * 30), (b) => b / 255);
const parameters = await startParameters(model, images, { seed, training: walkedSettings });
const wide = inFloat64(parameters);

/** Largest difference, in parts of the largest value. */
function relativeError(actual: Numbers, expected: Numbers): number {
  assert(actual.length === expected.length, `${actual.length} values instead of ${expected.length}`);
  let most = 0;
  let scale = 1e-12;
  for (let i = 0; i < actual.length; i++) {
    most = Math.max(most, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return most / scale;
}

function assertNear(name: string, actual: Numbers, expected: Numbers, tolerance = 1e-4): void {
  const error = relativeError(actual, expected);
  assert(error <= tolerance, `${name}: relative error ${error}`);
}

async function withEngine(
  context: GpuContext,
  work: (engine: Awaited<ReturnType<typeof openGpuModelEngine>>) => Promise<void>,
) {
  const engine = await openGpuModelEngine(context, model, parameters);
  try {
    await work(engine);
  } finally {
    engine.destroy();
  }
}

async function trained(
  context: GpuContext,
  settings: TrainingSettings,
  state: TrainingState,
  updates: number,
): Promise<TrainingState> {
  const trainer = await openGpuTrainer(context, {
    model,
    state,
    images,
    imageCount: 40,
    settings,
    seed,
    totalUpdates: 4,
    varianceFactor: 4,
  });
  try {
    trainer.setOrder(Uint32Array.from({ length: 40 }, (_, i) => (i * 7) % 40));
    for (let i = 0; i < updates; i++) await trainer.update((trainer.updates * 9) % 27);
    return await trainer.read();
  } finally {
    trainer.destroy();
  }
}

/** Every array of a training state by name. */
function arraysOf({ parameters: learned, moments, statistics }: TrainingState<Float32Array | Float64Array>) {
  const named: [string, Numbers][] = [];
  for (const kind of ['encoders', 'decoders'] as const) {
    learned[kind].forEach(({ weights, biases }, k) => {
      named.push([`${kind} ${k} weights`, weights], [`${kind} ${k} biases`, biases]);
    });
    moments[kind].forEach(({ weights, biases }, k) => {
      named.push([`${kind} ${k} first`, weights.first], [`${kind} ${k} second`, weights.second]);
      named.push([`${kind} ${k} bias first`, biases.first], [`${kind} ${k} bias second`, biases.second]);
    });
  }
  statistics.forEach(({ mean, variance }, k) => {
    named.push([`mean ${k}`, mean], [`variance ${k}`, variance]);
  });
  return named;
}

export const generativeCases: readonly GpuCase[] = [
  {
    name: 'inference of the generative model, and log p(x, h) along it, are those of float64',
    async run(context) {
      const pixels = pixelsOf(0, 11);
      const curve: number[] = [];
      const expected = infer(model, wide, Float64Array.from(pixels), inference, {
        onStep: (state) => curve.push(...logJoint(model, wide, Float64Array.from(pixels), state)),
      });
      await withEngine(context, async (engine) => {
        const state = await engine.infer(pixels, inference);
        for (const [k, values] of state.entries()) assertNear(`h${k + 1}`, values, expected[k]!);
        assertNear('log p', await engine.logJointCurve(pixels, inference), Float64Array.from(curve));
      });
    },
  },
  {
    name: 'Langevin inference draws the noise of the reference',
    async run(context) {
      const pixels = pixelsOf(0, 5);
      const wideInput = Float64Array.from(pixels);
      const normals = (layer: number, step: number) =>
        normalsOf(
          wideInput,
          { seed: 9, purpose: NETWORK_PURPOSE.langevin, time: step * SLOTS + layer, firstRow: 0 },
          5,
          model.sizes[layer]!,
        );
      const expected = infer(model, wide, wideInput, inference, { temperature: 0.01, normals });
      await withEngine(context, async (engine) => {
        const state = await engine.infer(pixels, inference, { temperature: 0.01, seed: 9 });
        for (const [k, values] of state.entries()) assertNear(`h${k + 1}`, values, expected[k]!);
      });
    },
  },
  {
    name: 'samples, filled-in pixels and Parzen likelihoods are those of float64',
    async run(context) {
      const normals = normalsOf(
        new Float32Array(0),
        { seed, purpose: NETWORK_PURPOSE.topStates, time: 0, firstRow: 0 },
        6,
        7,
      );
      const prior = { mean: new Float32Array(7).fill(0.5), variance: new Float32Array(7).fill(0.2) };
      const top = drawTop(prior, normals);
      const rounds = { rounds: 2, inference };
      const expected = generate(model, wide, Float64Array.from(top), rounds);
      const pixels = pixelsOf(3, 6);
      const visible = Float32Array.from(pixels, (_, i) => (i % 3 === 0 ? 0 : 1));
      const filled = inpaint(model, wide, Float64Array.from(pixels), Float64Array.from(visible), {
        ...inference,
        rounds: 3,
      });
      await withEngine(context, async (engine) => {
        const samples = await engine.generate(top, rounds);
        assertNear('directed', samples.directed, expected.directed);
        assertNear('chain', samples.chain, expected.chain);
        assertNear('filled', await engine.inpaint(pixels, visible, { ...inference, rounds: 3 }), filled);
        const centres = pixelsOf(10, 25);
        for (const [s, found] of (await engine.parzen(centres, pixels, [0.2, 0.5])).entries()) {
          assertNear(`likelihood ${s}`, found, parzenLogLikelihoods(centres, pixels, 30, [0.2, 0.5][s]!));
        }
      });
    },
  },
  ...variants.map(([name, settings]) => ({
    name: `one inference and one update of the generative model are those of float64, ${name}`,
    async run(context: GpuContext) {
      const order = Uint32Array.from({ length: 9 }, (_, i) => (i * 7) % 40);
      const batch = Float64Array.from([...order].flatMap((image) => [...pixelsOf(image, 1)]));
      const options = { seed, totalUpdates: 4, varianceFactor: 4 };
      const expected = trainingUpdate(model, freshState(model, inFloat64(parameters)), batch, settings, options);
      const state = await trained(context, settings, freshState(model, parameters), 1);
      const named = new Map(arraysOf(expected));
      for (const [name, values] of arraysOf(state)) assertNear(name, values, named.get(name)!);
    },
  })),
  ...variants.map(([name, settings]) => ({
    name: `a training that was read and opened again goes on to the same bits, ${name}`,
    async run(context: GpuContext) {
      const whole = await trained(context, settings, freshState(model, parameters), 3);
      const half = await trained(context, settings, freshState(model, parameters), 2);
      const continued = new Map(arraysOf(await trained(context, settings, half, 1)));
      for (const [name, values] of arraysOf(whole)) {
        const other = continued.get(name)!;
        assert(
          values.every((value, i) => Object.is(value, other[i])),
          `${name} differs`,
        );
      }
    },
  })),
];
