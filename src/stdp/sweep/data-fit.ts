import { EngineError } from '../../errors.ts';
import { ResampledBest, resampledCounts } from './bootstrap.ts';
import { type CandidatePoint, commonRows, type LeftOutRow } from './common-rows.ts';
import { type CurveRule, curveAt } from './curve-at.ts';
import type { Measurement } from './measurement.ts';
import { type ParameterInterval, parameterIntervals } from './parameter-interval.ts';

export interface DataFitOptions {
  /** The rule whose curve is compared. Default `rate`. */
  readonly rule?: CurveRule;
  /**
   * What the curve is multiplied with: a number > 0, or `free` for the best number ≥ 0 of each point, as units
   * differ. A negative one would turn the curve over and is not allowed. Default `free`.
   */
  readonly scale?: 'free' | number;
  /** Resamples of the bootstrap, an integer ≥ 40. Default 1000. */
  readonly resamples?: number;
  /** Of the bootstrap, 0 … 2³² − 1. Default 1. */
  readonly seed?: number;
}

/** How well a point explains the measurements. */
export interface PointFit {
  /** Σ ((measured − scale · curve) / se)², without standard errors Σ (measured − scale · curve)². */
  readonly misfit: number;
  /** What the curve was multiplied with; 0 where only a negative factor would help. */
  readonly scale: number;
  /** 1 − misfit / (the same of the weighted mean); below 0 where the mean is better, `null` where it has no misfit. */
  readonly rSquared: number | null;
}

/** Which points of a sweep explain measurements best. */
export interface DataFit {
  /** Measurements that were compared with all points, from 0. */
  readonly rows: readonly number[];
  readonly leftOutRows: readonly LeftOutRow[];
  /** In the order of the points; `null` for a point with fewer than three measurements within its curve. */
  readonly points: readonly (PointFit | null)[];
  /** The points that were compared, from 0, the best first; of equals the first. */
  readonly ranking: readonly number[];
  /** The best point, from 0. */
  readonly best: number;
  /** In the order of the parameters. */
  readonly parameters: readonly ParameterInterval[];
}

/** Fewer resamples have nothing beyond the ends of the interval. */
const FEWEST_RESAMPLES = 40;

/**
 * Compares measured weight changes with the curves of a sweep: weighted least squares, with weights 1/se² where the
 * measurements have standard errors and equal ones otherwise. The curve at a measured difference is linear between
 * its distances ({@link curveAt}).
 *
 * All points are compared on the same measurements: those within the curve of every point that has at least three;
 * a point with fewer is left out. What is left out is reported.
 *
 * The intervals of the parameters come from a bootstrap over measurements. They hold what follows from the scatter of
 * the measurements and from the sweep's resolution, and take the curves as exact: run the sweep with errors well
 * below those of the measurements.
 *
 * @throws EngineError `invalid-option` for points without a curve and options that are not acceptable, `invalid-spec`
 * for measurements that are not finite or fewer than three that can be compared
 */
