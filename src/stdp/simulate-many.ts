import type { BatchEngine, BatchPart } from './engine.ts';
import type { ExperimentPlan } from './plan.ts';
import { Pace, simulate } from './simulate.ts';
import { type Tallies, wholeRegion } from './tallies.ts';

export interface SimulateManyOptions {
  /** Most trials of a sequence in one dispatch, ≥ 1. Never changes results. */
  readonly chunk?: number;
  /** Stops between dispatches; experiments that are not finished by then are left out. */
  readonly signal?: AbortSignal;
}

/** One of many experiments, finished. */
export interface FinishedExperiment {
  /** Its place in the list of plans. */
  readonly index: number;
  readonly tallies: Tallies;
}

/**
 * Runs many experiments, small ones together in common dispatches, so that a thousand small ones cost little more
 * than one of the same total size. Results are those of {@link simulate}, to the bit, and come as they are finished.
 */
export async function* simulateMany(
  engine: BatchEngine,
  plans: readonly ExperimentPlan[],
  options: SimulateManyOptions = {},
): AsyncGenerator<FinishedExperiment> {
  const pace = new Pace(options.chunk);
  for (const group of batches(engine, plans)) {
    if (options.signal?.aborted) return;
    const [{ index, plan }] = group as [Numbered];
    const largest = engine.largestRegion(plan);
    if (plan.spec.sequences > largest.sequences || plan.pairedSteps > largest.steps) {
      const { tallies, interrupted } = await simulate(engine, plan, options);
      if (interrupted) return;
      yield { index, tallies };
      continue;
    }
    const finished = await runBatch(engine, group, pace, options.signal);
    if (!finished) return;
    for (const [member, tallies] of finished.entries()) yield { index: group[member]!.index, tallies };
  }
}

interface Numbered {
  readonly index: number;
  readonly plan: ExperimentPlan;
}

/** Groups of plans that share a tile and fit it, those of like trials together. */
function batches(engine: BatchEngine, plans: readonly ExperimentPlan[]): Numbered[][] {
  const open: Numbered[][] = [];
  const done: Numbered[][] = [];
  const numbered = plans.map((plan, index) => ({ index, plan }));
  // Members of a tile run until the longest is done, so neighbours in trials go together.
  for (const member of numbered.toSorted((a, b) => a.plan.spec.trials - b.plan.spec.trials || a.index - b.index)) {
    const at = open.findIndex(([first]) => engine.shareTile(first!.plan, member.plan));
    const group = open[at];
    const sequences = (group ?? []).reduce((sum, { plan }) => sum + plan.spec.sequences, member.plan.spec.sequences);
    if (group && sequences <= engine.largestRegion(member.plan).sequences) {
      group.push(member);
      continue;
    }
    if (group) done.push(...open.splice(at, 1));
    open.push([member]);
  }
  return [...done, ...open];
}

/** Tallies of every member; `undefined` where the signal came first. */
async function runBatch(
  engine: BatchEngine,
  group: readonly Numbered[],
  pace: Pace,
  signal: AbortSignal | undefined,
): Promise<readonly Tallies[] | undefined> {
  const parts = group.map(({ plan }): BatchPart => ({ plan, region: wholeRegion(plan, 0, plan.spec.sequences) }));
  const tile = await engine.openBatch(parts);
  try {
    const stepsPerTrial = parts.reduce((sum, { plan }) => sum + plan.spec.sequences * plan.spec.steps, 0);
    const trials = parts.reduce((most, { plan }) => Math.max(most, plan.spec.trials), 0);
    for (let first = 0; first < trials; ) {
      if (signal?.aborted) return undefined;
      const count = pace.chunk(stepsPerTrial, trials - first);
      const started = performance.now();
      await tile.runTrials(first, count);
      pace.measured(count * stepsPerTrial, performance.now() - started);
      first += count;
    }
    return await tile.readTallies();
  } finally {
    tile.destroy();
  }
}
