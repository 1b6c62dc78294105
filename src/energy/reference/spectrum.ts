import type { HeldNetwork } from './held-network.ts';
import { dot, type LinearMap } from './newton.ts';

/** Stability of a fixed point, from the derivative R′(s) of the driving function among the active units. */
export interface Stability {
  /** Largest |eigenvalue| of R′(s). */
  readonly spectralRadius: number;
  /** Largest eigenvalue of R′(s), which decides: noise-free inference with small steps is stable where it is below 1. */
  readonly largestEigenvalue: number;
  /** Smallest eigenvalue of R′(s), which decides for large steps. */
  readonly smallestEigenvalue: number;
  /** Largest |eigenvalue| of a step's derivative, 1 + ε (R′ − 1); a fixed point is stable where it is below 1. */
  readonly stepRadius: number;
  /** Unit vector of the largest eigenvalue, shape [units]. */
  readonly direction: Float64Array;
}

const MOST_ROUNDS = 2000;

/**
 * Eigenvalues of R′(s) by power iteration.
 *
 * The STDP paper (§7) asks for a determinant of R′(s) below 1; what decides is its eigenvalues, which can be far above
 * 1 when the determinant is small. R′ is symmetric, as the second derivative of ½ ‖s‖² − E(s) (early-inference paper,
 * Eq. 20–22), so they are real. In layered networks they come in pairs ± λ, on which plain power iteration does not
 * settle; the largest and the smallest are therefore taken from R′ shifted by its spectral radius.
 *
 * @param tolerance part of R′v that is not along v at which v is taken for an eigenvector; eigenvalues are as exact as
 *   its square.
 */
export function stabilityAt(held: HeldNetwork, state: Float64Array, epsilon: number, tolerance = 1e-7): Stability {
  const active = held.active(state, held.force(state, new Float64Array(state.length)));
  const curvature = held.curvature(state, active);
  const map: LinearMap = (direction, out) => {
    curvature(direction, out);
    for (let i = 0; i < out.length; i++) out[i] = active[i] ? direction[i]! - out[i]! : 0;
    return out;
  };
  const start = active.map((free) => free) as ArrayLike<number>;
  const spectralRadius = growth(map, start, tolerance);
  const shifted =
    (sign: number): LinearMap =>
    (direction, out) => {
      map(direction, out);
      for (let i = 0; i < out.length; i++) out[i] = spectralRadius * direction[i]! + sign * out[i]!;
      return out;
    };
  const upper = iterate(shifted(1), start, tolerance);
  const lower = iterate(shifted(-1), start, tolerance);
  const largestEigenvalue = upper.rayleigh - spectralRadius;
  const smallestEigenvalue = spectralRadius - lower.rayleigh;
  const stepRadius = Math.max(
    Math.abs(1 + epsilon * (largestEigenvalue - 1)),
    Math.abs(1 + epsilon * (smallestEigenvalue - 1)),
  );
  return { spectralRadius, largestEigenvalue, smallestEigenvalue, stepRadius, direction: upper.vector };
}

/** Largest |eigenvalue|: how much two applications stretch a vector, which settles for pairs ± λ as well. */
function growth(map: LinearMap, start: ArrayLike<number>, tolerance: number): number {
  const once = new Float64Array(start.length);
  return Math.sqrt(Math.max(0, iterate((direction, out) => map(map(direction, once), out), start, tolerance).rayleigh));
}

/** Power iteration: the dominant eigenvector of a symmetric map and its Rayleigh quotient. */
function iterate(
  map: LinearMap,
  start: ArrayLike<number>,
  tolerance: number,
): { rayleigh: number; vector: Float64Array } {
  // Irregular, so that no eigenvector of a regular network is left out.
  const vector = Float64Array.from(start, (value, i) => value * (1 + 0.5 * Math.sin(12.9898 * (i + 1))));
  const image = new Float64Array(start.length);
  let rayleigh = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const length = Math.sqrt(dot(vector, vector));
    if (length === 0) break;
    for (let i = 0; i < vector.length; i++) vector[i]! /= length;
    map(vector, image);
    rayleigh = dot(vector, image);
    let off = 0;
    for (let i = 0; i < vector.length; i++) off += (image[i]! - rayleigh * vector[i]!) ** 2;
    if (off <= (tolerance * Math.abs(rayleigh)) ** 2) break;
    vector.set(image);
  }
  const length = Math.sqrt(dot(vector, vector));
  return { rayleigh, vector: vector.map((value) => (length > 0 ? value / length : 0)) };
}
