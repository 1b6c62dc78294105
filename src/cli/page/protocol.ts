import type { TrainingSettings } from '../../energy/training/settings.ts';
import type { Score } from '../../energy/training/trainer.ts';
import type { ErrorCode } from '../../errors.ts';
import type { LoopSpec } from '../../stdp/closed-loop/loop-spec.ts';
import type { Progress, SimulateOptions } from '../../stdp/simulate.ts';
import type { SimulateManyOptions } from '../../stdp/simulate-many.ts';
import type { ExperimentSpec } from '../../stdp/spec.ts';
import type { ThresholdSpec } from '../../stdp/threshold/threshold-spec.ts';
import type { TrialRunOptions } from '../../stdp/trial-run.ts';

/** What the command line asks of the page (GET `/job`). */
export type Job = SimulateJob | ShardsJob | LoopJob | ThresholdJob | TrainJob;

/** One experiment; the result is a `Simulation`. */
export interface SimulateJob {
  readonly kind: 'simulate';
  readonly spec: ExperimentSpec;
  readonly options: Pick<SimulateOptions, 'chunk' | 'rates' | 'traces'>;
}

/** Shards of many experiments; the result is the list of those that were finished. */
export interface ShardsJob {
  readonly kind: 'shards';
  readonly shards: readonly {
    readonly spec: ExperimentSpec;
    readonly firstTrial: number;
    readonly endTrial: number;
  }[];
  readonly options: Pick<SimulateManyOptions, 'chunk'>;
}

/** A closed loop; the result is a `TrialOutcome<LoopSums>`. */
export interface LoopJob {
  readonly kind: 'loop';
  readonly spec: LoopSpec;
  readonly options: Pick<TrialRunOptions, 'chunk'>;
}

/** Threshold crossings; the result is a `TrialOutcome<ThresholdSums>`. */
export interface ThresholdJob {
  readonly kind: 'threshold';
  readonly spec: ThresholdSpec;
  readonly options: Pick<TrialRunOptions, 'chunk'>;
}

/**
 * A step of the training of an energy-based network, whose trainer stays in the page from one to the next. `open` and
 * `evaluate` fetch their examples (and state) from `/payload`; results are a `Score`, or for `state` a `TrainingState`.
 */
export type TrainJob = { readonly kind: 'train' } & (
  | { readonly what: 'open'; readonly settings: TrainingSettings }
  | { readonly what: 'epoch'; readonly epoch: number }
  | { readonly what: 'evaluate' | 'state' }
);

/** What `window.stdpWebgpu.run` resolves to; the result itself is posted to `/result`. */
export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: ErrorCode | undefined; readonly message: string; readonly stack?: string };

/** What the page offers the command line. */
export interface PageApi {
  /** Adapter of the page. */
  adapter(): Promise<{ readonly name: string; readonly software: boolean }>;
  run(): Promise<Outcome>;
  /** Stops a run; its result is what was finished. */
  abort(): void;
  close(): void;
}

declare global {
  interface Window {
    stdpWebgpu: PageApi;
    /** Put there by the command line. */
    stdpProgress?: (progress: Progress | Score) => void;
  }
}
