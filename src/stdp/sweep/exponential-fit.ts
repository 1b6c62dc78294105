import { exp, ln } from '../../numeric/elementary.ts';

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

/** Shortest and longest τ of the scan, in steps. */
const SHORTEST_TAU = 0.05;
const LONGEST_TAU = 1e4;
/** Distance of neighbouring τ of the scan in ln τ; what is summed changes over distances of about 1. */
const SCAN_STEP = 0.18;
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

/** What takes part, shapes [count]. Distances count from the nearest one, so that no exponential vanishes there. */
interface Data {
  readonly count: number;
  /** How many values there were, and which of them each one is. */
  readonly places: number;
  readonly index: Uint32Array;
  readonly nearest: number;
  readonly offsets: Float64Array;
  readonly values: Float64Array;
  readonly weights: Float64Array;
  /** Room for e^(−offset/τ), shape [count]: the search takes dozens of them. */
  readonly shape: Float64Array;
}

function usablePoints(
  distances: ArrayLike<number>,
  values: ArrayLike<number | null>,
  errors: ArrayLike<number | null>,
): Data {
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

/** The best fit at one τ, with its derivatives by ln τ. */
interface Projection {
  readonly tau: number;
  /** B: the best fit at the nearest distance. */
  readonly height: number;
  readonly chiSquare: number;
  /** Half of dχ²/d(ln τ). */
  readonly slope: number;
  /** Σ w e², the (B, B) element of JᵀWJ, with e = e^(−offset/τ). */
  readonly heightSquare: number;
  /** Mean offset with weights w e²: B/τ times it is the part of ∂fit/∂(ln τ) along ∂fit/∂B. */
  readonly meanOffset: number;
  /** Σ w j², j being what is left of ∂fit/∂(ln τ) without that part. */
  readonly acrossSquare: number;
}

function projectionAt(data: Data, logTau: number): Projection {
  const tau = exp(logTau);
  for (let i = 0; i < data.count; i++) data.shape[i] = exp(-data.offsets[i]! / tau);
  return project(data, tau);
}

/** The same where `shape` holds the exponentials already. */
function project({ count, offsets, values, weights, shape }: Data, tau: number): Projection {
  let heightSquare = 0;
  let valueProduct = 0;
  let offsetProduct = 0;
  for (let i = 0; i < count; i++) {
    const weighted = weights[i]! * shape[i]!;
    heightSquare += weighted * shape[i]!;
    valueProduct += weighted * values[i]!;
    offsetProduct += weighted * shape[i]! * offsets[i]!;
  }
  const height = valueProduct / heightSquare;
  const meanOffset = offsetProduct / heightSquare;
  let chiSquare = 0;
  let slope = 0;
  let acrossSquare = 0;
  for (let i = 0; i < count; i++) {
    const residual = values[i]! - height * shape[i]!;
    // The residuals are orthogonal to the shape, so that the part along it can be left out of both sums.
    const across = (height * shape[i]! * (offsets[i]! - meanOffset)) / tau;
    chiSquare += weights[i]! * residual * residual;
    slope -= weights[i]! * residual * across;
    acrossSquare += weights[i]! * across * across;
  }
  return { tau, height, chiSquare, slope, heightSquare, meanOffset, acrossSquare };
}

/** The global minimum; `null` where it is not inside the scan. */
function bestTau(data: Data): Projection | null {
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

/** Offsets 0 … less than this have their exponentials kept: those of the longest window. */
const KEPT_OFFSETS = 64;

/** The τ of the scan, which are the same in each fit, and their exponentials at whole offsets. */
class TauScan {
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

  projectionAt(index: number, data: Data): Projection {
    this.#fillShape(index, data);
    return project(data, this.taus[index]!);
  }

  /**
   * Whether χ² of the best B falls with τ. Its slope is −2 B/τ (Σ w v e o − ō Σ w v e), with the values v, offsets o and
   * their mean ō with weights w e².
   */
  isFallingAt(index: number, data: Data): boolean {
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

  #fillShape(index: number, { count, offsets, shape }: Data): void {
    const row = index * KEPT_OFFSETS;
    for (let i = 0; i < count; i++) {
      const offset = offsets[i]!;
      const isKept = offset < KEPT_OFFSETS && Number.isInteger(offset);
      shape[i] = isKept ? this.#kept[row + offset]! : exp(-offset / this.taus[index]!);
    }
  }
}

/**
 * Where χ² has slope 0, between a ln τ where it falls and one where it does not: secant steps after a first one of
 * Gauss–Newton, kept in the bracket. (Gauss–Newton alone takes several times as many, as the residuals of curves that
 * are no exponentials are far above their errors.)
 */
function minimumBetween(data: Data, falling: number, rising: number): Projection {
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

function withErrors(data: Data, best: Projection): ExponentialFit | null {
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
