import type { Simulation } from '../../src/stdp/simulate.ts';

/** Throws with the first difference between two typed arrays. */
export function assertSameArray(name: string, actual: ArrayLike<unknown>, expected: ArrayLike<unknown>): void {
  if (actual.length !== expected.length) {
    throw new Error(`${name}: ${actual.length} values instead of ${expected.length}`);
  }
  for (let index = 0; index < expected.length; index++) {
    if (actual[index] !== expected[index]) {
      throw new Error(`${name}[${index}] is ${String(actual[index])} instead of ${String(expected[index])}`);
    }
  }
}

/** Throws unless two simulations agree in every count, sum, rate and spike. */
export function assertSameSimulation(actual: Simulation, expected: Simulation): void {
  const arraysOf = (value: object): [string, ArrayLike<unknown>][] =>
    Object.entries(value).flatMap(([key, field]) => (ArrayBuffer.isView(field) ? [[key, field as never]] : []));
  const compare = (place: string, ours: object, theirs: object) => {
    const found = new Map(arraysOf(ours));
    for (const [key, values] of arraysOf(theirs)) assertSameArray(`${place}.${key}`, found.get(key) ?? [], values);
  };
  assertSameArray('trials', [actual.tallies.trials], [expected.tallies.trials]);
  compare('tallies', actual.tallies, expected.tallies);
  assertSameArray('rates', [joinedRates(actual).length], [joinedRates(expected).length]);
  assertSameArray('rates', joinedRates(actual), joinedRates(expected));
  assertSameArray('traces', [actual.trials.length], [expected.trials.length]);
  actual.trials.forEach((trial, index) => {
    const other = expected.trials[index]!;
    compare(`trials[${index}]`, trial, other);
    compare(`trials[${index}].spikes`, trial.spikes, other.spikes);
  });
}

function joinedRates({ rates }: Simulation): number[] {
  return rates.flatMap((part) => {
    const perSequence: number[] = [];
    const rows: ArrayLike<number>[] = [part.preStates, part.postStates, part.preProbabilities, part.postProbabilities];
    for (let n = 0; n < part.sequences; n++) {
      for (const row of rows) {
        const width = row.length / part.sequences;
        for (let t = 0; t < width; t++) perSequence.push(row[n * width + t]!);
      }
    }
    return perSequence;
  });
}
