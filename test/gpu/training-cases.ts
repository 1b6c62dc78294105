import { openGpuTrainer } from '../../src/energy/gpu/gpu-trainer.ts';
import type { Parameters } from '../../src/energy/network.ts';
import { step } from '../../src/energy/reference/dynamics.ts';
import { zeroParameters } from '../../src/energy/reference/gradient.ts';
import { HeldNetwork, inFloat64 } from '../../src/energy/reference/held-network.ts';
import { addChange, addContrast, nudge } from '../../src/energy/reference/nudge.ts';
import { networkOf, type TrainingSettings, trainingSettings } from '../../src/energy/training/settings.ts';
import type { Examples, TrainingState } from '../../src/energy/training/trainer.ts';
import { initialState } from '../../src/energy/training/training-state.ts';
import { PURPOSE, randomBlock } from '../../src/random/address.ts';
import { assert, engineErrorOf, type GpuCase } from './case.ts';

const SIZES = [15, 12, 9, 4] as const;

/** Images of two classes with some irregularity; the count is no multiple of the batch. */
function examplesOf(count: number): Examples {
  const pixels = SIZES[0];
  const labels = Uint8Array.from({ length: count }, (_, n) => (n * 3) % 4);
  const images = Uint8Array.from({ length: count * pixels }, (_, at) => {
    const label = labels[Math.floor(at / pixels)]!;
    return Math.round(127 + 90 * Math.sin(at * 12.9898) * Math.cos(label * 2 + (at % pixels)));
  });
  return { count, pixels, images, labels };
}

function settingsOf(rule: TrainingSettings['rule']): TrainingSettings {
  const rates = [0.8, 0.5, 0.4];
  return trainingSettings({ sizes: SIZES, rule, batch: 4, freeSteps: 7, nudgedSteps: 3, beta: 0.8, rates, seed: 5 });
}

/** An epoch by the float64 reference, an example after the other. @returns parameters and errors */
function epochInFloat64(settings: TrainingSettings, examples: Examples, state: TrainingState, epoch: number) {
  const network = networkOf(settings);
  const { sizes, offsets } = network;
  const parameters = inFloat64(state.parameters);
  const particles = state.particles.map((values) => Float64Array.from(values));
  const { epsilon, freeSteps, nudgedSteps, beta, seed, rates, batch: size } = settings;
  const output = sizes.length - 1;
  let errors = 0;
  for (let first = 0, batch = 0; first < examples.count; first += size, batch++) {
    const sum = zeroParameters(network);
    const rows = Math.min(size, examples.count - first);
    const word = randomBlock(seed, PURPOSE.nudgeSign, 0, epoch, batch >>> 2)[batch & 3]!;
    const strength = (word & 1) === 1 ? beta : -beta;
    for (let n = first; n < first + rows; n++) {
      const free = new Float64Array(offsets.at(-1)!);
      free.set(Float64Array.from(examples.images.subarray(n * sizes[0]!, (n + 1) * sizes[0]!), (byte) => byte / 255));
      particles.forEach((values, k) => {
        free.set(values.subarray(n * sizes[k + 1]!, (n + 1) * sizes[k + 1]!), offsets[k + 1]);
      });
      const held = HeldNetwork.hold(network, parameters, free, [0]);
      const scratch = new Float64Array(free.length);
      for (let t = 0; t < freeSteps; t++) step(held, free, { epsilon }, scratch);
      particles.forEach((values, k) => {
        values.set(free.subarray(offsets[k + 1], offsets[k + 2]), n * sizes[k + 1]!);
      });
      const y = free.subarray(offsets[output]);
      if (y.indexOf(Math.max(...y)) !== examples.labels[n]) errors++;
      const values = Float64Array.from(y, (_, k) => (k === examples.labels[n] ? 1 : 0));
      const target = { layer: output, values, strength };
      const [update] = nudge(held, free, { epsilon, target, after: [nudgedSteps] });
      if (settings.rule === 'stdp') addChange(held, free, update!, 1 / strength, sum);
      else addContrast(held, free, update!.state, 1 / strength, sum);
    }
    const add = (values: Float64Array, changes: Float64Array, rate: number) => {
      for (let k = 0; k < values.length; k++) values[k]! += (rate / rows) * changes[k]!;
    };
    parameters.weights.forEach((weights, k) => {
      add(weights, sum.weights[k]!, rates[k]!);
    });
    parameters.biases.forEach((biases, layer) => {
      if (layer > 0) add(biases, sum.biases[layer]!, rates[layer - 1]!);
    });
  }
  return { parameters, particles, errors };
}

