import type { ScalarMeasure } from '../../src/stdp/sweep/measure-names.ts';
import type { FinishedBatch, SweepOutline } from './messages.ts';

/** What the page keeps of all points: numbers to draw, in arrays whose size is known from the start. */
export class SweepResults {
  readonly outline: SweepOutline;
  /** Trials of each finished point; 0 where a point is not finished. */
  readonly trials: Uint32Array;
  /** Largest clear |ΔW| of each point's curve. */
  readonly curvePeaks: Float32Array;
  readonly #values: Float32Array;
  readonly #errors: Float32Array;
  #done = 0;
  #notConverged = 0;

  constructor(outline: SweepOutline) {
    this.outline = outline;
    this.trials = new Uint32Array(outline.points);
    this.curvePeaks = new Float32Array(outline.points);
    this.#values = new Float32Array(outline.points * outline.measures.length);
    this.#errors = new Float32Array(outline.points * outline.measures.length);
  }

  get done(): number {
    return this.#done;
  }

  /** Finished points that never reached the error that `until` asks for. */
  get notConverged(): number {
    return this.#notConverged;
  }

  add({ points, trials, converged, values, errors, curvePeaks }: FinishedBatch): void {
    const width = this.outline.measures.length;
    points.forEach((point, row) => {
      if (this.trials[point] === 0) this.#done++;
      if (converged[row] === 0) this.#notConverged++;
      this.trials[point] = trials[row]!;
      this.curvePeaks[point] = curvePeaks[row]!;
      this.#values.set(values.subarray(row * width, (row + 1) * width), point * width);
      this.#errors.set(errors.subarray(row * width, (row + 1) * width), point * width);
    });
  }

  /** NaN where the point is not finished or its data do not determine the measure. */
  value(point: number, measure: ScalarMeasure): number {
    return this.#read(this.#values, point, measure);
  }

  /** NaN where there is none. */
  error(point: number, measure: ScalarMeasure): number {
    return this.#read(this.#errors, point, measure);
  }

  #read(from: Float32Array, point: number, measure: ScalarMeasure): number {
    if (this.trials[point] === 0) return Number.NaN;
    const { measures } = this.outline;
    return from[point * measures.length + measures.indexOf(measure)] ?? Number.NaN;
  }
}
