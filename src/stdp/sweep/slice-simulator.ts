import { EngineError } from '../../errors.ts';
import type { FinishedExperiment } from '../simulate-many.ts';
import { type PointRun, trialStepsOf } from './point-run.ts';
import type { RunSweepOptions } from './run-sweep.ts';
import type { ShardRunner } from './shard-runner.ts';

/** A device that is lost so often without a finished shard in between is given up. */
const LOSSES_IN_A_ROW = 3;

/** Points whose next shards are being simulated. */
export interface SliceUnderWay {
  readonly done: Promise<SimulatedSlice>;
}

/** Points whose next shards were simulated. */
export interface SimulatedSlice {
  readonly runs: readonly PointRun[];
  /** By place in `runs`; of some points only where the signal or the loss of a device came in between. */
  readonly results: readonly FinishedExperiment[];
  /** Of the results. */
  readonly trialSteps: number;
  /** How long it took. */
  readonly ms: number;
}

/** Simulates slices of a sweep, one after the other, and opens what computes anew where a device was lost. */
export class SliceSimulator {
  readonly #options: RunSweepOptions;
  /** Aborted with the signal of the sweep, and where the sweep ends in the middle of a slice. */
  readonly #stop = new AbortController();
  readonly #abort = () => this.#stop.abort();
  #runner: ShardRunner | undefined;
  #losses = 0;
  #underWay: Promise<SimulatedSlice> | undefined;

  constructor(options: RunSweepOptions) {
    this.#options = options;
    options.signal?.addEventListener('abort', this.#abort);
    if (options.signal?.aborted) this.#abort();
  }

  /** Begins a slice; the one before is done. */
  begin(runs: readonly PointRun[]): SliceUnderWay {
    const done = this.#simulate(runs);
    // An error is seen where the slice is waited for, which may be later or never.
    done.catch(() => undefined);
    this.#underWay = done;
    return { done };
  }

  /** Ends a slice that is under way, and frees what computes. */
  async close(): Promise<void> {
    this.#abort();
    await this.#underWay?.catch(() => undefined);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    await this.#runner?.close();
  }

  async #simulate(runs: readonly PointRun[]): Promise<SimulatedSlice> {
    const { open, chunk } = this.#options;
    const { signal } = this.#stop;
    const shards = runs.map((run) => run.nextShard);
    const results: FinishedExperiment[] = [];
    const started = performance.now();
    try {
      this.#runner ??= await open();
      const limits = { ...(chunk === undefined ? {} : { chunk }), signal };
      for await (const finished of this.#runner.run(shards, limits)) results.push(finished);
      this.#losses = 0;
    } catch (error) {
      const code = error instanceof EngineError ? error.code : undefined;
      // What was finished before the signal counts.
      if (code !== 'device-lost' && !(code === 'aborted' && signal.aborted)) throw error;
      this.#losses = results.length > 0 ? 1 : this.#losses + 1;
      if (this.#losses >= LOSSES_IN_A_ROW) throw error;
      const lost = this.#runner;
      this.#runner = undefined;
      await Promise.resolve(lost?.close()).catch(() => undefined);
    }
    const trialSteps = results.reduce((sum, { index }) => sum + trialStepsOf(shards[index]!), 0);
    return { runs, results, trialSteps, ms: performance.now() - started };
  }
}