function distances(actual: Parameters, expected: Parameters<Float64Array>, start: Parameters) {
  const part = (a: readonly Float32Array[], e: readonly Float64Array[], s: readonly Float32Array[]) => {
    let off = 0;
    let all = 0;
    e.forEach((values, k) => {
      values.forEach((value, i) => {
        off += (a[k]![i]! - value) ** 2;
        all += (value - s[k]![i]!) ** 2;
      });
    });
    return Math.sqrt(off / all);
  };
  const layers = expected.biases.slice(1).length;
  return {
    weights: part(actual.weights, expected.weights, start.weights),
    biases: part(actual.biases.slice(1), expected.biases.slice(1), start.biases.slice(1)),
    layers,
  };
}

export const trainingCases: readonly GpuCase[] = [
  ...(['stdp', 'contrastive'] as const).map(
    (rule): GpuCase => ({
      name: `an epoch with the ${rule} rule changes weights, biases and particles as in float64`,
      async run(context) {
        const settings = settingsOf(rule);
        const examples = examplesOf(22);
        const start = initialState(settings, examples.count);
        const expected = epochInFloat64(settings, examples, start, 1);
        const trainer = await openGpuTrainer(context, settings, examples, start);
        try {
          const seen: number[] = [];
          const score = await trainer.runEpoch(1, { onProgress: ({ examples: done }) => seen.push(done) });
          assert(score.examples === 22 && score.errors === expected.errors, `${score.errors} of ${score.examples}`);
          assert(seen.at(-1) === 22 && seen.length > 1, `progress ${seen.join(', ')}`);
          const state = await trainer.readState();
          const { weights, biases } = distances(state.parameters, expected.parameters, start.parameters);
          assert(weights <= 1e-4 && biases <= 1e-4, `relative distance of changes: ${weights} and ${biases}`);
          state.particles.forEach((values, k) => {
            values.forEach((value, i) => {
              const wanted = expected.particles[k]![i]!;
              assert(Math.abs(value - wanted) <= 1e-5, `particle ${i} of layer ${k + 1} is ${value}, not ${wanted}`);
            });
          });
        } finally {
          trainer.destroy();
        }
      },
    }),
  ),
  {
    name: 'a training that goes on from its state ends as one that was not interrupted',
    async run(context) {
      const settings = settingsOf('stdp');
      const examples = examplesOf(22);
      const whole = await openGpuTrainer(context, settings, examples, initialState(settings, 22));
      await whole.runEpoch(0);
      const between = await whole.readState();
      await whole.runEpoch(1);
      const expected = await whole.readState();
      const evaluated = await whole.evaluate(examplesOf(9));
      whole.destroy();
      const resumed = await openGpuTrainer(context, settings, examples, between);
      await resumed.runEpoch(1);
      const actual = await resumed.readState();
      const again = await resumed.evaluate(examplesOf(9));
      resumed.destroy();
      const flat = ({ parameters, particles }: TrainingState) =>
        [...parameters.weights, ...parameters.biases, ...particles].flatMap((values) => [...values]);
      assert(flat(actual).join() === flat(expected).join(), 'states differ');
      assert(evaluated.errors === again.errors && again.examples === 9, 'evaluations differ');
    },
  },
  {
    name: 'a training that diverges ends at once, with the batch and the likely cause',
    async run(context) {
      const settings = { ...settingsOf('stdp'), rates: [1e7, 1e7, 1e7] };
      const examples = examplesOf(22);
      const trainer = await openGpuTrainer(context, settings, examples, initialState(settings, 22));
      const error = await engineErrorOf('diverged', async () => {
        for (let epoch = 0; epoch < 3; epoch++) await trainer.runEpoch(epoch);
      });
      trainer.destroy();
      assert(/after batch \d+ of epoch \d .*learning rate 10000000 is very large/.test(error.message), error.message);
    },
  },
];
