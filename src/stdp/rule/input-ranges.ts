import { NORMAL_BOUND } from '../../random/normal.ts';
import type { Drive, ExperimentSpec, NeuronSpec, Rho } from '../spec.ts';
import type { Interval } from './interval.ts';
import type { Variable } from './syntax.ts';

/** A presynaptic neuron that spikes has a rate above 0: at least one unit of the fixed point of ρ. */
const LEAST_RATE_OF_SPIKE = 2 ** -30;
/** ρ of a logistic rate is taken constant where it is this close to 0. */
const LEAST_LOGISTIC_RATE = 1e-7;
/** States are rounded in fixed point: by at most this fraction of the largest voltage. */
const ROUNDING = 2 ** -24;

/** Bounds on what a rule is told of any pair; `d` is taken value by value instead. */
export function inputRanges(spec: ExperimentSpec): Record<Exclude<Variable, 'd'>, Interval> {
  const { steps, pairing, pre, post } = spec;
  const first = pairing.edges === 'interior' ? pairing.window : 0;
  const change = largestChange(post);
  return {
    ds_post: { low: -change, high: change },
    // A recorded spike may be where the table has no rate.
    rho_pre: { low: Math.max(leastRate(pre.rho), spec.spikes ? 0 : LEAST_RATE_OF_SPIKE), high: 1 },
    rho_post: { low: leastRate(post.rho), high: 1 },
    t: { low: first, high: steps - 1 - first },
  };
}

function leastRate(rho: Rho): number {
  return rho.type === 'logistic' ? LEAST_LOGISTIC_RATE : 0;
}

/** Bound on |ṡ| = ε |u − s|: s stays within the range of u. */
function largestChange({ drive, epsilon, rho }: NeuronSpec): number {
  const midpoint = rho.type === 'logistic' ? Math.abs(rho.midpoint) : 0;
  if (drive.type === 'table') {
    let most = 0;
    let largest = Math.max(1, midpoint);
    for (const row of drive.values) {
      for (let t = 0; t + 1 < row.length; t++) {
        most = Math.max(most, Math.abs(row[t + 1]! - row[t]!));
        largest = Math.max(largest, Math.abs(row[t]!), Math.abs(row[t + 1]!));
      }
    }
    return most + ROUNDING * largest;
  }
  const { low, high } = voltageRange(drive);
  return epsilon * (high - low) + ROUNDING * Math.max(1, midpoint, Math.abs(low), Math.abs(high));
}

function voltageRange(drive: Exclude<Drive, { type: 'table' }>): Interval {
  if (drive.type !== 'noise') return { low: drive.low, high: drive.high };
  const spread = NORMAL_BOUND * drive.sd;
  return { low: drive.mean - spread, high: drive.mean + spread };
}
