import { EngineError } from '../errors.ts';
import { planExperiment } from '../stdp/plan.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { type Picture, Run } from './run.ts';
import { type Runtime, reducedSpec } from './runtime.ts';

/** What a laboratory tells the page. All of it is about the experiment that was asked for last. */
export interface LaboratoryEvents {
  onRuntime(runtime: Runtime, lostBefore: string | undefined): void;
  onStart(run: Run): void;
  onPicture(run: Run, picture: Picture): void;
  onError(error: unknown): void;
}

/** Opens what computes. @param noGpu a sentence for the reader that says why it is to be the CPU */
export type OpenRuntime = (noGpu: string | undefined) => Promise<Runtime>;

/** Where a picture of all sequences takes longer than this, one of some of them comes before it. */
const PREVIEW_FROM_MS = 60;
/** A device that is lost more often than this is not asked for again. */
const MOST_LOSSES = 2;

/** Runs one experiment at a time, always the one asked for last, and gets a new device when one is lost. */
export class Laboratory {
  /** Compute whole experiments on the CPU too. */
  fullSize = false;
  readonly #events: LaboratoryEvents;
  readonly #open: OpenRuntime;
  #runtime: Promise<Runtime>;
  #losses = 0;
  #next: ExperimentSpec | undefined;
  #last: ExperimentSpec | undefined;
  #run: Run | undefined;
  #working = false;
  #paused = false;
  #closed = false;
  /** What the last run took to its first picture of all sequences. */
  #pictureMs = Number.POSITIVE_INFINITY;

  constructor(open: OpenRuntime, events: LaboratoryEvents) {
    this.#open = open;
    this.#events = events;
    this.#runtime = this.#watch(open(undefined));
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

  /** Dispatches nothing further until {@link resume}; what is asked for meanwhile starts then. */
  pause(): void {
    this.#paused = true;
    this.#run?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#run?.resume();
    if (!this.#working) void this.#work();
  }

  /** Ends all work and frees what it holds; the runtime stays its owner's. Nothing is told any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.halt();
    await this.#run?.close();
    this.#run = undefined;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#next && !this.#paused && !this.#closed) {
      const runtime = await this.#runtime;
      await this.#run?.close();
      this.#run = undefined;
      const spec = this.#next;
      this.#next = undefined;
      if (!spec || this.#closed) break;
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
      if (this.#closed) return runtime;
      this.#events.onRuntime(runtime, lostBefore);
      void runtime.lost.then((message) => {
        if (this.#closed) return;
        this.#losses++;
        const again =
          this.#losses <= MOST_LOSSES
            ? this.#open(undefined)
            : this.#open(`The GPU device was lost ${this.#losses} times.`);
        this.#runtime = this.#watch(again, message || 'no reason was given');
        if (this.#last) this.request(this.#last);
      });
      return runtime;
    });
  }
}