export function fitData(
  measurements: readonly Measurement[],
  points: readonly CandidatePoint[],
  options: DataFitOptions = {},
): DataFit {
  const { rule = 'rate', scale = 'free', resamples = 1000, seed = 1 } = options;
  checkOptions(scale, resamples, seed);
  checkMeasurements(measurements);
  const { rows, leftOutRows, compared } = commonRows(measurements, points, rule);
  const values = Float64Array.from(rows, (row) => measurements[row]!.dw);
  const weights = Float64Array.from(rows, (row) => {
    const se = measurements[row]!.se ?? 1;
    return 1 / (se * se);
  });
  const modelOf = (index: number): Float64Array => {
    const { outcome, msPerStep } = points[index]!;
    return Float64Array.from(rows, (row) => Number(curveAt(outcome.curve!, rule, measurements[row]!.dt / msPerStep)));
  };

  const fits: (PointFit | null)[] = points.map(() => null);
  for (const index of compared) fits[index] = fitPoint(modelOf(index), values, weights, scale);
  const ranking = compared.toSorted((a, b) => fits[a]!.misfit - fits[b]!.misfit || a - b);

  const resampled = new ResampledBest(resampledCounts(rows.length, resamples, seed), rows.length);
  const misfit = scale === 'free' ? misfitOfBestScale : misfitOfScale(scale);
  // In the order of the ranking, so that equals in a resample count for the one that is better on all rows.
  for (const index of ranking) {
    const model = modelOf(index);
    resampled.offer(
      index,
      model.map((c, i) => weights[i]! * c * c),
      model.map((c, i) => weights[i]! * c * values[i]!),
      misfit,
    );
  }
  return {
    rows,
    leftOutRows,
    points: fits,
    ranking,
    best: ranking[0]!,
    parameters: parameterIntervals(
      compared.map((index) => points[index]!.values),
      points[ranking[0]!]!.values,
      Array.from(resampled.best, (index) => points[index]!.values),
    ),
  };
}

/** Σ w (y − k c)² − Σ w y² at the best k ≥ 0, from Σ w c² and Σ w c y. */
function misfitOfBestScale(square: number, product: number): number {
  return product > 0 ? -(product * product) / square : 0;
}

function misfitOfScale(scale: number) {
  return (square: number, product: number) => scale * (scale * square - 2 * product);
}

function fitPoint(model: Float64Array, values: Float64Array, weights: Float64Array, scale: 'free' | number): PointFit {
  let square = 0;
  let product = 0;
  let weight = 0;
  let weighted = 0;
  for (let i = 0; i < model.length; i++) {
    square += weights[i]! * model[i]! * model[i]!;
    product += weights[i]! * model[i]! * values[i]!;
    weight += weights[i]!;
    weighted += weights[i]! * values[i]!;
  }
  const factor = scale === 'free' ? (product > 0 ? product / square : 0) : scale;
  let misfit = 0;
  let total = 0;
  for (let i = 0; i < model.length; i++) {
    const residual = values[i]! - factor * model[i]!;
    const deviation = values[i]! - weighted / weight;
    misfit += weights[i]! * residual * residual;
    total += weights[i]! * deviation * deviation;
  }
  return { misfit, scale: factor, rSquared: total > 0 ? 1 - misfit / total : null };
}

function checkOptions(scale: 'free' | number, resamples: number, seed: number): void {
  const check = (isAccepted: boolean, path: string, value: unknown, expected: string) => {
    if (isAccepted) return;
    const message = `${path}: ${value} is not allowed; expected ${expected}`;
    throw new EngineError('invalid-option', message, { path, value, expected });
  };
  check(scale === 'free' || (Number.isFinite(scale) && scale > 0), 'scale', scale, '"free" or a number > 0');
  check(
    Number.isSafeInteger(resamples) && resamples >= FEWEST_RESAMPLES,
    'resamples',
    resamples,
    `an integer ≥ ${FEWEST_RESAMPLES}`,
  );
  check(Number.isSafeInteger(seed) && seed >= 0 && seed < 2 ** 32, 'seed', seed, 'an integer from 0 to 2³² − 1');
}

function checkMeasurements(measurements: readonly Measurement[]): void {
  const withErrors = typeof measurements[0]?.se === 'number';
  for (const [row, { dt, dw, se }] of measurements.entries()) {
    const hasNumbers = Number.isFinite(dt) && Number.isFinite(dw);
    const isWeighted = withErrors ? se !== null && Number.isFinite(se) && se > 0 : se === null;
    if (hasNumbers && isWeighted) continue;
    const path = `measurements[${row}]`;
    const expected = 'finite numbers and, in all measurements or in none, a standard error > 0';
    const value = JSON.stringify({ dt, dw, se });
    throw new EngineError('invalid-spec', `${path}: ${value} is not allowed; expected ${expected}`, {
      path,
      value,
      expected,
    });
  }
}
