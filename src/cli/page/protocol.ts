import type { ErrorCode } from '../../errors.ts';
import type { Progress, SimulateOptions } from '../../stdp/simulate.ts';
import type { ExperimentSpec } from '../../stdp/spec.ts';

/** What the command line asks of the page (GET `/job`). */
export interface Job {
  readonly spec: ExperimentSpec;
  readonly options: Pick<SimulateOptions, 'chunk' | 'rates' | 'traces'>;
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
