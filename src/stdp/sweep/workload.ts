import type { FinishedExperiment } from '../simulate-many.ts';
import { measure } from './measures.ts';
import { PointRun, trialStepsOf } from './point-run.ts';
import type { ShardRunner } from './shard-runner.ts';
import type { SweepPlan } from './sweep-spec.ts';

const SIZES = ['sequences', 'steps', 'trials'];

/** Trial-steps of a sweep; with `until` the most that it can take. */
export function sweepTrialSteps(sweep: SweepPlan): number {
  const { until } = sweep.spec;
  const stepsOf = (index: number) => {
    const { sequences, steps, trials } = sweep.pointAt(index).spec;
    return sequences * steps * (until?.maxTrials ?? trials);
  };
  if (!sweep.paths.some((path) => SIZES.includes(path))) return sweep.points * stepsOf(0);
  let sum = 0;
  for (let index = 0; index < sweep.points; index++) sum += stepsOf(index);
  return sum;
}

/** Most points that an estimate runs, and trial-steps of each. */
const SAMPLE_POINTS = 64;
const SAMPLE_TRIAL_STEPS = 2 ** 22;

/**
 * Seconds that a sweep will take, from a few trials of points spread over it, run twice: the first time compiles.
 * With `until` an upper bound.
 */
export async function estimateSeconds(sweep: SweepPlan, runner: ShardRunner): Promise<number> {
  const count = Math.min(SAMPLE_POINTS, sweep.points);
  const shards = Array.from({ length: count }, (_, n) => {
    const run = new PointRun(sweep.pointAt(Math.floor((n * sweep.points) / count)), sweep.spec);
    const { plan, endTrial } = run.nextShard;
    const most = Math.max(1, Math.floor(SAMPLE_TRIAL_STEPS / (plan.spec.sequences * plan.spec.steps)));
    return { plan, firstTrial: 0, endTrial: Math.min(endTrial, most) };
  });
  let simulating = 0;
  let analysing = 0;
  for (let round = 0; round < 2; round++) {
    const started = performance.now();
    const finished: FinishedExperiment[] = [];
    for await (const shard of runner.run(shards, {})) finished.push(shard);
    const simulated = performance.now();
    for (const { index, tallies } of finished) measure(tallies, shards[index]!.plan, sweep.spec.measures);
    simulating = simulated - started;
    analysing = performance.now() - simulated;
  }
  const sampled = shards.reduce((sum, shard) => sum + trialStepsOf(shard), 0);
  const perTrialStep = simulating / sampled / 1000;
  return perTrialStep * sweepTrialSteps(sweep) + (analysing / count / 1000) * sweep.points;
}
