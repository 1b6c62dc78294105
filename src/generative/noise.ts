import { type Purpose, randomBlock } from '../random/address.ts';
import { NORMAL_FRACTION_BITS, normalFromWord } from '../random/normal.ts';
import { type Numbers, zerosLike } from './model.ts';

/** Where the random numbers of a batch are: each is a function of this, its row and its unit. */
export interface BatchAddress {
  readonly seed: number;
  readonly purpose: Purpose;
  /** Update of the training, step of inference, or number of the batch. */
  readonly time: number;
  /** Number of the first row of the batch. */
  readonly firstRow: number;
}

/**
 * Standard normal deviates of a batch: unit u of row r is word u mod 4 of the random block at
 * (seed, purpose, firstRow + r, time, ⌊u / 4⌋).
 *
 * @returns shape [rows][units], of the kind of `like`
 */
export function normalsOf<A extends Numbers>(like: A, address: BatchAddress, rows: number, units: number): A {
  return fill(like, address, rows, units, (word) => normalFromWord(word) * 2 ** -NORMAL_FRACTION_BITS);
}

/** Deviates uniform on [0, 1), 24 bits each, addressed as those of {@link normalsOf}. */
export function uniformsOf<A extends Numbers>(like: A, address: BatchAddress, rows: number, units: number): A {
  return fill(like, address, rows, units, uniformFromWord);
}

/** 24 bits of a word as a number in [0, 1): what float32 holds exactly. */
export function uniformFromWord(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/**
 * Means of Bernoulli samples, `spikes` for each probability ("we average 3 samples from a Bernoulli distribution"):
 * sample s of a unit is 1 where word s of the random block at (seed, purpose, firstRow + r, time, unit) is below p.
 *
 * @param probabilities shape [rows][units] @param spikes samples, 1 … 4
 */
export function spikeMeans<A extends Numbers>(
  probabilities: A,
  { seed, purpose, time, firstRow }: BatchAddress,
  units: number,
  spikes: number,
): A {
  const means = zerosLike(probabilities, probabilities.length);
  for (let i = 0; i < means.length; i++) {
    const words = randomBlock(seed, purpose, firstRow + Math.floor(i / units), time, i % units);
    for (let sample = 0; sample < spikes; sample++) {
      if (uniformFromWord(words[sample]!) < probabilities[i]!) means[i] = means[i]! + 1;
    }
    means[i] = means[i]! / spikes;
  }
  return means;
}

function fill<A extends Numbers>(
  like: A,
  { seed, purpose, time, firstRow }: BatchAddress,
  rows: number,
  units: number,
  deviateOf: (word: number) => number,
): A {
  const values = zerosLike(like, rows * units);
  for (let row = 0; row < rows; row++) {
    for (let first = 0; first < units; first += 4) {
      const words = randomBlock(seed, purpose, firstRow + row, time, first / 4);
      for (let k = 0; k < 4 && first + k < units; k++) values[row * units + first + k] = deviateOf(words[k]!);
    }
  }
  return values;
}
