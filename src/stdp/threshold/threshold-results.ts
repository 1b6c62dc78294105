import { crossingChances } from './threshold-form.ts';
import { slopeOf, type ThresholdPlan } from './threshold-plan.ts';
import type { ThresholdSums } from './threshold-twin.ts';

/** One slope: average ΔT against ΔW = V̇ (generative paper Eq. 1 and Fig. 1). */
export interface SlopePoint {
  /** ΔW of the presynaptic spike: V̇, per step. */
  readonly dw: number;
  /** Trials with a crossing within the window, and how many the closed form expects. */
  readonly crossings: number;
  readonly crossingsExpected: number;
  /** Mean ΔT of the crossings in steps, its standard error, and the closed form's mean; `null` for what is not there. */
  readonly dt: number | null;
  readonly dtSe: number | null;
  readonly dtExpected: number | null;
}

/** One spike-timing difference: average ΔW of the crossings there, all slopes being equally likely. */
export interface TimingPoint {
  readonly dt: number;
  readonly crossings: number;
  readonly dw: number | null;
  readonly dwSe: number | null;
  readonly dwExpected: number | null;
}

export interface ThresholdResult {
  /** From the steepest fall to the steepest rise. */
  readonly slopes: readonly SlopePoint[];
  /** ΔT = −window … window without 0. */
  readonly timing: readonly TimingPoint[];
  /** Standard errors between the mean ΔT and the closed form, shape [slopes]; 0 where there is no error. */
  readonly z: readonly number[];
}

/** What follows from the crossings of at least one trial. */
export function thresholdResult(plan: ThresholdPlan, sums: ThresholdSums): ThresholdResult {
  const { window } = plan.spec;
  const rows = Array.from(plan.slopes, (slope, row) => ({
    dw: slopeOf(plan, row),
    sign: Math.sign(slope),
    counts: sums.counts.subarray(row * (window + 1), (row + 1) * (window + 1)),
    chances: crossingChances(plan, row),
  }));
  const slopes = rows.map(({ dw, sign, counts, chances }): SlopePoint => {
    const found = moments(counts, (steps) => sign * steps);
    const expected = moments(chances, (steps) => sign * steps);
    return {
      dw,
      crossings: found.weight,
      crossingsExpected: expected.weight * sums.trials,
      dt: found.mean,
      dtSe: found.weight > 1 ? found.sd! / Math.sqrt(found.weight - 1) : null,
      dtExpected: expected.mean,
    };
  });
  const timing = Array.from({ length: 2 * window }, (_, index) => {
    const dt = index < window ? index - window : index - window + 1;
    const there = rows.filter(({ sign }) => sign === Math.sign(dt));
    const dwAt = (entry: number) => there[entry - 1]!.dw;
    const found = moments([0, ...there.map(({ counts }) => counts[Math.abs(dt)]!)], dwAt);
    const expected = moments([0, ...there.map(({ chances }) => chances[Math.abs(dt)]!)], dwAt);
    return {
      dt,
      crossings: found.weight,
      dw: found.mean,
      dwSe: found.weight > 1 ? found.sd! / Math.sqrt(found.weight - 1) : null,
      dwExpected: expected.mean,
    };
  });
  const z = slopes.map(({ dt, dtSe, dtExpected }) => (dtSe ? (dt! - dtExpected!) / dtSe : 0));
  return { slopes, timing, z };
}

/** Weighted mean and standard deviation over the entries from 1 on; `null` without weight. */
function moments(weights: ArrayLike<number>, valueAt: (entry: number) => number) {
  let weight = 0;
  let sum = 0;
  for (let entry = 1; entry < weights.length; entry++) {
    weight += weights[entry]!;
    sum += weights[entry]! * valueAt(entry);
  }
  if (!(weight > 0)) return { weight: 0, mean: null, sd: null };
  const mean = sum / weight;
  let squares = 0;
  for (let entry = 1; entry < weights.length; entry++) squares += weights[entry]! * (valueAt(entry) - mean) ** 2;
  return { weight, mean, sd: Math.sqrt(squares / weight) };
}
