import { powerOfTwo } from '../../numeric/elementary.ts';
import { nearestNumbers } from '../../numeric/int64.ts';
import type { ExperimentPlan } from '../plan.ts';
import type { Curve } from '../results.ts';
import type { Tallies } from '../tallies.ts';

/*
 * The values of a curve are not independent: all distances share the rates of a sequence, and the more trials a
 * sequence has, the more of the error that is. With 200 sequences of 1000 trials, the error of a lobe's area that
 * follows from independent values is half the true one. Sequences are the independent units.
 */

/**
 * By how much each sequence moves the rate rule's curve m_d = Σ_n y_nd / Σ_n c_nd (y summed weight change, c pairs of
 * sequence n at distance d): (y_nd − m_d c_nd) / Σ_n c_nd, shape [sequences][2D + 1], 0 where the curve has no value.
 *
 * @param curve that of `tallies`
 */
export function curveDeviations(tallies: Tallies, plan: ExperimentPlan, curve: Curve): Float64Array {
  const unit = powerOfTwo(-plan.post.fractionBits);
  const { sequences } = tallies.region;
  const rateSums = nearestNumbers(tallies.rateSums);
  const distances = curve.points.length;
  const deviations = new Float64Array(sequences * distances);
  for (const [bin, { dwRate, pairs }] of curve.points.entries()) {
    if (dwRate === null) continue;
    for (let n = 0; n < sequences; n++) {
      const at = n * plan.bins + bin;
      deviations[n * distances + bin] = (rateSums[at]! * unit - dwRate * tallies.pairs[at]!) / pairs;
    }
  }
  return deviations;
}

/**
 * Standard error of the linear function Σ_d g_d m_d of a curve: √(S/(S−1) Σ_n (Σ_d g_d deviation_nd)²). For a single
 * distance it is that of `clusteredMean`.
 *
 * @param deviations of {@link curveDeviations}, shape [sequences][2D + 1]
 * @param sensitivity g_d, shape [2D + 1]
 * @returns `null` with a single sequence
 */
export function errorOverSequences(deviations: Float64Array, sensitivity: Float64Array): number | null {
  const bins = sensitivity.length;
  const sequences = deviations.length / bins;
  if (sequences < 2) return null;
  let squares = 0;
  for (let row = 0; row < deviations.length; row += bins) {
    let deviation = 0;
    for (let bin = 0; bin < bins; bin++) deviation += sensitivity[bin]! * deviations[row + bin]!;
    squares += deviation * deviation;
  }
  return Math.sqrt((sequences / (sequences - 1)) * squares);
}
