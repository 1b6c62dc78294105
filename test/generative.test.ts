import { describe, expect, test } from 'vitest';
import { wasmProducts } from '../src/arithmetic/wasm-products.ts';
import { cpuModelEngine, cpuPlace } from '../src/generative/cpu-engine.ts';
import { damaged, missingError } from '../src/generative/missing.ts';
import { createModel, inFloat64, type ModelParameters, type Numbers } from '../src/generative/model.ts';
import { modelOf, packTraining, type SavedTraining, unpackTraining } from '../src/generative/model-file.ts';
import { parseGenerativeSpec } from '../src/generative/parse-spec.ts';
import { fromQuantised, quantised } from '../src/generative/quantised-model.ts';
import { generate } from '../src/generative/reference/generate.ts';
import { infer } from '../src/generative/reference/infer.ts';
import { inpaint } from '../src/generative/reference/inpaint.ts';
import { logJoint } from '../src/generative/reference/joint.ts';
import { decode, decodeFromTop } from '../src/generative/reference/maps.ts';
import { drawPool, matchedTop } from '../src/generative/reference/match.ts';
import { parzenLogLikelihoods } from '../src/generative/reference/parzen.ts';
import { meanCosine, targetPressure, trueGradient } from '../src/generative/reference/pressure.ts';
import { regressionGradient } from '../src/generative/reference/regression.ts';
import { freshState, trainingUpdate } from '../src/generative/reference/train.ts';
import { runTraining } from '../src/generative/run-training.ts';
import { defaultSetting } from '../src/generative/spec.ts';
import { startParameters } from '../src/generative/start.ts';
import { type Mnist, readMnist } from '../src/io/mnist.ts';
import { errorOf, rejectionOf } from './support/errors.ts';
import { syntheticMnist } from './support/idx-files.ts';

const spec = parseGenerativeSpec({
  setting: 'walked',
  layers: [24, 8],
  training: { epochs: 3, batch: 20, walkback: { share: 0.4 }, rates: { encoderRamp: 5 } },
});
const matchedSpec = parseGenerativeSpec({
  setting: 'matched',
  layers: [24, 8],
  training: { epochs: 3, batch: 20, matching: { pool: 50 } },
});
const { train, test: testSet }: Mnist = await readMnist(filesOf());
const pixels = train.rows * train.columns;
const model = modelOf(spec, pixels);
const start = inFloat64(await startParameters(model, train.images, spec));
const some = Float64Array.from(train.images.subarray(0, 6 * pixels), (byte) => byte / 255);

function filesOf() {
  const bytes = syntheticMnist({ train: 240, test: 60, rows: 6, columns: 7, classes: 4 });
  const entries = Object.entries(bytes).map(([name, data]) => [name, { name, bytes: async () => data }] as const);
  return Object.fromEntries(entries) as unknown as Parameters<typeof readMnist>[0];
}

/** A copy of parameters with one number of one map changed. */
function perturbed(
  parameters: ModelParameters<Float64Array>,
  kind: 'encoders' | 'decoders',
  k: number,
): ModelParameters<Float64Array> {
  const copy = structuredClone(parameters);
  copy[kind][k]!.weights[3] = copy[kind][k]!.weights[3]! + 0.5;
  return copy;
}

const largest = (values: Numbers) => Math.max(...Array.from(values, Math.abs));

