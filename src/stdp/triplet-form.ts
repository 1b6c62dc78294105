import { powerOfTwo } from '../numeric/elementary.ts';
import type { SequenceRates } from './closed-form.ts';
import type { TripletPlan } from './triplet.ts';

/**
 * What earlier spikes are expected to add to the weight change of a pair at distance d from step t.
 *
 * A trace depends on spikes of one neuron before the pair's. Spikes that hide a pair of the triplet schemes lie between
 * its two, and are the other neuron's: so the trace is independent of whether the pair is there.
 */
export function expectedTriplet(
  { pre, post }: Pick<SequenceRates, 'pre' | 'post'>,
  triplet: TripletPlan,
  window: number,
): (t: number, d: number) => number {
  const unit = powerOfTwo(triplet.traceBits - 32 - triplet.fractionBits);
  const preTraces = expectedTraces(pre, triplet.preDecay, triplet.nearest);
  const postTraces = expectedTraces(post, triplet.postDecay, triplet.nearest);
  return (t, d) => {
    const bin = d + window;
    const trace = bin >= triplet.firstAfter ? (postTraces[t + d] ?? 0) : -preTraces[t]!;
    return trace * triplet.tripletTerms[bin]! * unit;
  };
}

/** Expected trace just before each step. A spike adds 1 to it, or sets it to 1. */
function expectedTraces(probabilities: Float64Array, decay: Uint32Array, nearest: boolean): Float64Array {
  const share = (decay[1] ?? 0) * powerOfTwo(-31);
  const traces = new Float64Array(probabilities.length);
  for (let t = 1; t < traces.length; t++) {
    const p = probabilities[t - 1]!;
    const kept = nearest ? 1 - p : 1;
    traces[t] = share * (kept * traces[t - 1]! + p);
  }
  return traces;
}
