import { runTrials, type TrialOutcome, type TrialRun, type TrialRunOptions } from '../trial-run.ts';
import type { ThresholdPlan } from './threshold-plan.ts';
import type { ThresholdSums } from './threshold-twin.ts';

/**
 * Runs the trials of a threshold-crossing simulation and frees what ran them.
 *
 * @param run from `openGpuThreshold` or `openThresholdTwin`; both give the same counts
 */
export function runThreshold(
  run: TrialRun<ThresholdSums>,
  { spec, slopes, noise }: ThresholdPlan,
  options: TrialRunOptions = {},
): Promise<TrialOutcome<ThresholdSums>> {
  // A trial is one of every slope; without noise a crossing is a division.
  return runTrials(run, spec.trials, slopes.length * (noise > 0 ? spec.window : 1), options);
}
