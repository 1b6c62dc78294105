import type { TrialRun } from '../trial-run.ts';
import type { LoopPlan } from './loop-plan.ts';
import { addToSum, emptyLoopSums, type LoopSums } from './loop-sums.ts';
import { runLoopTrial, type TrialRecords } from './loop-trial.ts';

/** Work between two pauses for the event loop: a few milliseconds. */
const STEPS_PER_TURN = 2 ** 14;

/** The reference: a closed loop in TypeScript integers, equal to the GPU in every bit. Runs anywhere. */
export function openLoopTwin(plan: LoopPlan): TrialRun<LoopSums> {
  const { records, edges, spec, burnIn } = plan;
  const sums = emptyLoopSums(plan);
  const trialRecords: TrialRecords = {
    learned: new Float64Array(records + 1),
    plain: new Float64Array(records + 1),
    weights: new Int32Array(records + 1),
  };
  let trials = 0;
  return {
    mostTrials: spec.trials,
    async run(first, count) {
      let work = 0;
      for (let trial = first; trial < first + count; trial++) {
        runLoopTrial(plan, trial, trialRecords);
        addTrial(sums, trialRecords, edges);
        work += spec.steps + burnIn;
        if (work < STEPS_PER_TURN) continue;
        work = 0;
        await new Promise((resolve) => setTimeout(resolve));
      }
      trials += count;
    },
    read: async () => ({ trials, words: sums.words.slice(), histogram: sums.histogram.slice() }),
    destroy: () => undefined,
  };
}

function addTrial(sums: LoopSums, { learned, plain, weights }: TrialRecords, edges: Int32Array): void {
  weights.forEach((weight, record) => {
    const difference = BigInt(learned[record]! - plain[record]!);
    addToSum(sums, record, 'learned', BigInt(learned[record]!));
    addToSum(sums, record, 'plain', BigInt(plain[record]!));
    addToSum(sums, record, 'squaredDifference', difference * difference);
    addToSum(sums, record, 'squaredWeight', BigInt(weight) * BigInt(weight));
    addToSum(sums, record, 'weight', BigInt(weight));
    sums.histogram[record * (edges.length + 1) + binOf(weight, edges)]! += 1;
  });
}

/** 0 below the first edge, `edges.length` above the last, which belongs to the bin below it. */
function binOf(weight: number, edges: Int32Array): number {
  let bin = 0;
  while (bin < edges.length && weight >= edges[bin]!) bin++;
  return weight === edges.at(-1) ? edges.length - 1 : bin;
}
