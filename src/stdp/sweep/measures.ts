import { agreementOf } from '../agreement.ts';
import { clusteredMean } from '../clustered-mean.ts';
import { curveOf } from '../curve.ts';
import type { ExperimentPlan } from '../plan.ts';
import type { Agreement, Curve } from '../results.ts';
import { pairCounts, type Tallies } from '../tallies.ts';
import { curveDeviations, errorOverSequences } from './curve-error.ts';
import { type ExponentialFit, fitExponential } from './exponential-fit.ts';
import type { MeasureName, ScalarMeasure } from './measure-names.ts';
import type { Estimate, PointOutcome } from './outcome.ts';
import type { SweepSpec } from './sweep-spec.ts';

/**
 * What a sweep keeps of a finished point.
 *
 * @param spec what is reported, and whether there is a criterion for the number of trials
 * @param converged whether that criterion is met; of no account without one
 */
export function outcomeOf(
  tallies: Tallies,
  plan: ExperimentPlan,
  spec: Pick<SweepSpec, 'measures' | 'until'>,
  converged: boolean,
): PointOutcome {
  const curve = spec.measures.includes('curve') ? curveOf(tallies, plan) : undefined;
  return {
    trials: tallies.trials,
    converged: spec.until ? converged : null,
    measures: measure(tallies, plan, spec.measures, curve),
    curve: curve?.points ?? null,
  };
}

/**
 * The measures `names` of a point, and no others (the correlations take long). Never NaN: `null` stands for what the
 * data do not determine. Standard errors are over sequences; there are none with a single sequence. The values of a
 * curve share the rates of its sequences, and their errors are correlated: it is from whole sequences, not from the
 * errors of single values, that the errors of the fits and of the asymmetry are taken (`errorOverSequences`).
 *
 * @param names `curve`, which is no single number, is passed over
 * @param curve that of `tallies`, where it is there already
 */
export function measure(
  tallies: Tallies,
  plan: ExperimentPlan,
  names: readonly MeasureName[],
  curve?: Curve,
): PointOutcome['measures'] {
  const rateCurve = once(() => curve ?? curveOf(tallies, plan));
  const deviations = once(() => curveDeviations(tallies, plan, rateCurve()));
  const results: Results = {
    tallies,
    plan,
    plus: once(() => fitLobe(rateCurve(), 1)),
    minus: once(() => fitLobe(rateCurve(), -1)),
    error: (sensitivity) => errorOverSequences(deviations(), sensitivity),
    agreement: once(() => agreementOf(tallies, plan)),
  };
  const measures: Partial<Record<ScalarMeasure, Estimate>> = {};
  for (const name of names) if (name !== 'curve') measures[name] = measureOf[name](results);
  return measures;
}

/** What measures are taken from, each computed where it is needed. */
interface Results {
  readonly tallies: Tallies;
  readonly plan: ExperimentPlan;
  readonly plus: () => ExponentialFit | null;
  readonly minus: () => ExponentialFit | null;
  /** Standard error of what changes by `sensitivity` per change of the curve's values, shape [2D + 1]. */
  readonly error: (sensitivity: Float64Array) => number | null;
  readonly agreement: () => Agreement;
}

const measureOf: Readonly<Record<ScalarMeasure, (results: Results) => Estimate>> = {
  area_plus: ({ plus, error }) => ofFit(plus(), 'area', error),
  peak_plus: ({ plus, error }) => ofFit(plus(), 'amplitude', error),
  tau_plus: ({ plus, error }) => ofFit(plus(), 'tau', error),
  area_minus: ({ minus, error }) => ofFit(minus(), 'area', error),
  peak_minus: ({ minus, error }) => ofFit(minus(), 'amplitude', error),
  tau_minus: ({ minus, error }) => ofFit(minus(), 'tau', error),
  asymmetry: ({ plus, minus, error }) => asymmetryOf(plus(), minus(), error),
  pairs: ({ tallies, plan }) => estimate(pairCounts(tallies, plan).reduce((sum, count) => sum + count, 0)),
  correlation_raw: ({ agreement }) => estimate(agreement().correlation.raw),
  correlation_binned: ({ agreement }) => estimate(agreement().correlation.binned),
  mean_rate_pre: ({ tallies, plan }) => meanRate(tallies.preSpikes, tallies.trials * plan.spec.steps),
  mean_rate_post: ({ tallies, plan }) => meanRate(tallies.postSpikes, tallies.trials * plan.spec.steps),
};

function estimate(value: number | null | undefined, se: number | null = null): Estimate {
  if (value === null || value === undefined || !Number.isFinite(value)) return { value: null, se: null };
  return { value, se: se !== null && Number.isFinite(se) ? se : null };
}

/** Exponential fit to one side of the rate rule's curve; the other side has no values for it. */
function fitLobe({ points }: Curve, side: 1 | -1): ExponentialFit | null {
  return fitExponential(
    points.map(({ dt }) => (dt === 0 ? 1 : dt)),
    points.map(({ dt, dwRate }) => (dt * side > 0 ? dwRate : null)),
    points.map(({ dwRateSe }) => dwRateSe),
  );
}

function ofFit(fit: ExponentialFit | null, quantity: 'amplitude' | 'tau' | 'area', error: Results['error']): Estimate {
  return fit ? estimate(fit[quantity], error(fit.sensitivity[quantity])) : estimate(null);
}

/**
 * (a₊ + a₋) / (|a₊| + |a₋|). Lobes of one sign give ±1 whatever their sizes: there the derivatives say nothing of the
 * error, and none is given.
 */
function asymmetryOf(plus: ExponentialFit | null, minus: ExponentialFit | null, error: Results['error']): Estimate {
  if (!plus || !minus) return estimate(null);
  const size = Math.abs(plus.area) + Math.abs(minus.area);
  const value = (plus.area + minus.area) / size;
  if (plus.area > 0 === minus.area > 0) return estimate(value);
  const byPlus = (2 * Math.abs(minus.area)) / (size * size);
  const byMinus = (2 * Math.abs(plus.area)) / (size * size);
  const { area } = minus.sensitivity;
  return estimate(value, error(plus.sensitivity.area.map((change, bin) => byPlus * change + byMinus * area[bin]!)));
}

/** @param samples steps of all trials of a sequence */
function meanRate(spikes: Uint32Array, samples: number): Estimate {
  const rate = clusteredMean(spikes, new Float64Array(spikes.length).fill(samples));
  return estimate(rate?.mean, rate?.standardError);
}

function once<T>(compute: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: compute() };
    return found.value;
  };
}
