import { AxisScale } from './axis-scale.ts';
import type { SweepOutline } from './messages.ts';

/** Which part of a sweep is shown. */
export interface Slice {
  /** Axes by their indices; `undefined` where there is none. */
  readonly x: number | undefined;
  readonly y: number | undefined;
  /** Position of each group; of no account for those of x and y. */
  readonly fixed: readonly number[];
  /** One replicate, or the mean over all. */
  readonly replicate: number | 'mean';
}

/**
 * Where the points of a slice are: cells in a grid of two axes, in a row along one, or scattered where both axes move
 * together. Cells count from the bottom left, row by row.
 */
export class MapLayout {
  readonly outline: SweepOutline;
  readonly slice: Slice;
  readonly kind: 'grid' | 'row' | 'scatter';
  readonly x: AxisScale | undefined;
  readonly y: AxisScale | undefined;
  readonly columns: number;
  readonly rows: number;
  readonly #strides: readonly number[];
  readonly #xGroup: number;
  readonly #yGroup: number;

  constructor(outline: SweepOutline, slice: Slice) {
    const { axes, groups } = outline;
    const groupOf = (axis: number | undefined) => groups.findIndex((group) => group.axes.some((one) => one === axis));
    this.outline = outline;
    this.slice = slice;
    this.x = slice.x === undefined ? undefined : new AxisScale(axes[slice.x]!);
    this.y = slice.y === undefined ? undefined : new AxisScale(axes[slice.y]!);
    this.#xGroup = groupOf(slice.x);
    this.#yGroup = groupOf(slice.y);
    this.kind = !this.y ? 'row' : this.#xGroup === this.#yGroup ? 'scatter' : 'grid';
    this.columns = this.x?.length ?? 1;
    this.rows = this.kind === 'grid' ? this.y!.length : 1;
    this.#strides = groups.map((_, group) => groups.slice(group + 1).reduce((size, { length }) => size * length, 1));
  }

  get cells(): number {
    return this.columns * this.rows;
  }

  /** −1 for a point that is in another slice. */
  cellOf(point: number): number {
    const { replicates, groups } = this.outline;
    const { replicate, fixed } = this.slice;
    if (replicate !== 'mean' && point % replicates !== replicate) return -1;
    const grid = Math.floor(point / replicates);
    let column = 0;
    let row = 0;
    for (let group = 0; group < groups.length; group++) {
      const position = Math.floor(grid / this.#strides[group]!) % groups[group]!.length;
      if (group === this.#xGroup) column = this.x!.places[position]!;
      else if (group === this.#yGroup) row = this.y!.places[position]!;
      else if (position !== fixed[group]) return -1;
    }
    return row * this.columns + column;
  }

  /** The point of a cell; its first replicate where the mean is shown. */
  pointAt(cell: number): number {
    const { replicates } = this.outline;
    const { replicate, fixed } = this.slice;
    const row = Math.floor(cell / this.columns);
    const column = cell - row * this.columns;
    const grid = this.#strides.reduce((sum, stride, group) => {
      if (group === this.#xGroup) return sum + stride * this.x!.positions[column]!;
      if (group === this.#yGroup) return sum + stride * this.y!.positions[row]!;
      return sum + stride * fixed[group]!;
    }, 0);
    return grid * replicates + (replicate === 'mean' ? 0 : replicate);
  }

  /** Values of all axes at a point, in their order. */
  valuesAt(point: number): number[] {
    const { axes, groups, replicates } = this.outline;
    const grid = Math.floor(point / replicates);
    const values = new Array<number>(axes.length);
    groups.forEach((group, index) => {
      const position = Math.floor(grid / this.#strides[index]!) % group.length;
      for (const axis of group.axes) values[axis] = axes[axis]!.values[position]!;
    });
    return values;
  }
}
