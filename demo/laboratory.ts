import { EngineError, type ExperimentSpec, planExperiment } from '../src/index.ts';
import { type Picture, Run } from './run.ts';
import { cpuRuntime, openRuntime, type Runtime, reducedSpec } from './runtime.ts';
import type { WantedRuntime } from './runtime-choice.ts';

/** What a laboratory tells the page. All of it is about the experiment that was asked for last. */
export interface LaboratoryEvents {
  onRuntime(runtime: Runtime, lostBefore: string | undefined): void;
  onStart(run: Run): void;
  onPicture(run: Run, picture: Picture): void;
  onError(error: unknown): void;
}

/** Where a picture of all sequences takes longer than this, one of some of them comes before it. */
const PREVIEW_FROM_MS = 60;
/** A device that is lost more often than this is not asked for again. */
const MOST_LOSSES = 2;

/** Runs one experiment at a time, always the one asked for last, and gets a new device when one is lost. */
export class Laboratory {
  /** Compute whole experiments on the CPU too. */
  fullSize = false;
  readonly #events: LaboratoryEvents;
  readonly #wanted: WantedRuntime;
  #runtime: Promise<Runtime>;
  #losses = 0;
  #next: ExperimentSpec | undefined;
  #last: ExperimentSpec | undefined;
  #run: Run | undefined;
  #working = false;
  /** What the last run took to its first picture of all sequences. */
  #pictureMs = Number.POSITIVE_INFINITY;

  constructor(wanted: WantedRuntime, events: LaboratoryEvents) {
    this.#wanted = wanted;
    this.#events = events;
    this.#runtime = this.#watch(openRuntime(wanted));
  }

  /** Runs this instead of what is running. */
  request(spec: ExperimentSpec): void {
    this.#next = spec;
    this.#last = spec;
    this.#run?.supersede();
    if (!this.#working) void this.#work();
  }

  /** Stops what is running; the page waits for the next {@link request}. */
  halt(): void {
    this.#next = undefined;
    this.#last = undefined;
    this.#run?.stop();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#next) {
      const runtime = await this.#runtime;
      await this.#run?.close();
      this.#run = undefined;
      const spec = this.#next;
      this.#next = undefined;
      if (!spec) break;
      await this.#runOnce(runtime, spec);
    }
    this.#working = false;
  }

  async #runOnce(runtime: Runtime, spec: ExperimentSpec): Promise<void> {
    try {
      const size = runtime.reduces && !this.fullSize ? reducedSpec(spec) : spec;
      const run = new Run(runtime.engine, planExperiment(size));
      this.#run = run;
      this.#events.onStart(run);
      const started = performance.now();
      let whole = false;
      await run.start((picture) => {
        if (!whole && picture.tallies.region.sequences === size.sequences) {
          whole = true;
          this.#pictureMs = performance.now() - started;
        }
        this.#events.onPicture(run, picture);
      }, this.#pictureMs > PREVIEW_FROM_MS);
    } catch (error) {
      // A lost device is told by its own promise, also where nothing runs.
      const lost = error instanceof EngineError && error.code === 'device-lost';
      if (!lost && this.#run?.stopped !== true) this.#events.onError(error);
    }
  }

  /** Tells of a runtime, and replaces it when it is lost. */
  #watch(opening: Promise<Runtime>, lostBefore?: string): Promise<Runtime> {
    return opening.then((runtime) => {
      this.#events.onRuntime(runtime, lostBefore);
      void runtime.lost.then((message) => {
        this.#losses++;
        const again =
          this.#losses <= MOST_LOSSES
            ? openRuntime(this.#wanted)
            : Promise.resolve(cpuRuntime(`The GPU device was lost ${this.#losses} times.`, true));
        this.#runtime = this.#watch(again, message || 'no reason was given');
        if (this.#last) this.request(this.#last);
      });
      return runtime;
    });
  }
}
