import { exp, ln } from '../../numeric/elementary.ts';
import { type FitData, type Projection, project } from './exponential-projection.ts';

/** Shortest and longest τ of the scan, in steps. */
const SHORTEST_TAU = 0.05;
const LONGEST_TAU = 1e4;
/** Distance of neighbouring τ of the scan in ln τ; what is summed changes over distances of about 1. */
const SCAN_STEP = 0.18;
/** Offsets 0 … less than this have their exponentials kept: those of the longest window. */
const KEPT_OFFSETS = 64;

/** The τ of the scan, which are the same in each fit, and their exponentials at whole offsets. */
export class TauScan {
  readonly logTaus: Float64Array;
  readonly taus: Float64Array;
  /** e^(−offset/τ), shape [τ][offsets]. */
  readonly #kept: Float64Array;

  constructor() {
    const first = ln(SHORTEST_TAU);
    const intervals = Math.ceil((ln(LONGEST_TAU) - first) / SCAN_STEP);
    this.logTaus = Float64Array.from(
      { length: intervals + 1 },
      (_, index) => first + ((ln(LONGEST_TAU) - first) * index) / intervals,
    );
    this.taus = this.logTaus.map(exp);
    this.#kept = Float64Array.from({ length: this.taus.length * KEPT_OFFSETS }, (_, at) =>
      exp(-(at % KEPT_OFFSETS) / this.taus[Math.floor(at / KEPT_OFFSETS)]!),
    );
  }

  projectionAt(index: number, data: FitData): Projection {
    this.#fillShape(index, data);
    return project(data, this.taus[index]!);
  }

  /**
   * Whether χ² of the best B falls with τ. Its slope is −2 B/τ (Σ w v e o − ō Σ w v e), with the values v, offsets o and
   * their mean ō with weights w e².
   */
  isFallingAt(index: number, data: FitData): boolean {
    this.#fillShape(index, data);
    const { count, offsets, values, weights, shape } = data;
    let heightSquare = 0;
    let valueProduct = 0;
    let offsetProduct = 0;
    let valueOffsetProduct = 0;
    for (let i = 0; i < count; i++) {
      const weighted = weights[i]! * shape[i]!;
      heightSquare += weighted * shape[i]!;
      valueProduct += weighted * values[i]!;
      offsetProduct += weighted * shape[i]! * offsets[i]!;
      valueOffsetProduct += weighted * values[i]! * offsets[i]!;
    }
    const across = valueOffsetProduct - (offsetProduct / heightSquare) * valueProduct;
    return valueProduct > 0 ? across > 0 : valueProduct < 0 && across < 0;
  }

  #fillShape(index: number, { count, offsets, shape }: FitData): void {
    const row = index * KEPT_OFFSETS;
    for (let i = 0; i < count; i++) {
      const offset = offsets[i]!;
      const isKept = offset < KEPT_OFFSETS && Number.isInteger(offset);
      shape[i] = isKept ? this.#kept[row + offset]! : exp(-offset / this.taus[index]!);
    }
  }
}
