import type { BatchEngine, Shard } from './engine.ts';
import { Pace } from './pace.ts';
import type { ExperimentPlan } from './plan.ts';
import { simulate } from './simulate.ts';
import type { Tallies } from './tallies.ts';

export interface SimulateManyOptions {
  /** Most trials of a sequence in one dispatch, ≥ 1. Never changes results. */
  readonly chunk?: number;
  /** Stops between dispatches; what is not finished by then is left out. */
  readonly signal?: AbortSignal;
}

/** One of many experiments or shards, finished. */
export interface FinishedExperiment {
  /** Its place in the list that was given. */
  readonly index: number;
  /** Their arrays may be parts (`subarray`) of larger ones that experiments share: `slice` what is to outlast the others. */
  readonly tallies: Tallies;
}

/**
 * Runs many experiments, small ones together in common dispatches, so that a thousand small ones cost little more
 * than one of the same total size. Results are those of {@link simulate}, to the bit, and come as they are finished.
 */
export function simulateMany(
  engine: BatchEngine,
  plans: readonly ExperimentPlan[],
  options: SimulateManyOptions = {},
): AsyncGenerator<FinishedExperiment> {
  const whole = plans.map((plan): Shard => ({ plan, firstTrial: 0, endTrial: plan.spec.trials }));
  return runShards(engine, whole, options);
}

/** Runs shards of one or many experiments, as {@link simulateMany} does. */
export async function* runShards(
  engine: BatchEngine,
  shards: readonly Shard[],
  options: SimulateManyOptions = {},
): AsyncGenerator<FinishedExperiment> {
  const pace = new Pace(options.chunk);
  for (const batch of batches(engine, shards)) {
    if (options.signal?.aborted) return;
    const [{ index, shard }] = batch as [Numbered];
    const { plan, firstTrial, endTrial } = shard;
    const largest = engine.largestRegion(plan);
    if (plan.spec.sequences > largest.sequences || plan.pairedSteps > largest.steps) {
      const trials = { first: firstTrial, end: endTrial };
      const { tallies, interrupted } = await simulate(engine, plan, { ...options, trials });
      if (interrupted) return;
      yield { index, tallies };
      continue;
    }
    const members = batch.map((member) => member.shard);
    const finished = await engine.runBatch(members, { pace, signal: options.signal });
    if (!finished) return;
    for (const [member, tallies] of finished.entries()) yield { index: batch[member]!.index, tallies };
  }
}

interface Numbered {
  readonly index: number;
  readonly shard: Shard;
}

/** Groups of shards that share a batch and fit it, those of like trials together. */
function batches(engine: BatchEngine, shards: readonly Shard[]): Numbered[][] {
  const open: { readonly members: Numbered[]; sequences: number }[] = [];
  const done: Numbered[][] = [];
  const numbered = shards.map((shard, index) => ({ index, shard }));
  // Members of a batch run until the longest is done, so neighbours in trials go together.
  for (const member of numbered.toSorted((a, b) => a.shard.endTrial - b.shard.endTrial || a.index - b.index)) {
    const { plan } = member.shard;
    const at = open.findIndex(({ members: [first] }) => engine.shareBatch(first!.shard, member.shard));
    const batch = open[at];
    if (batch && batch.sequences + plan.spec.sequences <= engine.largestRegion(plan).sequences) {
      batch.members.push(member);
      batch.sequences += plan.spec.sequences;
      continue;
    }
    if (batch) done.push(...open.splice(at, 1).map(({ members }) => members));
    open.push({ members: [member], sequences: plan.spec.sequences });
  }
  return [...done, ...open.map(({ members }) => members)];
}
