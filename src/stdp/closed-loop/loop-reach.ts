import { exp, ln } from '../../numeric/elementary.ts';
import { weightChanges } from '../kernel.ts';
import { type Hiding, schemeRules } from '../pairing-schemes.ts';
import { largestVoltage } from '../plan.ts';
import type { LoopSpec } from './loop-spec.ts';

/** How far the numbers of a loop can go, whatever the random numbers are. */
export interface LoopReach {
  /** Bound on |W| over all trials and steps. */
  readonly weight: number;
  /** Bound on |u_i + W x_j|, and so on |s_i|. */
  readonly activity: number;
  /** Bound on |ΔW| of one step, before the bounds of the weight. */
  readonly change: number;
}

/** Ends of the distribution of W(0). */
export function initialRange({ initialWeight }: LoopSpec['loop']): { readonly low: number; readonly high: number } {
  return typeof initialWeight === 'number' ? { low: initialWeight, high: initialWeight } : initialWeight;
}

/**
 * Bounds of a loop. Without bounds of the weight, |ṡ_i| ≤ 2 ε (U + |W|) for drives |u| ≤ U makes U + |W| grow at most
 * with the factor 1 + 2 η ε a step under the rate and the spike rule; pairs add at most a constant a step.
 */
export function loopReach(spec: LoopSpec): LoopReach {
  const { loop, post, steps } = spec;
  const voltage = largestVoltage(post);
  const { low, high } = initialRange(loop);
  const start = Math.max(Math.abs(low), Math.abs(high));
  const growth = 2 * loop.eta * post.epsilon;
  const pairs = loop.eta * largestPairChange(spec);
  const weight = (): number => {
    if (loop.bounds.type !== 'none') return Math.max(Math.abs(loop.bounds.low), Math.abs(loop.bounds.high));
    if (loop.rule === 'pair') return start + steps * pairs;
    return (start + voltage) * exp(steps * ln(1 + growth)) - voltage;
  };
  const most = weight();
  const activity = voltage + most;
  return { weight: most, activity, change: loop.rule === 'pair' ? pairs : growth * activity };
}

/** The largest η with which |W| provably stays below `limit` without bounds. */
export function largestEta(spec: LoopSpec, limit: number): number {
  const { loop, post, steps } = spec;
  const voltage = largestVoltage(post);
  const { low, high } = initialRange(loop);
  const start = Math.max(Math.abs(low), Math.abs(high));
  if (loop.rule === 'pair') return (limit - start) / (steps * largestPairChange(spec));
  return (((limit + voltage) / (start + voltage)) ** (1 / steps) - 1) / (2 * post.epsilon);
}

/** Weight change of a pair at η = 1, shape [2D + 1]: entry d + D, d post minus pre. */
export function pairChanges({ kernel, pairing }: LoopSpec): Float64Array {
  return weightChanges(kernel, pairing);
}

/** Bound on the weight change of the pairs of one presynaptic spike at η = 1. */
export function largestPairChange(spec: LoopSpec): number {
  const { window, scheme } = spec.pairing;
  const { after, before, exclusive } = schemeRules[scheme];
  const sizes = pairChanges(spec).map(Math.abs);
  // Where postsynaptic spikes hide each other there is one pair on a side.
  const side = (changes: Float64Array, hides: Hiding) =>
    changes.reduce((total, change) => (hides.post ? Math.max(total, change) : total + change), 0);
  const sides = [side(sizes.subarray(window), after), side(sizes.subarray(0, window + 1), before)] as const;
  return exclusive ? Math.max(...sides) : sides[0] + sides[1];
}