describe('INFERENCE', () => {
  test('is, written out by hand for two layers, Algorithm 2', () => {
    const { steps, delta, alpha } = { steps: 3, delta: 0.2, alpha: 0.05 };
    const softplus = (z: number) => model.hiddenScale * Math.log1p(Math.exp(z));
    const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
    const map = (kind: 'encoders' | 'decoders', k: number, f: (z: number) => number) => (input: readonly number[]) => {
      const { weights, biases } = start[kind][k]!;
      return Array.from(biases, (bias, j) =>
        f(input.reduce((sum, value, i) => sum + value * weights[i * biases.length + j]!, bias)),
      );
    };
    const [f1, f2] = [map('encoders', 0, softplus), map('encoders', 1, sigmoid)];
    const [g1, g2] = [map('decoders', 0, sigmoid), map('decoders', 1, softplus)];
    const x = [...some.subarray(0, pixels)];
    let h1 = f1(x);
    let h2 = f2(h1);
    for (let t = 0; t < steps; t++) {
      const [up, down] = [f2(h1), f2(g2(h2))];
      h2 = h2.map((h, i) => Math.min(1, Math.max(0, h + delta * (up[i]! - down[i]!))));
      const [fromBelow, shown, above] = [f1(x), f1(g1(h1)), g2(h2)];
      h1 = h1.map((h, i) => Math.max(0, h + delta * (fromBelow[i]! - shown[i]!) + alpha * (above[i]! - h)));
    }
    const state = infer(model, start, some, { steps, delta, alpha });
    for (const [i, value] of h1.entries()) expect(state[0]![i]).toBeCloseTo(value, 10);
    for (const [i, value] of h2.entries()) expect(state[1]![i]).toBeCloseTo(value, 10);
  });

  test('looks at no pixel that is missing', () => {
    const visible = some.map((_, i) => (i % 2 === 0 ? 1 : 0));
    const other = some.map((value, i) => (visible[i] === 0 ? 1 - value : value));
    const settings = { steps: 5, delta: 0.1, alpha: 0.3 };
    // After the feedforward pass, which sees what stands for them.
    const stateAfter = (x: Float64Array) => {
      const states: Float64Array[] = [];
      infer(model, start, x, settings, {
        visible,
        onStep: (state, step) => {
          // The same state for both from here on.
          if (step === 0) for (const values of state) values.fill(0.3);
          else states.push(Float64Array.from(state[0]!));
        },
      });
      return states.at(-1)!;
    };
    expect(stateAfter(other)).toEqual(stateAfter(some));
  });

  test('leaves visible pixels as they are when it fills in the others', () => {
    const visible = some.map((_, i) => (i % 3 === 0 ? 1 : 0));
    const filled = inpaint(model, start, some, visible, { steps: 2, delta: 0.1, alpha: 0.3, rounds: 2 });
    filled.forEach((value, i) => {
      if (visible[i] === 1) expect(value).toBe(some[i]);
    });
    expect(largest(filled.map((value, i) => value - some[i]!))).toBeGreaterThan(0.01);
  });
});

describe('the pressure of Eq. 12', () => {
  test('stands for a gradient that finite differences of log p(x | h) confirm', () => {
    const h = infer(model, start, some, { steps: 0, delta: 0, alpha: 0 });
    const gradient = trueGradient(model, start, 1, some, h[0]!);
    const logp = (h1: Float64Array) => {
      const shown = decode(model, start, 1, h1);
      return shown.reduce((sum, value, i) => sum - (some[i]! - value) ** 2 / 2, 0);
    };
    for (const at of [0, 7, 30, 100]) {
      const nudged = (by: number) => h[0]!.map((value, i) => (i === at ? value + by : value));
      const slope = (logp(nudged(1e-5)) - logp(nudged(-1e-5))) / 2e-5;
      expect(gradient[at]).toBeCloseTo(slope, 6);
    }
  });

  test('is exactly along it where the decoder is linear and the encoder its transpose', () => {
    const h = infer(model, start, some, { steps: 0, delta: 0, alpha: 0 });
    // Linear to first order: small weights, large biases of the softplus layer.
    const weights = start.decoders[1]!.weights.map((weight) => weight * 1e-4);
    const [hidden, top] = [model.sizes[1]!, model.sizes[2]!];
    const turned = new Float64Array(weights.length);
    for (let i = 0; i < top; i++)
      for (let j = 0; j < hidden; j++) turned[j * top + i] = weights[i * hidden + j]! / model.hiddenScale ** 2;
    const tied: ModelParameters<Float64Array> = {
      encoders: [start.encoders[0]!, { weights: turned, biases: new Float64Array(top) }],
      decoders: [start.decoders[0]!, { weights, biases: new Float64Array(hidden) }],
    };
    const estimate = targetPressure(model, tied, 2, h[0]!, h[1]!);
    const cosine = meanCosine(estimate, trueGradient(model, tied, 2, h[0]!, h[1]!), top);
    expect(cosine).toBeGreaterThan(0.999);
  });
});

