import type { HeldNetwork } from './held-network.ts';

/** A linear map of flat vectors, into `out`. */
export type LinearMap = (direction: Float64Array, out: Float64Array) => Float64Array;

/** Relative size of the residual that conjugate gradients aim at. */
const TOLERANCE = 1e-13;
/** Iterations per unknown before conjugate gradients give up; without rounding, one is enough. */
const ROUNDS = 3;

/**
 * Solves A x = b for a symmetric positive definite A by conjugate gradients.
 *
 * @returns x; `undefined` where A turns out not to be positive definite
 */
export function conjugateGradients(map: LinearMap, rightSide: Float64Array): Float64Array | undefined {
  const unknowns = rightSide.length;
  const x = new Float64Array(unknowns);
  const residual = Float64Array.from(rightSide);
  const direction = Float64Array.from(rightSide);
  const mapped = new Float64Array(unknowns);
  let size = dot(residual, residual);
  const goal = size * TOLERANCE ** 2;
  for (let round = 0; round < ROUNDS * unknowns && size > goal; round++) {
    map(direction, mapped);
    const curvature = dot(direction, mapped);
    if (!(curvature > 0)) return undefined;
    const length = size / curvature;
    for (let i = 0; i < unknowns; i++) {
      x[i]! += length * direction[i]!;
      residual[i]! -= length * mapped[i]!;
    }
    const next = dot(residual, residual);
    for (let i = 0; i < unknowns; i++) direction[i] = residual[i]! + (next / size) * direction[i]!;
    size = next;
  }
  return x;
}

/**
 * A Newton step towards the fixed point, in place: solves H δ = force among the active units. It is taken only where
 * the energy is convex there and the force gets smaller, so a relaxation cannot be led to a saddle.
 */
export function newtonStep(held: HeldNetwork, state: Float64Array): void {
  const force = held.force(state, new Float64Array(state.length));
  const active = held.active(state, force);
  const pull = force.map((value, i) => (active[i] ? value : 0));
  const change = conjugateGradients(held.curvature(state, active), pull);
  if (!change) return;
  const candidate = state.map((s, i) => (held.moves[i] ? held.bounded(s + change[i]!) : s));
  const candidateForce = held.force(candidate, force);
  const candidateActive = held.active(candidate, candidateForce);
  const left = candidateForce.map((value, i) => (candidateActive[i] ? value : 0));
  if (largestSize(left) < largestSize(pull)) state.set(candidate);
}

/** a · b. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** ‖v‖∞. */
export function largestSize(values: Float64Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
