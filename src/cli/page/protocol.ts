import type { ErrorCode } from '../../errors.ts';
import type { Progress, SimulateOptions } from '../../stdp/simulate.ts';
import type { SimulateManyOptions } from '../../stdp/simulate-many.ts';
import type { ExperimentSpec } from '../../stdp/spec.ts';

/** What the command line asks of the page (GET `/job`). */
export type Job = SimulateJob | ShardsJob;

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
    stdpProgress?: (progress: Progress) => void;
  }
}
