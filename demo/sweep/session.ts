import {
  type Journal,
  openIndexedDbJournal,
  type PointOutcome,
  runSweep,
  type SweepPlan,
  type SweepProgress,
  version,
} from '../../src/index.ts';
import { estimateSeconds } from '../../src/stdp/sweep/workload.ts';
import { BatchSender, watchedCurve } from './batch.ts';
import type { FinishedBatch, SweepOutline, WatchedCurve } from './messages.ts';
import type { RuntimeKeeper } from './runtime-keeper.ts';

/** What a session tells of the points of its sweep. */
export interface SessionEvents {
  onFinished(batch: FinishedBatch, transfer: Transferable[]): void;
  onCurves(curves: readonly WatchedCurve[]): void;
}

/** Outcomes that are read from the journal at the same time. */
const READ_TOGETHER = 256;

/** The sweep that the page shows: its journal, where there is one, and the points that the page watches. */
export class Session {
  readonly plan: SweepPlan;
  readonly outline: SweepOutline;
  readonly #events: SessionEvents;
  readonly #sender: BatchSender;
  #journal: Journal | undefined;
  #watched: ReadonlySet<number> = new Set();
  /** Seconds of the last run. */
  seconds: number | null = null;

  constructor(plan: SweepPlan, outline: SweepOutline, events: SessionEvents) {
    this.plan = plan;
    this.outline = outline;
    this.#events = events;
    this.#sender = new BatchSender(outline, events.onFinished);
  }

  /** What is finished; `undefined` before the first run. */
  get journal(): Journal | undefined {
    return this.#journal;
  }

  /** Opens the journal, or starts one, and tells of all that is in it. */
  async open(): Promise<Journal> {
    if (this.#journal) return this.#journal;
    const identity = { sweep: JSON.stringify(this.plan.spec), version };
    const journal = await openIndexedDbJournal(this.outline.name, identity);
    this.#journal = journal;
    const finished = Uint32Array.from(journal.finished).sort();
    for (let first = 0; first < finished.length; first += READ_TOGETHER) {
      const points = finished.subarray(first, first + READ_TOGETHER);
      const outcomes = await Promise.all(Array.from(points, (point) => journal.readOutcome(point)));
      outcomes.forEach((outcome, index) => {
        this.#tell(points[index]!, outcome);
      });
    }
    this.#sender.flush();
    return journal;
  }

  /** Runs what the journal lacks. */
  async run(
    runtimes: RuntimeKeeper,
    signal: AbortSignal,
    onProgress: (progress: SweepProgress) => void,
  ): Promise<void> {
    const journal = await this.open();
    const before = new Set(journal.finished);
    const started = performance.now();
    try {
      const open = () => runtimes.runner();
      const options = { open, journal: withoutReading(journal, before), signal, onProgress };
      for await (const { point, outcome } of runSweep(this.plan, options)) {
        if (!before.has(point)) this.#tell(point, outcome);
      }
    } finally {
      this.#sender.flush();
      this.seconds = (performance.now() - started) / 1000;
    }
  }

  /** Seconds that the rest of the sweep will take; of no account after the signal. */
  async estimate(runtimes: RuntimeKeeper, signal: AbortSignal): Promise<number> {
    const runner = await runtimes.runner();
    const interruptible = {
      run: (...[shards, options]: Parameters<typeof runner.run>) => runner.run(shards, { ...options, signal }),
      close: runner.close,
    };
    const done = this.#journal?.finished.size ?? 0;
    return (await estimateSeconds(this.plan, interruptible)) * (1 - done / this.plan.points);
  }

  /** Tells the curves of these points: those that are finished at once, the others as soon as they are. */
  async watch(points: Uint32Array): Promise<void> {
    const fresh = Array.from(points).filter((point) => !this.#watched.has(point));
    this.#watched = new Set(points);
    const journal = this.#journal;
    if (!journal) return;
    const finished = fresh.filter((point) => journal.finished.has(point));
    const outcomes = await Promise.all(finished.map((point) => journal.readOutcome(point)));
    const curves = outcomes.flatMap(({ curve }, index) => (curve ? [watchedCurve(finished[index]!, curve)] : []));
    if (curves.length > 0) this.#events.onCurves(curves);
  }

  async close(): Promise<void> {
    await this.#journal?.close();
    this.#journal = undefined;
  }

  #tell(point: number, outcome: PointOutcome): void {
    this.#sender.add(point, outcome);
    if (outcome.curve && this.#watched.has(point)) this.#events.onCurves([watchedCurve(point, outcome.curve)]);
  }
}

/** The journal with empty outcomes for points that the page has already: a sweep goes on without reading them again. */
function withoutReading(journal: Journal, known: ReadonlySet<number>): Journal {
  const empty: PointOutcome = { trials: 0, converged: null, measures: {}, curve: null };
  return {
    get finished() {
      return journal.finished;
    },
    get partial() {
      return journal.partial;
    },
    readOutcome: (point) => (known.has(point) ? Promise.resolve(empty) : journal.readOutcome(point)),
    readPartial: (point) => journal.readPartial(point),
    append: (entries) => journal.append(entries),
    close: () => journal.close(),
  };
}
