import { powerOfTwo } from '../../numeric/elementary.ts';
import { type LoopPlan, recordSteps } from './loop-plan.ts';
import { type LoopSums, sumOf } from './loop-sums.ts';

/** Mean squared rate of change over some steps and all trials, twice J_STDP (STDP paper Eq. 3), and the weights. */
export interface LoopPoint {
  /** First step. */
  readonly t: number;
  /** Steps that are averaged. */
  readonly steps: number;
  /** E[ṡ²] with learning. */
  readonly learned: number;
  /** E[ṡ²] with the initial weight throughout. */
  readonly plain: number;
  /** learned − plain, paired by trial, and its standard error over trials; `null` with a single trial. */
  readonly difference: number;
  readonly se: number | null;
  /** Mean and standard deviation over trials of W at the first step (of the whole trial: after the last one). */
  readonly weightMean: number;
  readonly weightSd: number;
  /** Trials by W: below `record.low`, in each bin, above `record.high`. */
  readonly weights: Uint32Array;
}

export interface LoopResult {
  /** One point a record. */
  readonly points: readonly LoopPoint[];
  /** All steps; `t` is 0, its weights are the final ones. */
  readonly total: LoopPoint;
}

/** What follows from the sums of at least one trial. */
export function loopResult(plan: LoopPlan, sums: LoopSums): LoopResult {
  const { records, spec } = plan;
  const points = Array.from({ length: records }, (_, record) =>
    pointOf(plan, sums, record, record * spec.record.every, recordSteps(plan, record)),
  );
  return { points, total: pointOf(plan, sums, records, 0, spec.steps) };
}

function pointOf(plan: LoopPlan, sums: LoopSums, record: number, t: number, steps: number): LoopPoint {
  const { trials } = sums;
  const { bins } = plan.spec.record;
  const squareUnit = powerOfTwo(-plan.squareFractionBits) / steps;
  const weightUnit = powerOfTwo(-plan.post.fractionBits);
  const learned = sumOf(sums, record, 'learned');
  const plain = sumOf(sums, record, 'plain');
  const difference = learned - plain;
  const weight = sumOf(sums, record, 'weight');
  const sd = deviation(sumOf(sums, record, 'squaredDifference'), difference, trials);
  return {
    t,
    steps,
    learned: (Number(learned) / trials) * squareUnit,
    plain: (Number(plain) / trials) * squareUnit,
    difference: (Number(difference) / trials) * squareUnit,
    se: sd === null ? null : (sd / Math.sqrt(trials)) * squareUnit,
    weightMean: (Number(weight) / trials) * weightUnit,
    weightSd: (deviation(sumOf(sums, record, 'squaredWeight'), weight, trials) ?? 0) * weightUnit,
    weights: sums.histogram.slice(record * (bins + 2), (record + 1) * (bins + 2)),
  };
}

/** Standard deviation of values from their exact sums. */
function deviation(squares: bigint, sum: bigint, count: number): number | null {
  if (count < 2) return null;
  const n = BigInt(count);
  return Math.sqrt(Number(n * squares - sum * sum) / (count * (count - 1)));
}
