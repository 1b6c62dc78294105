import type { TrainingSettings } from '../../energy/training/settings.ts';
import type { Examples, Trainer, TrainingState } from '../../energy/training/trainer.ts';
import type { LoopPlan } from '../../stdp/closed-loop/loop-plan.ts';
import type { LoopSums } from '../../stdp/closed-loop/loop-sums.ts';
import type { Shard } from '../../stdp/engine.ts';
import type { ExperimentPlan } from '../../stdp/plan.ts';
import type { SimulateOptions, Simulation } from '../../stdp/simulate.ts';
import type { FinishedExperiment, SimulateManyOptions } from '../../stdp/simulate-many.ts';
import type { ThresholdPlan } from '../../stdp/threshold/threshold-plan.ts';
import type { ThresholdSums } from '../../stdp/threshold/threshold-twin.ts';
import type { TrialOutcome, TrialRunOptions } from '../../stdp/trial-run.ts';

/** Where experiments run. */
export type RuntimeName = 'chrome' | 'node' | 'cpu';

export const runtimeNames: readonly RuntimeName[] = ['chrome', 'node', 'cpu'];

/** What a manifest says of a runtime. */
export interface RuntimeDescription {
  readonly runtime: RuntimeName;
  /** Adapter, or what computes in its place. */
  readonly adapter: string;
  /** The adapter runs on the CPU. */
  readonly software: boolean;
  /** Browser and flags, versions, … */
  readonly details: Readonly<Record<string, unknown>>;
}

/** An open runtime; close it. */
export interface Runtime {
  readonly description: RuntimeDescription;
  simulate(plan: ExperimentPlan, options: SimulateOptions): Promise<Simulation>;
  /** Yields shards of many experiments as they are finished. */
  runShards(shards: readonly Shard[], options: SimulateManyOptions): AsyncIterable<FinishedExperiment>;
  /** Closed loops (S4). */
  runLoop(plan: LoopPlan, options: TrialRunOptions): Promise<TrialOutcome<LoopSums>>;
  /** Threshold crossings (S5). */
  runThreshold(plan: ThresholdPlan, options: TrialRunOptions): Promise<TrialOutcome<ThresholdSums>>;
  /** Training of an energy-based network. Destroy the trainer before the runtime is closed. */
  openTrainer(settings: TrainingSettings, examples: Examples, state: TrainingState): Promise<Trainer>;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  /** Path of the browser to use. */
  readonly browser?: string | undefined;
  /** Show the browser's window. */
  readonly headed?: boolean | undefined;
  /** Ends the opening at once. */
  readonly signal?: AbortSignal | undefined;
}
