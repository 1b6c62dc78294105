import { powerOfTwo } from '../numeric/elementary.ts';
import type { ExperimentPlan } from './plan.ts';
import type { Trace } from './results.ts';
import type { TrialRecord } from './simulate.ts';
import { unpackSpikes } from './spikes.ts';

/** One trial in full, with the weight under the spike rule ΔW = ṡ_i ξ_j (STDP paper Eq. 2, Fig. 3). */
export function traceOf(record: TrialRecord, plan: ExperimentPlan): Trace {
  const { steps } = plan.spec;
  const preSpikes = unpackSpikes(record.spikes.pre, steps);
  const postSpikes = unpackSpikes(record.spikes.post, steps);
  const scaled = (states: Int32Array, fractionBits: number) =>
    Float64Array.from(states, (state) => state * powerOfTwo(-fractionBits));
  const sPost = scaled(record.postStates, plan.post.fractionBits);
  const weight = new Float64Array(steps);
  let sum = 0;
  for (let t = 0; t < steps; t++) {
    if (preSpikes[t] === 1) sum += sPost[t + 1]! - sPost[t]!;
    weight[t] = sum;
  }
  return {
    sequence: record.sequence,
    trial: record.trial,
    preSpikes,
    postSpikes,
    sPre: scaled(record.preStates, plan.pre.fractionBits),
    sPost,
    weight,
  };
}
