import { exp } from '../../numeric/elementary.ts';
import { type FitData, type Projection, projectionAt } from './exponential-projection.ts';
import { TauScan } from './tau-scan.ts';

/** The exponential A e^(−d/τ) closest to some values, d in steps. */
export interface ExponentialFit {
  /** A, the fitted curve at d → 0, of any sign but 0; in the unit of the values. */
  readonly amplitude: number;
  readonly amplitudeSe: number;
  /** τ > 0 in steps. */
  readonly tau: number;
  readonly tauSe: number;
  /** A τ, the integral from 0 to ∞, in the unit of the values times steps. */
  readonly area: number;
  /** From the errors of A and τ and their covariance. All three errors are those of independent values. */
  readonly areaSe: number;
  /** Σ ((value − fit) / error)². */
  readonly chiSquare: number;
  /** Points that took part, less two. */
  readonly degreesOfFreedom: number;
  /**
   * How much A, τ and A τ change per change of each value, shape [distances], 0 where a point takes no part. For
   * errors of values that are not independent.
   */
  readonly sensitivity: {
    readonly amplitude: Float64Array;
    readonly tau: Float64Array;
    readonly area: Float64Array;
  };
}

/** A minimum counts where it is below the ends of the scan by more than rounding, as a fraction of Σ (value/error)². */
const ROUNDING = 1e-12;
/** A step of ln τ that is all rounding: a slope that small has no digits left. */
const SMALLEST_STEP = 2 ** -50;
/** Far more than the search takes; bisection alone needs about 50. */
const MOST_ITERATIONS = 200;

/**
 * Weighted least squares of A e^(−d/τ), d = |distance|, with weights 1/error²: the best of all τ from 0.05 to 10⁴
 * steps. Standard errors are those of (JᵀWJ)⁻¹ with the errors taken as they are (`absolute_sigma=True` of SciPy's
 * `curve_fit`).
 *
 * For a given τ the best A is a ratio of sums (variable projection: Golub & Pereyra, SIAM J. Numer. Anal. 10, 1973),
 * so only τ is searched: every minimum between neighbours of a logarithmic scan is followed by secant steps to the
 * last digits.
 *
 * @param distances in steps, |distance| ≥ 1; all of one side of 0, whose sign does not matter
 * @param values shape as `distances`; `null` where there is none
 * @param errors standard errors of the values. A point whose error is `null` or 0 takes no part: of a single
 * sequence, or of a rule that never varies, nothing is known of the error.
 * @returns `null` where fewer than three points take part, where the best τ is at or beyond an end of the scan
 * (values that do not decay, or of which only the first differs from 0), or where A is 0.
 */
export function fitExponential(
  distances: ArrayLike<number>,
  values: ArrayLike<number | null>,
  errors: ArrayLike<number | null>,
): ExponentialFit | null {
  const data = usablePoints(distances, values, errors);
  if (data.count < 3) return null;
  const best = bestTau(data);
  return best && withErrors(data, best);
}

function usablePoints(
  distances: ArrayLike<number>,
  values: ArrayLike<number | null>,
  errors: ArrayLike<number | null>,
): FitData {
  const places = distances.length;
  const index = new Uint32Array(places);
  const offsets = new Float64Array(places);
  const used = { values: new Float64Array(places), weights: new Float64Array(places) };
  let count = 0;
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < places; i++) {
    const value = values[i] ?? Number.NaN;
    const weight = 1 / ((errors[i] ?? 0) * (errors[i] ?? 0));
    if (!(Number.isFinite(value) && weight > 0 && Number.isFinite(weight))) continue;
    const distance = Math.abs(distances[i]!);
    nearest = Math.min(nearest, distance);
    index[count] = i;
    offsets[count] = distance;
    used.values[count] = value;
    used.weights[count] = weight;
    count++;
  }
  for (let i = 0; i < count; i++) offsets[i]! -= nearest;
  return {
    count,
    places,
    index: index.subarray(0, count),
    nearest,
    offsets: offsets.subarray(0, count),
    values: used.values.subarray(0, count),
    weights: used.weights.subarray(0, count),
    shape: new Float64Array(count),
  };
}

