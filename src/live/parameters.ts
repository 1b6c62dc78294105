import type { ExperimentSpec, NeuronSpec } from '../stdp/spec.ts';

/** A number of the experiment that a slider moves. */
export interface Parameter {
  /** Also the id of its slider. */
  readonly id: string;
  readonly label: string;
  /** What it does, in a few words. */
  readonly hint: string;
  /** The values that the slider stops at, ascending. */
  stops(spec: ExperimentSpec): readonly number[];
  /** The values that it stands for: two where the neurons may differ, none where the experiment has no such number. */
  read(spec: ExperimentSpec): readonly number[];
  write(spec: ExperimentSpec, value: number): ExperimentSpec;
  /** The value with its unit. */
  format(value: number, spec: ExperimentSpec): string;
}

/** A number that both neurons have. */
interface NeuronNumber {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly stops: readonly number[];
  read(neuron: NeuronSpec): number | undefined;
  write(neuron: NeuronSpec, value: number): NeuronSpec;
  format(value: number, spec: ExperimentSpec): string;
}

const tenths = (from: number, to: number) =>
  Array.from({ length: Math.round((to - from) * 10) + 1 }, (_, index) => Math.round(from * 10 + index) / 10);

const withDrive = (neuron: NeuronSpec, change: { mean?: number; sd?: number }): NeuronSpec =>
  neuron.drive.type === 'noise' ? { ...neuron, drive: { ...neuron.drive, ...change } } : neuron;

const plain = (value: number) => `${value}`.replace('-', '−');

const epsilon: NeuronNumber = {
  id: 'epsilon',
  label: 'Leak ε',
  hint: 'how fast activity follows its input',
  stops: [0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1],
  read: (neuron) => (neuron.drive.type === 'table' ? undefined : neuron.epsilon),
  write: (neuron, value) => ({ ...neuron, epsilon: value }),
  format: (value, { msPerStep }) => {
    if (value === 1) return '1, no memory';
    const tau = -msPerStep / Math.log1p(-value);
    return `${plain(value)}, τ ${Number(tau.toPrecision(tau < 10 ? 2 : 3))} ms`;
  },
};

const sd: NeuronNumber = {
  id: 'sd',
  label: 'Noise',
  hint: 'spread of the input voltage',
  stops: tenths(0, 4),
  read: ({ drive }) => (drive.type === 'noise' ? drive.sd : undefined),
  write: (neuron, value) => withDrive(neuron, { sd: value }),
  format: (value) => `sd ${plain(value)}`,
};

const mean: NeuronNumber = {
  id: 'mean',
  label: 'Mean input',
  hint: 'mean of the input voltage',
  stops: tenths(-1, 1.5),
  read: ({ drive }) => (drive.type === 'noise' ? drive.mean : undefined),
  write: (neuron, value) => withDrive(neuron, { mean: value }),
  format: plain,
};

const peak: NeuronNumber = {
  id: 'peak',
  label: 'Peak rate',
  hint: 'chance of a spike per step, at most',
  stops: [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1],
  read: (neuron) => neuron.peak,
  write: (neuron, value) => ({ ...neuron, peak: value }),
  format: (value, { msPerStep }) => `${plain(value)}, ${Number(((value * 1000) / msPerStep).toPrecision(3))} Hz`,
};

function ofBoth(number: NeuronNumber): Parameter {
  return {
    ...number,
    stops: () => number.stops,
    read: ({ pre, post }) => {
      const values = [number.read(pre), number.read(post)].filter((value) => value !== undefined);
      return values[0] === values[1] ? values.slice(0, 1) : values;
    },
    write: (spec, value) => ({ ...spec, pre: number.write(spec.pre, value), post: number.write(spec.post, value) }),
  };
}

function ofOne(number: NeuronNumber, neuron: 'pre' | 'post'): Parameter {
  return {
    ...number,
    id: `${neuron}-${number.id}`,
    stops: () => number.stops,
    read: (spec) => [number.read(spec[neuron])].filter((value) => value !== undefined),
    write: (spec, value) => ({ ...spec, [neuron]: number.write(spec[neuron], value) }),
  };
}

const pairWindow: Parameter = {
  id: 'window',
  label: 'Window D',
  hint: 'farthest spikes that make a pair',
  stops: ({ steps, pairing }) => {
    const most = pairing.edges === 'interior' ? Math.min(64, Math.floor((steps - 1) / 2)) : 64;
    return Array.from({ length: most }, (_, index) => index + 1);
  },
  read: ({ pairing }) => [pairing.window],
  write: (spec, value) => ({ ...spec, pairing: { ...spec.pairing, window: value } }),
  format: (value, { msPerStep }) => `± ${Number((value * msPerStep).toPrecision(4))} ms`,
};

const trials: Parameter = {
  id: 'trials',
  label: 'Trials',
  hint: 'spike trains for each sequence',
  stops: ({ steps }) =>
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000].filter((count) => count * steps < 2 ** 32),
  read: (spec) => [spec.trials],
  write: (spec, value) => ({ ...spec, trials: value }),
  format: plain,
};

const sequences: Parameter = {
  id: 'sequences',
  label: 'Sequences',
  hint: 'activities, drawn once for all trials',
  stops: ({ steps }) =>
    [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000].filter(
      (count, index) => index === 0 || count * (steps + 1) <= 2 ** 26,
    ),
  // The rows of a table are its sequences.
  read: (spec) => (spec.pre.drive.type === 'table' || spec.post.drive.type === 'table' ? [] : [spec.sequences]),
  write: (spec, value) => ({ ...spec, sequences: value }),
  format: plain,
};

/** Where the sliders stand in the page, by the id of their place. */
export const parameterGroups: Readonly<Record<string, readonly Parameter[]>> = {
  sliders: [ofBoth(epsilon), ofBoth(sd), ofBoth(peak), pairWindow, trials],
  'more-sliders': [ofBoth(mean), sequences],
  'pre-sliders': [epsilon, sd, mean, peak].map((number) => ofOne(number, 'pre')),
  'post-sliders': [epsilon, sd, mean, peak].map((number) => ofOne(number, 'post')),
};
