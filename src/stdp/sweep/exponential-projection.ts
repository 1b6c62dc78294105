import { exp } from '../../numeric/elementary.ts';

/** What takes part, shapes [count]. Distances count from the nearest one, so that no exponential vanishes there. */
export interface FitData {
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

/** The best fit at one τ, with its derivatives by ln τ. */
export interface Projection {
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

export function projectionAt(data: FitData, logTau: number): Projection {
  const tau = exp(logTau);
  for (let i = 0; i < data.count; i++) data.shape[i] = exp(-data.offsets[i]! / tau);
  return project(data, tau);
}

/** The same where `shape` holds the exponentials already. */
export function project({ count, offsets, values, weights, shape }: FitData, tau: number): Projection {
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