/** The global minimum; `null` where it is not inside the scan. */
function bestTau(data: FitData): Projection | null {
  scan ??= new TauScan();
  const { logTaus } = scan;
  let best: Projection | undefined;
  let falls = scan.isFallingAt(0, data);
  for (let index = 1; index < logTaus.length; index++) {
    const fell = falls;
    falls = scan.isFallingAt(index, data);
    if (!fell || falls) continue;
    const minimum = minimumBetween(data, logTaus[index - 1]!, logTaus[index]!);
    if (!best || minimum.chiSquare < best.chiSquare) best = minimum;
  }
  let square = 0;
  for (let i = 0; i < data.count; i++) square += data.weights[i]! * data.values[i]! * data.values[i]!;
  const atEnd = Math.min(scan.projectionAt(0, data).chiSquare, scan.projectionAt(logTaus.length - 1, data).chiSquare);
  return best && best.chiSquare < atEnd - ROUNDING * square ? best : null;
}

let scan: TauScan | undefined;

/**
 * Where χ² has slope 0, between a ln τ where it falls and one where it does not: secant steps after a first one of
 * Gauss–Newton, kept in the bracket. (Gauss–Newton alone takes several times as many, as the residuals of curves that
 * are no exponentials are far above their errors.)
 */
function minimumBetween(data: FitData, falling: number, rising: number): Projection {
  let low = falling;
  let high = rising;
  let at = (low + high) / 2;
  let current = projectionAt(data, at);
  let curvature = current.acrossSquare;
  let lastMove = high - low;
  for (let iteration = 0; iteration < MOST_ITERATIONS && current.slope !== 0; iteration++) {
    if (current.slope < 0) low = at;
    else high = at;
    const step = at - current.slope / curvature;
    if (Math.abs(step - at) <= SMALLEST_STEP) break;
    const useful = step > low && step < high && Math.abs(step - at) < 0.7 * lastMove;
    const next = useful ? step : (low + high) / 2;
    if (next === low || next === high) break;
    const { slope } = current;
    current = projectionAt(data, next);
    const secant = (current.slope - slope) / (next - at);
    curvature = secant > 0 ? secant : current.acrossSquare;
    lastMove = Math.abs(next - at);
    at = next;
  }
  return current;
}

function withErrors(data: FitData, best: Projection): ExponentialFit | null {
  const { tau, height, heightSquare, meanOffset, acrossSquare } = best;
  // From B, the fit at the nearest distance n, to A = B e^(n/τ).
  const growth = exp(data.nearest / tau);
  const amplitude = height * growth;
  const sensitivity = {
    amplitude: new Float64Array(data.places),
    tau: new Float64Array(data.places),
    area: new Float64Array(data.places),
  };
  let amplitudeVariance = 0;
  let tauVariance = 0;
  let areaVariance = 0;
  for (let i = 0; i < data.count; i++) {
    const weight = data.weights[i]!;
    const shape = exp(-data.offsets[i]! / tau);
    // The rows of (JᵀWJ)⁻¹ JᵀW for ln τ and B.
    const logTau = (weight * height * shape * (data.offsets[i]! - meanOffset)) / tau / acrossSquare;
    const heightChange = (weight * shape) / heightSquare - ((height * meanOffset) / tau) * logTau;
    const place = data.index[i]!;
    const byAmplitude = growth * heightChange - ((amplitude * data.nearest) / tau) * logTau;
    const byTau = tau * logTau;
    const byArea = byAmplitude * tau + amplitude * byTau;
    sensitivity.amplitude[place] = byAmplitude;
    sensitivity.tau[place] = byTau;
    sensitivity.area[place] = byArea;
    amplitudeVariance += (byAmplitude * byAmplitude) / weight;
    tauVariance += (byTau * byTau) / weight;
    areaVariance += (byArea * byArea) / weight;
  }
  const fit = {
    amplitude,
    amplitudeSe: Math.sqrt(amplitudeVariance),
    tau,
    tauSe: Math.sqrt(tauVariance),
    area: amplitude * tau,
    areaSe: Math.sqrt(areaVariance),
    chiSquare: best.chiSquare,
    degreesOfFreedom: data.count - 2,
  };
  return amplitude !== 0 && Object.values(fit).every(Number.isFinite) ? { ...fit, sensitivity } : null;
}