describe('learning is local', () => {
  const settings = { ...spec.training, homeostasis: { ...spec.training.homeostasis, rate: 0 } };

  test('a map learns from its own input and target: its gradient is that of finite differences of its own loss', () => {
    const map = start.decoders[1]!;
    const input = Float64Array.from({ length: 5 * 8 }, (_, i) => (i % 3) / 3);
    const target = Float64Array.from({ length: 5 * 24 }, (_, i) => (i % 7) / 50);
    const softplus = { type: 'softplus', scale: model.hiddenScale } as const;
    const { weights, biases } = regressionGradient(map, softplus, 'squares', input, target);
    const loss = (by: number, at: number, kind: 'weights' | 'biases') => {
      const changed = structuredClone(map);
      changed[kind][at] = changed[kind][at]! + by;
      const parameters = { encoders: [], decoders: [start.decoders[0]!, changed] };
      const shown = decode(model, parameters, 2, input);
      return shown.reduce((sum, value, i) => sum + (value - target[i]!) ** 2 / 2 / 5, 0);
    };
    const h = 1e-5;
    for (const at of [0, 50, 191]) {
      expect(weights[at]).toBeCloseTo((loss(h, at, 'weights') - loss(-h, at, 'weights')) / (2 * h), 8);
    }
    expect(biases[4]).toBeCloseTo((loss(h, 4, 'biases') - loss(-h, 4, 'biases')) / (2 * h), 8);
  });

  test.each([
    ['decoders', 0],
    ['decoders', 1],
    ['encoders', 0],
    ['encoders', 1],
  ] as const)('for fixed states, other weights than those of %s[%i] cannot change its update', (kind, k) => {
    // No inference and no walk: the states of the batch are the feedforward ones, made equal below.
    const still = {
      ...settings,
      inference: { steps: 0, delta: 0, alpha: 0 },
      walkback: { ...settings.walkback, rounds: 0 },
    };
    const options = { seed: 3, totalUpdates: 10, varianceFactor: 4 };
    const updateOf = (parameters: ModelParameters<Float64Array>) => {
      const before = structuredClone(parameters[kind][k]!.weights);
      const updated = trainingUpdate(
        model,
        { ...freshState(model, structuredClone(parameters)), updates: 7 },
        some,
        still,
        options,
      );
      return updated.parameters[kind][k]!.weights.map((weight, i) => weight - before[i]!);
    };
    const plain = updateOf(start);
    expect(largest(plain)).toBeGreaterThan(0);
    // Decoders decide nothing about feedforward states; the other decoder is what is changed.
    expect(updateOf(perturbed(start, 'decoders', kind === 'decoders' ? 1 - k : k))).toEqual(plain);
    if (kind === 'encoders' && k === 0) return;
    // The top encoder decides only about the top state, which the lowest maps do not see.
    if (k === 0) expect(updateOf(perturbed(start, 'encoders', 1))).toEqual(plain);
  });
});

describe('matching', () => {
  const { matching } = matchedSpec.training;

  test('starts an image that the pool holds from the very state that was decoded to it, of equal ones the first', () => {
    const pool = drawPool(model, start, matching, 1, 4)!;
    expect(pool[0]).toEqual(decodeFromTop(model, start, pool[2]!));
    expect(pool[2]!.every((value) => value >= 0 && value <= 1)).toBe(true);
    const units = model.sizes[2]!;
    const row = (values: Float64Array, n: number, size: number) => values.slice(n * size, (n + 1) * size);
    const chosen = [17, 3, 49];
    const images = Float64Array.from(chosen.flatMap((n) => [...row(pool[0]!, n, pixels)]));
    const expected = chosen.flatMap((n) => [...row(pool[2]!, n, units)]);
    expect([...matchedTop(model, pool, images)]).toEqual(expected);
    const twice = pool.map((values) => Float64Array.from([...values, ...values]));
    expect([...matchedTop(model, twice, images)]).toEqual(expected);
  });

  test('finds with fast products the states that the definition finds', async () => {
    const pool = drawPool(model, start, matching, 1, 4)!;
    const fast = { ...model, products: await wasmProducts() };
    const narrow = pool.map((values) => Float32Array.from(values));
    const images = Float32Array.from(train.images.subarray(0, 33 * pixels), (byte) => byte / 255);
    const expected = matchedTop(model, pool, Float64Array.from(images));
    expect(matchedTop(fast, narrow, images)).toEqual(Float32Array.from(expected));
  });

  test('teaches the top encoder what was drawn, whatever the images and the other encoder are', () => {
    const options = { seed: 3, totalUpdates: 10, varianceFactor: 1 };
    const topEncoderAfter = (parameters: ModelParameters<Float64Array>, images: Float64Array) => {
      const state = freshState(model, structuredClone(parameters));
      return trainingUpdate(model, state, images, matchedSpec.training, options).parameters.encoders[1]!.weights;
    };
    const learned = topEncoderAfter(start, some);
    expect(learned).not.toEqual(start.encoders[1]!.weights);
    const otherImages = some.map((value) => 1 - value);
    expect(topEncoderAfter(perturbed(start, 'encoders', 0), otherImages)).toEqual(learned);
  });

  test('needs no learning of the first encoder', () => {
    const options = { seed: 3, totalUpdates: 10, varianceFactor: 1 };
    const state = freshState(model, structuredClone(start));
    const { encoders } = trainingUpdate(model, state, some, matchedSpec.training, options).parameters;
    expect(encoders[0]).toEqual(start.encoders[0]);
  });
});

