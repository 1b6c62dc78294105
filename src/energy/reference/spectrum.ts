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
/** Part of R′v that is not along v at which v is taken for an eigenvector; the eigenvalue is as exact as its square. */
const TOLERANCE = 1e-7;

/**
 * Eigenvalues of R′(s) by power iteration.
 *
 * The STDP paper (§7) asks for a determinant of R′(s) below 1; what decides is its eigenvalues, which can be far above
 * 1 when the determinant is small. R′ is symmetric, as the second derivative of ½ ‖s‖² − E(s) (early-inference paper,
 * Eq. 20–22), so they are real. In layered networks they come in pairs ± λ, on which plain power iteration does not
 * settle; the largest and the smallest are therefore taken from R′ shifted by its spectral radius.
 */
export function stabilityAt(held: HeldNetwork, state: Float64Array, epsilon: number): Stability {
  const { map, start } = slopeOfDrive(held, state);
  const spectralRadius = growth(map, start, MOST_ROUNDS);
  const shifted =
    (sign: number): LinearMap =>
    (direction, out) => {
      map(direction, out);
      for (let i = 0; i < out.length; i++) out[i] = spectralRadius * direction[i]! + sign * out[i]!;
      return out;
    };
  const upper = iterate(shifted(1), start, MOST_ROUNDS);
  const lower = iterate(shifted(-1), start, MOST_ROUNDS);
  const largestEigenvalue = upper.rayleigh - spectralRadius;
  const smallestEigenvalue = spectralRadius - lower.rayleigh;
  const stepRadius = Math.max(
    Math.abs(1 + epsilon * (largestEigenvalue - 1)),
    Math.abs(1 + epsilon * (smallestEigenvalue - 1)),
  );
  return { spectralRadius, largestEigenvalue, smallestEigenvalue, stepRadius, direction: upper.vector };
}

/** Largest |eigenvalue| of R′(s) from below: a few per cent off after 10 rounds, in large networks too. */
export function roughSpectralRadius(held: HeldNetwork, state: Float64Array, rounds = 10): number {
  const { map, start } = slopeOfDrive(held, state);
  return growth(map, start, rounds);
}

/** R′(s) among the active units, and a vector to start from that leaves no active unit out. */
function slopeOfDrive(held: HeldNetwork, state: Float64Array): { map: LinearMap; start: Float64Array } {
  const active = held.active(state, held.force(state, new Float64Array(state.length)));
  const curvature = held.curvature(state, active);
  const map: LinearMap = (direction, out) => {
    curvature(direction, out);
    for (let i = 0; i < out.length; i++) out[i] = active[i] ? direction[i]! - out[i]! : 0;
    return out;
  };
  // Irregular, so that no eigenvector of a regular network is left out.
  const start = Float64Array.from(active, (free, i) => free * (1 + 0.5 * Math.sin(12.9898 * (i + 1))));
  return { map, start };
}

/** Largest |eigenvalue|: how much two applications stretch a vector, which settles for pairs ± λ as well. */
function growth(map: LinearMap, start: Float64Array, rounds: number): number {
  const once = new Float64Array(start.length);
  return Math.sqrt(Math.max(0, iterate((direction, out) => map(map(direction, once), out), start, rounds).rayleigh));
}

/** Power iteration: the dominant eigenvector of a symmetric map and its Rayleigh quotient. */
function iterate(map: LinearMap, start: Float64Array, rounds: number): { rayleigh: number; vector: Float64Array } {
  const vector = Float64Array.from(start);
  const image = new Float64Array(start.length);
  let rayleigh = 0;
  for (let round = 0; round < rounds; round++) {
    normalise(vector);
    map(vector, image);
    rayleigh = dot(vector, image);
    let off = 0;
    for (let i = 0; i < vector.length; i++) off += (image[i]! - rayleigh * vector[i]!) ** 2;
    if (off <= (TOLERANCE * rayleigh) ** 2) break;
    vector.set(image);
  }
  normalise(vector);
  return { rayleigh, vector };
}

function normalise(vector: Float64Array): void {
  const length = Math.sqrt(dot(vector, vector));
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i]! /= length;
}
