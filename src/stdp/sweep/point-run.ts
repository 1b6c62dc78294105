import type { Shard } from '../engine.ts';
import { type ExperimentPlan, planExperiment } from '../plan.ts';
import { addTallies, type Tallies } from '../tallies.ts';
import { copyTallies } from './copy-tallies.ts';
import { measure, outcomeOf } from './measures.ts';
import type { PointOutcome } from './outcome.ts';
import type { SweepPoint, SweepSpec } from './sweep-spec.ts';

/** Trial-steps of a shard where nothing else decides: a second on a CPU; what an interruption loses at most. */
const SHARD_TRIAL_STEPS = 2 ** 31;

/**
 * A point on its way: its tallies, and which shard comes next. Shards end at multiples of the spec's trials under
 * `until`, else where the point's size says, so that they depend on the sweep alone.
 */
export class PointRun {
  readonly index: number;
  readonly #sweep: SweepSpec;
  readonly #plan: ExperimentPlan;
  readonly #shardTrials: number;
  #tallies: Tallies | undefined;

  /** @param tallies of its first trials, where a journal has them */
  constructor(point: SweepPoint, sweep: SweepSpec, tallies?: Tallies) {
    this.index = point.index;
    this.#sweep = sweep;
    this.#tallies = tallies;
    const { sequences, steps, trials } = point.spec;
    this.#plan = planExperiment({ ...point.spec, trials: sweep.until?.maxTrials ?? trials });
    this.#shardTrials = sweep.until ? trials : Math.max(1, Math.floor(SHARD_TRIAL_STEPS / (sequences * steps)));
  }

  get trials(): number {
    return this.#tallies?.trials ?? 0;
  }

  get tallies(): Tallies | undefined {
    return this.#tallies;
  }

  get nextShard(): Shard {
    const { trials } = this.#plan.spec;
    return { plan: this.#plan, firstTrial: this.trials, endTrial: Math.min(this.trials + this.#shardTrials, trials) };
  }

  /** Adds the tallies of {@link nextShard}. Returns what is known of the point if that was its last. */
  add(tallies: Tallies): PointOutcome | undefined {
    this.#tallies = this.#tallies ? addTallies(this.#tallies, tallies) : tallies;
    const converged = this.#isConverged();
    if (!converged && this.trials < this.#plan.spec.trials) {
      // Tallies may be parts of arrays of a whole batch, which would last as long as they.
      this.#tallies = copyTallies(this.#tallies);
      return undefined;
    }
    return outcomeOf(this.#tallies, this.#plan, this.#sweep, converged);
  }

  #isConverged(): boolean {
    const { until } = this.#sweep;
    if (!until) return false;
    const se = measure(this.#tallies!, this.#plan, [until.measure])[until.measure]?.se ?? null;
    return se !== null && se <= until.se;
  }
}

/** Trial-steps of a shard. */
export function trialStepsOf({ plan: { spec }, firstTrial, endTrial }: Shard): number {
  return spec.sequences * spec.steps * (endTrial - firstTrial);
}