describe('likelihoods', () => {
  test('of one centre are those of a Gaussian, and more centres average densities', () => {
    const x = [0.2, 0.4, 0.9];
    const c = [0.1, 0.7, 0.5];
    const density = (sigma: number) =>
      x.reduce(
        (sum, value, i) => sum - (value - c[i]!) ** 2 / (2 * sigma ** 2) - Math.log(sigma * Math.sqrt(2 * Math.PI)),
        0,
      );
    expect(parzenLogLikelihoods(c, x, 3, 0.2)[0]).toBeCloseTo(density(0.2), 12);
    expect(parzenLogLikelihoods([...c, ...c], x, 3, 0.3)[0]).toBeCloseTo(density(0.3), 12);
    expect(parzenLogLikelihoods([...c, 50, 50, 50], x, 3, 0.3)[0]).toBeCloseTo(density(0.3) - Math.log(2), 12);
  });

  test('on the CPU with fast products are those of the definition, over several blocks of centres', async () => {
    const engine = await cpuModelEngine(model, await startParameters(model, train.images, spec));
    const noise = (count: number, salt: number) =>
      Float32Array.from({ length: count * pixels }, (_, i) => 0.5 + 0.5 * Math.sin(12.9898 * (i + 1) * salt));
    const [centres, points] = [noise(2100, 1), noise(130, 2)];
    const [found] = await engine.parzen(centres, points, [0.2]);
    const expected = parzenLogLikelihoods(centres, points, pixels, 0.2);
    for (const [i, value] of found!.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(0.01);
  });
});

describe('fast products', () => {
  test('of any size, with bias and activation, are those of float64', async () => {
    const products = await wasmProducts();
    const values = (count: number, salt: number) =>
      Float32Array.from({ length: count }, (_, i) => 3 * Math.sin(i * 1.7 + salt));
    for (const [rows, inner, columns] of [
      [1, 1, 1],
      [5, 9, 13],
      [8, 16, 24],
      [33, 70, 17],
    ] as const) {
      const [left, right, bias] = [values(rows * inner, 1), values(inner * columns, 2), values(columns, 3)];
      const sums = (row: number, column: number) => {
        let sum = bias[column]!;
        for (let k = 0; k < inner; k++) sum += left[row * inner + k]! * right[k * columns + column]!;
        return sum;
      };
      for (const [activation, f] of [
        ['none', (z: number) => z],
        ['sigmoid', (z: number) => 1 / (1 + Math.exp(-z))],
        ['softplus', (z: number) => 0.05 * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))))],
      ] as const) {
        const out = products.multiply(left, right, columns, { bias, activation, scale: 0.05 });
        expect(out).toHaveLength(rows * columns);
        out.forEach((value, at) => {
          const expected = f(sums(Math.floor(at / columns), at % columns));
          expect(Math.abs(value - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)));
        });
      }
      const turned = products.multiplyTransposed(left, values(rows * columns, 4), rows);
      expect(turned).toHaveLength(inner * columns);
      const other = values(rows * columns, 4);
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += left[row * inner + inner - 1]! * other[row * columns + columns - 1]!;
      expect(Math.abs(turned.at(-1)! - sum)).toBeLessThan(2e-5 * (1 + Math.abs(sum)));
    }
  });
});

