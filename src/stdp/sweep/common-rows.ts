import { EngineError } from '../../errors.ts';
import { type CurveRule, curveAt, type OutsideCurve } from './curve-at.ts';
import { FEWEST_MEASUREMENTS, type Measurement } from './measurement.ts';
import type { PointOutcome } from './outcome.ts';

/** A point of a sweep with its curve. */
export interface CandidatePoint {
  /** Values of the swept parameters, in the order of the sweep's paths. */
  readonly values: readonly number[];
  /** Duration of a step in milliseconds. */
  readonly msPerStep: number;
  readonly outcome: Pick<PointOutcome, 'curve'>;
}

/** A measurement that was not compared. */
export interface LeftOutRow {
  /** Its place among the measurements, from 0. */
  readonly row: number;
  readonly dt: number;
  /** Why it lies outside the curve of the first point concerned. */
  readonly reason: OutsideCurve;
  /** How many of the compared points are concerned. */
  readonly points: number;
}

/** What is compared with what. */
export interface CommonRows {
  /** Measurements within the curve of every compared point, from 0. */
  readonly rows: readonly number[];
  readonly leftOutRows: readonly LeftOutRow[];
  /** Points with at least three measurements within their curve, from 0. */
  readonly compared: readonly number[];
}

/**
 * The measurements that all points can be compared with, so that no point is better for being compared with fewer. A
 * point whose curve holds fewer than three is left out, lest it leave too few for the others.
 *
 * @throws EngineError `invalid-option` for a point without a curve, `invalid-spec` where fewer than three are left
 */
export function commonRows(
  measurements: readonly Measurement[],
  points: readonly CandidatePoint[],
  rule: CurveRule,
): CommonRows {
  const outside = new Map<number, LeftOutRow>();
  const compared: number[] = [];
  for (const [index, { outcome, msPerStep }] of points.entries()) {
    const { curve } = outcome;
    if (!curve) {
      const path = `points[${index}]`;
      const expected = 'the points of a sweep that has "curve" among its measures';
      throw new EngineError('invalid-option', `${path}: has no curve; expected ${expected}`, { path, expected });
    }
    const found = measurements.map(({ dt }) => curveAt(curve, rule, dt / msPerStep));
    if (found.filter((value) => typeof value === 'number').length < FEWEST_MEASUREMENTS) continue;
    compared.push(index);
    for (const [row, value] of found.entries()) {
      if (typeof value === 'number') continue;
      const { reason, points } = outside.get(row) ?? { reason: value, points: 0 };
      outside.set(row, { row, dt: measurements[row]!.dt, reason, points: points + 1 });
    }
  }
  const rows = [...measurements.keys()].filter((row) => compared.length > 0 && !outside.has(row));
  if (rows.length < FEWEST_MEASUREMENTS) {
    const expected = `at least ${FEWEST_MEASUREMENTS} whose difference is from one step to the pairing window`;
    const message = `measurements: ${rows.length} of ${measurements.length} can be compared with every point; expected ${expected}`;
    throw new EngineError('invalid-spec', message, { path: 'measurements', value: rows.length, expected });
  }
  return { rows, leftOutRows: [...outside.values()].sort((a, b) => a.row - b.row), compared };
}
