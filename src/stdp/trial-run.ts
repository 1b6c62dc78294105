import { EngineError } from '../errors.ts';
import { Pace } from './pace.ts';
import type { Progress } from './simulate.ts';

/** Trials of one computation on a device, and what is summed over them. */
export interface TrialRun<Sums> {
  /** Most trials of one call of {@link run}. */
  readonly mostTrials: number;
  /** Runs trials `first` … `first + count − 1` and adds them; to be called with ranges that follow each other. */
  run(first: number, count: number): Promise<void>;
  /** Reads the sums of the trials run so far. */
  read(): Promise<Sums>;
  destroy(): void;
}

export interface TrialRunOptions {
  /** Most trials in one dispatch, ≥ 1. Never changes results. */
  readonly chunk?: number;
  /** Stops between dispatches; what is finished by then is returned with `interrupted` set. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface TrialOutcome<Sums> {
  readonly sums: Sums;
  /** The signal stopped the work early: `sums` holds fewer trials, possibly none. */
  readonly interrupted: boolean;
}

/**
 * Runs trials chunk by chunk, reads the sums and frees the device.
 *
 * @param stepsPerTrial work of one trial, for the size of chunks and for progress
 */
export async function runTrials<Sums>(
  run: TrialRun<Sums>,
  trials: number,
  stepsPerTrial: number,
  { chunk, signal, onProgress }: TrialRunOptions = {},
): Promise<TrialOutcome<Sums>> {
  try {
    if (chunk !== undefined && !(Number.isSafeInteger(chunk) && chunk >= 1)) {
      const expected = 'an integer ≥ 1';
      const message = `chunk: ${chunk} is not allowed; expected ${expected}`;
      throw new EngineError('invalid-option', message, { path: 'chunk', value: chunk, expected });
    }
    const pace = new Pace(chunk);
    let first = 0;
    while (first < trials && !signal?.aborted) {
      const count = Math.min(pace.chunk(stepsPerTrial, trials - first), run.mostTrials);
      const started = performance.now();
      await run.run(first, count);
      pace.measured(count * stepsPerTrial, performance.now() - started);
      first += count;
      onProgress?.({ done: first * stepsPerTrial, total: trials * stepsPerTrial });
    }
    return { sums: await run.read(), interrupted: first < trials };
  } finally {
    run.destroy();
  }
}