describe('a training', () => {
  const arrays = (training: SavedTraining) => packTraining(training).arrays;

  test.each([spec, matchedSpec])(
    '($setting) that is stopped anywhere and continued from its file ends at the same bits',
    async (spec) => {
      const whole = await runTraining(cpuPlace, spec, train, 200, { saveEvery: 7 });
      const controller = new AbortController();
      let last: SavedTraining | undefined;
      const interrupted = runTraining(cpuPlace, spec, train, 200, {
        saveEvery: 1000,
        signal: controller.signal,
        onProgress: ({ done }) => done >= 13 * 20 && controller.abort(),
        onSaved: (training) => {
          last = unpackTraining(structuredClone(packTraining(training)), 'a file');
        },
      });
      expect((await rejectionOf(interrupted)).code).toBe('aborted');
      expect(last!.state.updates).toBe(13);
      const continued = await runTraining(cpuPlace, spec, train, 200, { from: last!, saveEvery: 1000 });
      expect(arrays(continued)).toEqual(arrays(whole));
      expect(whole.curve.at(-1)!.reconstruction).toBeLessThan(whole.curve[0]!.reconstruction);
      expect(whole.prior!.mean.every((value) => value > 0 && value < 1)).toBe(true);
    },
  );

  test('fills in what is missing better than the mean image, and its samples are pictures', async () => {
    const longer = parseGenerativeSpec({ ...spec, training: { ...spec.training, epochs: 40 } });
    const { state, prior } = await runTraining(cpuPlace, longer, train, 200);
    const images = Float32Array.from(testSet.images, (byte) => byte / 255);
    const { visible, pixels: left } = damaged(images, [train.rows, train.columns], 'random', 1);
    const engine = await cpuModelEngine(model, state.parameters);
    const filled = await engine.inpaint(left, visible, { steps: 15, delta: 0.1, alpha: 0.3, rounds: 10 });
    const mean = images.map((_, i) => {
      let sum = 0;
      for (let n = 0; n < 200; n++) sum += train.images[n * pixels + (i % pixels)]! / 255 / 200;
      return sum;
    });
    expect(missingError(filled, images, visible)).toBeLessThan(missingError(mean, images, visible));
    const portable = {
      model,
      imageShape: [6, 7] as const,
      parameters: state.parameters,
      prior: prior!,
      generation: spec.generation,
    };
    const bytes = quantised(portable);
    const small = fromQuantised(bytes.buffer);
    const top = prior!.mean;
    const exact = generate(model, state.parameters, top, spec.generation).chain;
    const rounded = generate(small.model, small.parameters, top, small.generation).chain;
    expect(largest(rounded.map((value, i) => value - exact[i]!))).toBeLessThan(0.05);
    expect(bytes.length).toBeLessThan(packedBytes(state.parameters) / 2);
  });

  test('climbs log p(x, h) in inference once it is trained', async () => {
    const longer = parseGenerativeSpec({ ...spec, training: { ...spec.training, epochs: 20 } });
    const { state } = await runTraining(cpuPlace, longer, train, 200);
    const values: number[] = [];
    const images = Float32Array.from(testSet.images, (byte) => byte / 255);
    infer(
      model,
      state.parameters,
      images,
      { steps: 20, delta: 0.1, alpha: 0.001 },
      {
        onStep: (h) => values.push(logJoint(model, state.parameters, images, h).reduce((sum, value) => sum + value, 0)),
      },
    );
    expect(values.at(-1)).toBeGreaterThan(values[0]!);
  });

  test('of too few images is refused, naming what would do', async () => {
    const { path, expected } = await rejectionOf(runTraining(cpuPlace, spec, train, 241));
    expect({ path, expected }).toEqual({ path: 'images', expected: 'from 20 (one batch) to 240' });
  });
});

function packedBytes({ encoders, decoders }: ModelParameters): number {
  return [...encoders, ...decoders].reduce((sum, { weights, biases }) => sum + 4 * (weights.length + biases.length), 0);
}

describe('a spec', () => {
  test('fills in the numbers of its setting, in parts', () => {
    const printed = parseGenerativeSpec({ setting: 'printed', training: { walkback: { rounds: 2 } } });
    expect(printed.training.walkback).toMatchObject({ share: 0, rounds: 2 });
    expect(printed.training.inference).toEqual({ steps: 15, delta: 0.1, alpha: 0.001 });
    expect(parseGenerativeSpec({}).setting).toBe(defaultSetting);
  });

  test.each<[unknown, string]>([
    [{ layers: [100] }, 'layers'],
    [{ training: { walkback: { share: 2 } } }, 'training.walkback.share'],
    [{ training: { speed: 1 } }, 'training.speed'],
    [{ setting: 'best' }, 'setting'],
    [{ setting: 'walked', layers: [10, 20] }, 'training.start.top'],
    [[], 'spec'],
  ])('%j is refused at %s', (input, path) => {
    const error = errorOf(() => parseGenerativeSpec(input));
    expect(error).toMatchObject({ code: 'invalid-spec', path });
  });

  test('a model needs two latent layers and a unit of activity', () => {
    expect(errorOf(() => createModel({ sizes: [4, 2], hiddenScale: 1 })).path).toBe('sizes');
    expect(errorOf(() => createModel({ sizes: [4, 2, 2], hiddenScale: 0 })).path).toBe('hiddenScale');
  });
});
