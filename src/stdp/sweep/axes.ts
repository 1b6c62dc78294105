import { exp, ln } from '../../numeric/elementary.ts';
import { PURPOSE, randomBlock } from '../../random/address.ts';
import type { AxisSpec, SweepSpec } from './sweep-spec.ts';

/** What a seeded draw is for, the last part of its address. */
const VALUE = 0;
const PERMUTATION = 1;

/** Points of a sweep but for the replicates. */
export interface SweepGrid {
  readonly points: number;
  /** Values of the axes at a point, in the order of the axes. @param index 0 … points − 1 */
  valuesAt(index: number): number[];
}

/** Axes that move together. */
export interface AxisGroup {
  /** Indices of the axes, ascending. */
  readonly axes: readonly number[];
  /** Values of each. */
  readonly length: number;
}

type AxesSpec = Pick<SweepSpec, 'base' | 'axes' | 'zip' | 'latin'>;

/** Ends of a range to draw from; `n` draws, or as many as the Latin hypercube has points where it is `undefined`. */
export interface Draws {
  readonly low: number;
  readonly high: number;
  readonly n: number | undefined;
  /** Whether the logarithm of the value is uniform instead of the value. */
  readonly logarithmic: boolean;
}

/** What an axis draws from; `undefined` for one that draws nothing. */
export function drawsOf(axis: AxisSpec): Draws | undefined {
  const logarithmic = 'loguniform' in axis;
  if (!logarithmic && !('uniform' in axis)) return undefined;
  const range = logarithmic ? axis.loguniform : axis.uniform;
  return { low: range[0], high: range[1], n: range.at(2), logarithmic };
}

/** Whether an axis gives only a range, which the Latin hypercube samples. */
export function isRange(axis: AxisSpec): boolean {
  const draws = drawsOf(axis);
  return draws !== undefined && draws.n === undefined;
}

/** Number of values of an axis; nothing is built for it. @param latin points of the Latin hypercube */
export function axisLength(axis: AxisSpec, latin: number | null): number {
  if ('linspace' in axis) return axis.linspace[2];
  if ('logspace' in axis) return axis.logspace[2];
  const draws = drawsOf(axis);
  if (draws) return draws.n ?? latin ?? 0;
  return (axis as readonly number[]).length;
}

/** Number of points without replicates, `Infinity` where it is beyond all bounds; nothing is built for it. */
export function gridSize(sweep: AxesSpec): number {
  return axisGroups(sweep).reduce((points, { length }) => points * length, 1);
}

/**
 * The points of a sweep without replicates, in row-major order: the last group of axes is fastest, and a group stands
 * at the place of its first axis. Values are computed when asked for.
 */
export function sweepGrid(sweep: AxesSpec): SweepGrid {
  const groups = axisGroups(sweep);
  const axes = Object.values(sweep.axes).map((axis, index) => valuesOf(axis, index, sweep));
  return {
    points: gridSize(sweep),
    valuesAt(index) {
      const values = new Array<number>(axes.length);
      let rest = index;
      for (let g = groups.length - 1; g >= 0; g--) {
        const group = groups[g]!;
        const position = rest % group.length;
        rest = (rest - position) / group.length;
        for (const axis of group.axes) values[axis] = axes[axis]!(position);
      }
      return values;
    },
  };
}

/** The groups in the order of {@link sweepGrid}, the last one fastest. */
export function axisGroups({ axes, zip, latin }: AxesSpec): readonly AxisGroup[] {
  const zipOf = new Map(zip.flatMap((paths) => paths.map((path) => [path, paths] as const)));
  const groups = new Map<unknown, { axes: number[]; length: number }>();
  Object.entries(axes).forEach(([path, axis], index) => {
    const key = zipOf.get(path) ?? (isRange(axis) ? 'latin' : index);
    const group = groups.get(key);
    if (group) group.axes.push(index);
    else groups.set(key, { axes: [index], length: axisLength(axis, latin) });
  });
  return [...groups.values()];
}

/** The values of one axis by their index. */
function valuesOf(axis: AxisSpec, index: number, { base, latin }: AxesSpec): (position: number) => number {
  if ('linspace' in axis) {
    const [first, last, n] = axis.linspace;
    return (position) => spaced(first, last, n, position);
  }
  if ('logspace' in axis) {
    const [first, last, n] = axis.logspace;
    return (position) => logSpaced(first, last, n, position);
  }
  const draws = drawsOf(axis);
  if (!draws) return (position) => (axis as readonly number[])[position]!;
  if (draws.n !== undefined) return (position) => valueIn(draws, uniform(base.seed, index, position, VALUE));

  const points = latin ?? 0;
  const strata = permutation(points, base.seed, index);
  return (position) => valueIn(draws, (strata[position]! + uniform(base.seed, index, position, VALUE)) / points);
}

/** Weighted so that integers at integer distances come out exactly. */
function spaced(first: number, last: number, n: number, position: number): number {
  if (position === 0) return first;
  if (position === n - 1) return last;
  return (first * (n - 1 - position) + last * position) / (n - 1);
}

/** Rounded to 13 digits, so that 1, 10, 100 come out exactly; `exp` and `ln` are no better than that in wide ranges. */
function logSpaced(first: number, last: number, n: number, position: number): number {
  if (position === 0) return first;
  if (position === n - 1) return last;
  const value = exp(spaced(ln(first), ln(last), n, position));
  return within(first, last, Number(value.toPrecision(13)));
}

/** The value at a fraction 0 ≤ f < 1 of the range. */
function valueIn({ low, high, logarithmic }: Draws, fraction: number): number {
  const between = (a: number, b: number) => a * (1 - fraction) + b * fraction;
  return within(low, high, logarithmic ? exp(between(ln(low), ln(high))) : between(low, high));
}

/** Takes back what rounding moved out of the range between two ends. */
function within(a: number, b: number, value: number): number {
  return Math.min(Math.max(value, Math.min(a, b)), Math.max(a, b));
}

/** A seeded random permutation of 0 … n − 1 (Fisher–Yates). */
function permutation(n: number, seed: number, axis: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform(seed, axis, i, PERMUTATION) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** A multiple of 2⁻⁵³ in [0, 1) from the random bits at an address. */
function uniform(seed: number, axis: number, draw: number, use: number): number {
  const [high, low] = randomBlock(seed, PURPOSE.sweep, axis, draw, use);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}
