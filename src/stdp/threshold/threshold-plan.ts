import { exp, ln, powerOfTwo } from '../../numeric/elementary.ts';
import { fractionBitsFor } from '../plan.ts';
import { largestVoltage } from './parse-threshold.ts';
import type { ThresholdSpec } from './threshold-spec.ts';

/** Voltages stay below this many units of 2^−F. */
const LARGEST = 2 ** 29;
/** Enough for the least slope that a spec may have. */
const MOST_FRACTION_BITS = 80;

/** A threshold-crossing simulation in integers: voltages in units of 2^−F. */
export interface ThresholdPlan {
  readonly spec: ThresholdSpec;
  readonly fractionBits: number;
  /** V̇ as integers, shape [2 · slopes.count], from the steepest fall to the steepest rise. */
  readonly slopes: Int32Array<ArrayBuffer>;
  /** threshold − V(0) is 1 + depth · word / 2³²: uniform on 1 … depth. */
  readonly depth: number;
  readonly noise: number;
}

/** Plans a simulation. Pure; needs no GPU. */
export function planThreshold(spec: ThresholdSpec): ThresholdPlan {
  const fractionBits = fractionBitsFor(largestVoltage(spec), LARGEST, MOST_FRACTION_BITS);
  const fixed = (value: number) => Math.round(value * powerOfTwo(fractionBits));
  const { low, high, count } = spec.slopes;
  const rising = Array.from({ length: count }, (_, index) => {
    if (index === 0) return low;
    return index === count - 1 ? high : low * exp((ln(high / low) * index) / (count - 1));
  }).map(fixed);
  return {
    spec,
    fractionBits,
    slopes: Int32Array.from([...rising.map((slope) => -slope).reverse(), ...rising]),
    depth: fixed(spec.threshold - spec.low),
    noise: fixed(spec.noise),
  };
}

/** V̇ of a row per step, as it was simulated. */
export function slopeOf({ slopes, fractionBits }: ThresholdPlan, row: number): number {
  return slopes[row]! * powerOfTwo(-fractionBits);
}
