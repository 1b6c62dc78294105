import { numberText } from '../../src/figures/number-text.ts';
import type { AxisOutline } from './messages.ts';

/** A labelled place on an axis. */
export interface Tick {
  /** In places: the middle of the first is 0.5. */
  readonly at: number;
  readonly text: string;
}

/** The values of an axis side by side in ascending order, each in a place of the same width. */
export class AxisScale {
  readonly path: string;
  readonly logarithmic: boolean;
  readonly length: number;
  /** Values by place, ascending. */
  readonly sorted: Float64Array;
  /** Position in the axis's group by place, and place by position. */
  readonly positions: Uint32Array;
  readonly places: Uint32Array;

  constructor({ path, values, logarithmic }: AxisOutline) {
    this.path = path;
    this.logarithmic = logarithmic;
    this.length = values.length;
    this.positions = Uint32Array.from(values, (_, position) => position).sort((a, b) => values[a]! - values[b]!);
    this.places = new Uint32Array(values.length);
    this.positions.forEach((position, place) => {
      this.places[position] = place;
    });
    this.sorted = Float64Array.from(this.positions, (position) => values[position]!);
  }

  /** Part of the way from the smallest to the largest value, 0 … 1. */
  share(value: number): number {
    const [low, high] = [this.#scaled(this.sorted[0]!), this.#scaled(this.sorted.at(-1)!)];
    return low === high ? 0.5 : (this.#scaled(value) - low) / (high - low);
  }

  /** Every value where there is room for so many, else round ones between. */
  ticks(most: number): Tick[] {
    if (this.length <= most) {
      const texts = Array.from(this.sorted, (value) => numberText(value));
      // Many long numbers are harder to read than a few round ones.
      if (this.length <= 6 || texts.every((text) => text.length <= 4)) {
        return texts.map((text, place) => ({ at: place + 0.5, text }));
      }
    }
    return this.roundValues(most).map((value) => ({ at: this.#placeOf(value), text: numberText(value) }));
  }

  /** Round numbers in the range of the values, at most about so many. */
  roundValues(most: number): number[] {
    const [low, high] = [this.sorted[0]!, this.sorted.at(-1)!];
    const count = Math.max(2, most);
    const decades = Math.log10(high) - Math.log10(low);
    return this.logarithmic && low > 0 && decades > 0.9 ? roundRatios(low, high, count) : roundSteps(low, high, count);
  }

  /** Where a value lies between the places of its neighbours. */
  #placeOf(value: number): number {
    const next = this.sorted.findIndex((other) => other >= value);
    const [after, before] = [this.sorted[next]!, this.sorted[next - 1] ?? this.sorted[next]!];
    if (after === before) return next + 0.5;
    const part = (this.#scaled(value) - this.#scaled(before)) / (this.#scaled(after) - this.#scaled(before));
    return next - 0.5 + part;
  }

  #scaled(value: number): number {
    return this.logarithmic && this.sorted[0]! > 0 ? Math.log(value) : value;
  }
}

/** Multiples of a 1, 2 or 5 times a power of ten between two numbers. */
export function roundSteps(low: number, high: number, most: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999)!;
  const values: number[] = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++) {
    values.push(Number((n * step).toPrecision(12)));
  }
  return values.filter((value) => value >= low && value <= high);
}

/** 1, 2 and 5 times powers of ten, or the powers alone where there are too many. */
function roundRatios(low: number, high: number, most: number): number[] {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, n) => Math.floor(Math.log10(low)) + n,
  );
  const within = (factors: readonly number[]) =>
    powers
      .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
      .filter((value) => value >= low && value <= high);
  return [[1, 2, 5], [1, 3], [1]].map(within).find((values) => values.length <= most) ?? within([1]).slice(0, most);
}
