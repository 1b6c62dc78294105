import type { ExponentialWindow } from './spec.ts';

/**
 * The spike-timing window of hippocampal neurons in culture: exponential fits to the change of the synaptic strength
 * (A₊ and A₋, as fractions of the strength before) against the spike-timing difference (τ₊ and τ₋, in milliseconds).
 *
 * Source: G. Bi and M. Poo, "Synaptic modification by correlated activity: Hebb's postulate revisited",
 * Annual Review of Neuroscience 24, 2001; the data behind Fig. 1 (left) of the STDP paper.
 */
export const biPoo2001: ExponentialWindow = { aPlus: 0.777, tauPlus: 16.8, aMinus: 0.273, tauMinus: 33.7 };

/**
 * The factor k that brings `shape` closest to `observed`: the least-squares solution of observed ≈ k · shape.
 *
 * @param observed values, and `shape` the reference at the same places
 * @returns `null` where there is nothing to fit: no values, or a shape that is 0 throughout
 */
export function fitScale(observed: readonly number[], shape: readonly number[]): number | null {
  let cross = 0;
  let square = 0;
  for (const [index, reference] of shape.entries()) {
    cross += (observed[index] ?? 0) * reference;
    square += reference * reference;
  }
  return square > 0 ? cross / square : null;
}
