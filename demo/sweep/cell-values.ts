import type { ScalarMeasure } from '../../src/stdp/sweep/measure-names.ts';
import type { MapLayout } from './map-layout.ts';
import type { SweepResults } from './results.ts';

/** What is known of a cell. */
export const CELL = { waiting: 0, undetermined: 1, known: 2 } as const;

/** The values between which colours run, and whether there are others beyond them. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
  readonly below: boolean;
  readonly above: boolean;
}

/** Values that a range is taken from; a sample of them where there are more. */
const RANGE_SAMPLE = 4096;
/** Values are beyond the range where they are farther out than this many widths of the middle 96 %. */
const OUTLIER_WIDTHS = 1;

/** One measure over the cells of a slice. */
export class CellValues {
  readonly layout: MapLayout;
  readonly measure: ScalarMeasure;
  readonly #results: SweepResults;
  /** By cell; a mean over replicates where there are several. */
  readonly values: Float32Array;
  readonly errors: Float32Array;
  readonly states: Uint8Array;

  constructor(results: SweepResults, layout: MapLayout, measure: ScalarMeasure) {
    this.#results = results;
    this.layout = layout;
    this.measure = measure;
    this.values = new Float32Array(layout.cells).fill(Number.NaN);
    this.errors = new Float32Array(layout.cells).fill(Number.NaN);
    this.states = new Uint8Array(layout.cells);
    for (let cell = 0; cell < layout.cells; cell++) this.#update(cell);
  }

  /** Takes in points that were finished. @returns their cells in this slice */
  update(points: Uint32Array): number[] {
    const cells = new Set<number>();
    for (const point of points) {
      const cell = this.layout.cellOf(point);
      if (cell < 0 || cells.has(cell)) continue;
      cells.add(cell);
      this.#update(cell);
    }
    return [...cells];
  }

  /** Without outliers: one fit that failed must not take all colour from the others. `undefined` without values. */
  range(): ValueRange | undefined {
    const stride = Math.max(1, Math.floor(this.values.length / RANGE_SAMPLE));
    const sample: number[] = [];
    for (let cell = 0; cell < this.values.length; cell += stride) {
      if (this.states[cell] === CELL.known) sample.push(this.values[cell]!);
    }
    if (sample.length === 0) return undefined;
    sample.sort((a, b) => a - b);
    const at = (share: number) => sample[Math.round(share * (sample.length - 1))]!;
    const [least, low, high, most] = [at(0), at(0.02), at(0.98), at(1)];
    const reach = OUTLIER_WIDTHS * (high - low);
    const [below, above] = [least < low - reach && reach > 0, most > high + reach && reach > 0];
    return { low: below ? low : least, high: above ? high : most, below, above };
  }

  /** The cells with the smallest and the largest value. */
  extremes(): { readonly least: number; readonly most: number } | undefined {
    let least = -1;
    let most = -1;
    for (let cell = 0; cell < this.values.length; cell++) {
      if (this.states[cell] !== CELL.known) continue;
      if (least < 0 || this.values[cell]! < this.values[least]!) least = cell;
      if (most < 0 || this.values[cell]! > this.values[most]!) most = cell;
    }
    return least < 0 ? undefined : { least, most };
  }

  #update(cell: number): void {
    const first = this.layout.pointAt(cell);
    const count = this.layout.slice.replicate === 'mean' ? this.layout.outline.replicates : 1;
    let finished = 0;
    let n = 0;
    let mean = 0;
    let squares = 0;
    for (let point = first; point < first + count; point++) {
      if (this.#results.trials[point] === 0) continue;
      finished++;
      const value = this.#results.value(point, this.measure);
      if (Number.isNaN(value)) continue;
      n++;
      const delta = value - mean;
      mean += delta / n;
      squares += delta * (value - mean);
    }
    this.states[cell] = n > 0 ? CELL.known : finished > 0 ? CELL.undetermined : CELL.waiting;
    this.values[cell] = n > 0 ? mean : Number.NaN;
    // Replicates tell the error of their mean by themselves.
    this.errors[cell] = n > 1 ? Math.sqrt(squares / (n - 1) / n) : this.#results.error(first, this.measure);
  }
}
