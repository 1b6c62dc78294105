import type { Parameters } from '../../src/energy/network.ts';
import { step } from '../../src/energy/reference/dynamics.ts';
import { zeroParameters } from '../../src/energy/reference/gradient.ts';
import { HeldNetwork, inFloat64 } from '../../src/energy/reference/held-network.ts';
import { addChange, addContrast, nudge } from '../../src/energy/reference/nudge.ts';
import { nudgeSign } from '../../src/energy/training/nudge-sign.ts';
import { networkOf, type TrainingSettings, trainingSettings } from '../../src/energy/training/settings.ts';
import type { Examples, Trainer, TrainingState } from '../../src/energy/training/trainer.ts';
import { initialState } from '../../src/energy/training/training-state.ts';

const SIZES = [15, 12, 9, 4] as const;

/** Images of two classes with some irregularity; the count is no multiple of the batch. */
export function examplesOf(count: number): Examples {
  const pixels = SIZES[0];
  const labels = Uint8Array.from({ length: count }, (_, n) => (n * 3) % 4);
  const images = Uint8Array.from({ length: count * pixels }, (_, at) => {
    const label = labels[Math.floor(at / pixels)]!;
    return Math.round(127 + 90 * Math.sin(at * 12.9898) * Math.cos(label * 2 + (at % pixels)));
  });
  return { count, pixels, images, labels };
}

export function settingsOf(rule: TrainingSettings['rule'], persistent = true): TrainingSettings {
  const rates = [0.8, 0.5, 0.4];
  return trainingSettings({
    sizes: SIZES,
    rule,
    batch: 4,
    freeSteps: 7,
    nudgedSteps: 3,
    beta: 0.8,
    rates,
    decay: 0.9,
    persistent,
    seed: 5,
  });
}

/** An epoch by the float64 reference, an example after the other. @returns parameters and errors */
function epochInFloat64(settings: TrainingSettings, examples: Examples, state: TrainingState, epoch: number) {
  const network = networkOf(settings);
  const { sizes, offsets } = network;
  const parameters = inFloat64(state.parameters);
  const particles = settings.persistent
    ? state.particles.map((values) => Float64Array.from(values))
    : sizes.slice(1).map((units) => new Float64Array(units * examples.count));
  const { epsilon, freeSteps, nudgedSteps, beta, seed, rates, batch: size } = settings;
  const output = sizes.length - 1;
  let errors = 0;
  for (let first = 0, batch = 0; first < examples.count; first += size, batch++) {
    const sum = zeroParameters(network);
    const rows = Math.min(size, examples.count - first);
    const strength = nudgeSign(seed, epoch, batch) * beta;
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
      for (let k = 0; k < values.length; k++) values[k]! += ((rate * settings.decay ** epoch) / rows) * changes[k]!;
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
  return {
    weights: part(actual.weights, expected.weights, start.weights),
    biases: part(actual.biases.slice(1), expected.biases.slice(1), start.biases.slice(1)),
  };
}

/**
 * Holds an epoch of a trainer to the float64 reference.
 *
 * @throws Error where it differs.
 */
export async function requireEpochAsInFloat64(
  rule: TrainingSettings['rule'],
  open: (settings: TrainingSettings, examples: Examples, state: TrainingState) => Promise<Trainer>,
): Promise<void> {
  const settings = settingsOf(rule, rule === 'stdp');
  const examples = examplesOf(22);
  const start = initialState(settings, examples.count);
  const expected = epochInFloat64(settings, examples, start, 1);
  const trainer = await open(settings, examples, start);
  try {
    const seen: number[] = [];
    const score = await trainer.runEpoch(1, { onProgress: ({ examples: done }) => seen.push(done) });
    require(score.examples === 22 && score.errors === expected.errors, `${score.errors} of ${score.examples} wrong`);
    require(seen.at(-1) === 22, `progress ${seen.join(', ')}`);
    const state = await trainer.readState();
    const { weights, biases } = distances(state.parameters, expected.parameters, start.parameters);
    require(weights <= 1e-4 && biases <= 1e-4, `relative distance of changes: ${weights} and ${biases}`);
    state.particles.forEach((values, k) => {
      values.forEach((value, i) => {
        const wanted = expected.particles[k]![i]!;
        require(Math.abs(value - wanted) <= 1e-5, `particle ${i} of layer ${k + 1} is ${value}, not ${wanted}`);
      });
    });
  } finally {
    trainer.destroy();
  }
}

/** Holds a training that goes on from a state to one that was not interrupted, to the last bit. */
export async function requireResumable(
  open: (settings: TrainingSettings, examples: Examples, state: TrainingState) => Promise<Trainer>,
): Promise<void> {
  const settings = settingsOf('stdp');
  const examples = examplesOf(22);
  const whole = await open(settings, examples, initialState(settings, 22));
  await whole.runEpoch(0);
  const between = await whole.readState();
  await whole.runEpoch(1);
  const expected = await whole.readState();
  const evaluated = await whole.evaluate(examplesOf(9));
  whole.destroy();
  const resumed = await open(settings, examples, between);
  await resumed.runEpoch(1);
  const actual = await resumed.readState();
  const again = await resumed.evaluate(examplesOf(9));
  resumed.destroy();
  const flat = ({ parameters, particles }: TrainingState) =>
    [...parameters.weights, ...parameters.biases, ...particles].flatMap((values) => [...values]);
  require(flat(actual).join() === flat(expected).join(), 'states differ');
  require(evaluated.errors === again.errors && again.examples === 9, 'evaluations differ');
}

function require(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}
