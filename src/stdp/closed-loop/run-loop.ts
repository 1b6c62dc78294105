import { runTrials, type TrialOutcome, type TrialRun, type TrialRunOptions } from '../trial-run.ts';
import type { LoopPlan } from './loop-plan.ts';
import type { LoopSums } from './loop-sums.ts';

/**
 * Runs the trials of a closed loop and frees what ran them.
 *
 * @param run from `openGpuLoop` or `openLoopTwin`; both give the same sums to the bit
 * @example
 * const plan = planLoop(parseLoopSpec({ loop: { eta: 0.3 } }));
 * const { sums } = await runLoop(openLoopTwin(plan), plan);
 * const { total } = loopResult(plan, sums);
 */
export function runLoop(
  run: TrialRun<LoopSums>,
  { spec, burnIn }: LoopPlan,
  options: TrialRunOptions = {},
): Promise<TrialOutcome<LoopSums>> {
  return runTrials(run, spec.trials, spec.steps + burnIn, options);
}
