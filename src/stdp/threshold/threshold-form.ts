import { normalTwoSided } from '../../numeric/tails.ts';
import type { ThresholdPlan } from './threshold-plan.ts';

/** Beyond so many standard deviations the normal distribution is 0 or 1. */
const FARTHEST = 9;
/** Nodes of the integral over V(0) per standard deviation of the noise, and their least and largest number. */
const NODES_PER_SD = 8;
const NODES = { least: 64, most: 8192 };

/**
 * Chance of each |ΔT| of a row, shape [window + 1]; entry 0 is that of no crossing.
 *
 * Without noise the threshold is reached after g / |V̇| steps, g = threshold − V(0) uniform on (0, depth], at the first
 * whole step from there: P(|ΔT| > k) = max(0, 1 − k |V̇| / depth). With independent noise of standard deviation σ at each
 * step, P(|ΔT| > k) is the mean over g of Π_{j ≤ k} Φ((g − j |V̇|) / σ), here by the midpoint rule.
 */
export function crossingChances(plan: ThresholdPlan, row: number): Float64Array {
  const { window } = plan.spec;
  const slope = Math.abs(plan.slopes[row]!);
  const beyond = plan.noise === 0 ? noiseFree(plan, slope) : noisy(plan, slope);
  const chances = Float64Array.from(beyond, (chance, steps) => (steps === 0 ? 0 : beyond[steps - 1]! - chance));
  chances[0] = beyond[window]!;
  return chances;
}

/** P(|ΔT| > k), k = 0 … window. */
function noiseFree({ spec, depth }: ThresholdPlan, slope: number): Float64Array {
  return Float64Array.from({ length: spec.window + 1 }, (_, steps) => Math.max(0, depth - steps * slope) / depth);
}

function noisy({ spec: { window }, depth, noise }: ThresholdPlan, slope: number): Float64Array {
  const nodes = Math.min(NODES.most, Math.max(NODES.least, Math.ceil((NODES_PER_SD * depth) / noise)));
  const beyond = new Float64Array(window + 1);
  for (let node = 0; node < nodes; node++) {
    const gap = ((node + 0.5) / nodes) * depth;
    let chance = 1;
    for (let steps = 0; steps <= window && chance > 0; steps++) {
      if (steps > 0) chance *= normalBelow((gap - steps * slope) / noise);
      beyond[steps]! += chance / nodes;
    }
  }
  return beyond;
}

/** Φ(z). */
function normalBelow(z: number): number {
  if (Math.abs(z) > FARTHEST) return z > 0 ? 1 : 0;
  const tail = normalTwoSided(z) / 2;
  return z > 0 ? 1 - tail : tail;
}
