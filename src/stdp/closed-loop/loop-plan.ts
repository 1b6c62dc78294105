import { powerOfTwo } from '../../numeric/elementary.ts';
import { burnInSteps } from '../parse-spec.ts';
import { fractionBitsFor, type NeuronPlan, planFraction, planNeuron } from '../plan.ts';
import { initialRange, loopReach, pairChanges } from './loop-reach.ts';
import type { LoopSpec } from './loop-spec.ts';

/*
 * From a spec to the integers of a closed loop. s_i, u_i and W are in units of 2^−F, F = `post.fractionBits`, with 32 more
 * bits inside the integrator and for the weight: |s|, |W| < 2²⁹ units. The leaks are rounded to multiples of 2⁻³¹. Squared rates of
 * change ṡ² are in units of 2^−Q, Q = `squareFractionBits`, rounded, each below 2³² units: a sum over 2¹⁷ steps takes 49
 * bits, one of its squares over 2²⁶ trials 124 bits.
 */

const ONE_EPSILON = 2 ** 31;
/** 2^k, k at most this, is what the integer ṡ is multiplied with before it is squared. */
const MOST_RATE_BITS = 31;

/** Soft bounds: (W − low) / (high − low) in units of 2⁻³¹ is (W − low) · mantissa >> shift. */
export interface RangePlan {
  readonly low: number;
  readonly high: number;
  readonly mantissa: number;
  readonly shift: number;
}

export interface LoopPlan {
  readonly spec: LoopSpec;
  readonly pre: NeuronPlan;
  readonly post: NeuronPlan;
  /** Steps before t = 0, with the initial weight. */
  readonly burnIn: number;
  /** ε in units of 2⁻³¹. */
  readonly preEpsilon: number;
  readonly postEpsilon: number;
  /** η = mantissa · 2^−(31 + shift). */
  readonly eta: { readonly mantissa: number; readonly shift: number };
  /** W(0) = low + range · word / 2³², in units of 2^−F. */
  readonly initial: { readonly low: number; readonly range: number };
  /** Bounds of the weight in units of 2^−F; absent for none. */
  readonly range: RangePlan | undefined;
  /** η ΔW of a pair in units of 2^−(F+32), shape [2D + 1]: entry d + D. */
  readonly pairs: BigInt64Array;
  /** Whether spikes are drawn at all: the presynaptic, and the postsynaptic with learning. */
  readonly spikes: boolean;
  /** Q: ṡ² is in units of 2^−Q. */
  readonly squareFractionBits: number;
  /** 2^k with k = (Q + 32) / 2 − F: ṡ² in units of 2^−Q is the square of ṡ · 2^k, without its lower 32 bits. */
  readonly rateScale: number;
  /** Number of records of `record.every` steps; the last may be shorter. */
  readonly records: number;
  /** Lower edge of each bin and the upper edge of the last, in units of 2^−F, shape [bins + 1]; the last is in its bin. */
  readonly edges: Int32Array<ArrayBuffer>;
}

/** Plans a closed loop. Pure; needs no GPU. */
export function planLoop(spec: LoopSpec): LoopPlan {
  const { loop, record, steps } = spec;
  const reach = loopReach(spec);
  const burnIn = Math.max(burnInSteps(spec.pre.epsilon), burnInSteps(spec.post.epsilon));
  const size = { sequences: 1, steps };
  const largest = Math.max(reach.activity, reach.change, Math.abs(record.low), Math.abs(record.high));
  const post = planNeuron(spec.post, size, largest, burnIn);
  const fixed = (value: number) => Math.round(value * powerOfTwo(post.fractionBits));
  const initial = initialRange(loop);
  const largestChange = 2 * spec.post.epsilon * reach.activity;
  const rateBits = fractionBitsFor(1.001 * largestChange * powerOfTwo(post.fractionBits), 2 ** 32, MOST_RATE_BITS);
  return {
    spec,
    pre: planNeuron(spec.pre, size, 0, burnIn),
    post,
    burnIn,
    preEpsilon: Math.round(spec.pre.epsilon * ONE_EPSILON),
    postEpsilon: Math.round(spec.post.epsilon * ONE_EPSILON),
    eta: loop.eta === 0 ? { mantissa: 0, shift: 0 } : planFraction(loop.eta),
    initial: { low: fixed(initial.low), range: fixed(initial.high) - fixed(initial.low) },
    range: loop.bounds.type === 'none' ? undefined : planRange(fixed(loop.bounds.low), fixed(loop.bounds.high)),
    pairs: BigInt64Array.from(pairChanges(spec), (change) =>
      BigInt(Math.round(loop.eta * change * powerOfTwo(post.fractionBits + 32))),
    ),
    spikes: loop.input === 'spike' || loop.rule !== 'rate',
    squareFractionBits: 2 * (post.fractionBits + rateBits) - 32,
    rateScale: powerOfTwo(rateBits),
    records: Math.ceil(steps / record.every),
    edges: Int32Array.from({ length: record.bins + 1 }, (_, edge) =>
      fixed(record.low + ((record.high - record.low) * edge) / record.bins),
    ),
  };
}

/** What one record holds, in steps. */
export function recordSteps({ spec: { steps, record } }: LoopPlan, index: number): number {
  return Math.min(record.every, steps - index * record.every);
}

function planRange(low: number, high: number): RangePlan {
  const width = Math.max(1, high - low);
  const shift = 31 - Math.clz32(width);
  return { low, high, mantissa: Math.round(powerOfTwo(31 + shift) / width), shift };
}
