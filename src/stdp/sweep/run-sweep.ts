import type { FinishedExperiment } from '../simulate-many.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { memoryJournal } from './memory-journal.ts';
import type { PointOutcome } from './outcome.ts';
import { PointRun, trialStepsOf } from './point-run.ts';
import type { ShardRunner } from './shard-runner.ts';
import { SliceSimulator } from './slice-simulator.ts';
import { SweepClock } from './sweep-clock.ts';
import type { SweepPlan } from './sweep-spec.ts';

/** How far a sweep is. */
export interface SweepProgress {
  readonly points: { readonly done: number; readonly total: number };
  /** Trial-steps done in this call. */
  readonly trialSteps: number;
  readonly trialStepsPerSecond: number;
  /** Estimate, from the points of this call; `undefined` before the first. */
  readonly secondsLeft: number | undefined;
}

export interface RunSweepOptions {
  /** Opens what computes. Called again where a device was lost. */
  readonly open: () => Promise<ShardRunner>;
  /** Keeps what is finished; the sweep goes on where it ends. It stays open. Default: in memory. */
  readonly journal?: Journal;
  /** Most trials of a sequence in one dispatch, ≥ 1. Never changes results. */
  readonly chunk?: number;
  /** Stops the sweep: what is finished is in the journal then, and the iteration ends. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SweepProgress) => void;
}

/** A finished point of a sweep. */
export interface FinishedPoint {
  readonly point: number;
  readonly outcome: PointOutcome;
}

/** Most points of a slice, for the memory that their tallies take. */
const SLICE_POINTS = 4096;
/** The event loop waits for the analysis of points at most this long, and one point. */
const TURN_MS = 15;

/**
 * Runs a sweep; yields each point when it is finished and recorded, those that the journal has already first. The
 * outcomes depend on the sweep alone, not on engine, order, chunks or interruptions. A lost device is opened anew.
 *
 * @throws EngineError what the engine throws (`out-of-memory`, `device-lost` again and again, …) or the journal; what was
 * recorded by then stays, and another call goes on from there.
 * @example
 * const engine = fastCpuEngine();
 * for await (const { point, outcome } of runSweep(sweep, { open: async () => engineRunner(engine) })) …
 */
export async function* runSweep(sweep: SweepPlan, options: RunSweepOptions): AsyncGenerator<FinishedPoint> {
  const journal = options.journal ?? memoryJournal();
  const { signal } = options;
  for (const point of [...journal.finished].sort((a, b) => a - b)) {
    if (signal?.aborted) return;
    yield { point, outcome: await journal.readOutcome(point) };
  }
  const work = new SweepWork(sweep, journal);
  const clock = new SweepClock(sweep.points, journal.finished.size);
  const simulator = new SliceSimulator(options);
  const begin = async () => {
    const runs = signal?.aborted ? [] : await work.next(clock.nextSlice());
    return runs.length > 0 ? simulator.begin(runs) : undefined;
  };
  try {
    let slice = await begin();
    while (slice) {
      const { runs, results, trialSteps, ms } = await slice.done;
      clock.simulated(trialSteps, ms);
      // The next slice is simulated while this one is analysed.
      slice = await begin();
      const started = performance.now();
      const finished = await record(runs, results, journal, work);
      clock.recorded(trialSteps, performance.now() - started, finished.length);
      options.onProgress?.(clock.progress);
      yield* finished;
      // Points that need more were not among the work until they were recorded.
      slice ??= await begin();
    }
  } finally {
    await simulator.close();
  }
}

/** Adds results to their points and records what came of it. Points that need more go back to the work. */
async function record(
  slice: readonly PointRun[],
  results: readonly FinishedExperiment[],
  journal: Journal,
  work: SweepWork,
): Promise<FinishedPoint[]> {
  const finished: FinishedPoint[] = [];
  const entries: JournalEntry[] = [];
  const waiting = new Set(slice);
  let turn = performance.now();
  for (const { index, tallies } of results) {
    const run = slice[index]!;
    const outcome = run.add(tallies);
    if (outcome) {
      waiting.delete(run);
      finished.push({ point: run.index, outcome });
      entries.push({ kind: 'finished', point: run.index, outcome });
    } else {
      entries.push({ kind: 'partial', point: run.index, tallies: run.tallies! });
    }
    if (performance.now() - turn < TURN_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    turn = performance.now();
  }
  if (entries.length > 0) await journal.append(entries);
  work.giveBack(waiting);
  return finished;
}

/** The points that are left, those that were begun first. */
class SweepWork {
  readonly #sweep: SweepPlan;
  readonly #journal: Journal;
  /** Begun, and waiting for their next shard; never more than a slice. */
  #begun: PointRun[] = [];
  #nextPoint = 0;

  constructor(sweep: SweepPlan, journal: Journal) {
    this.#sweep = sweep;
    this.#journal = journal;
  }

  /** Points whose next shards come to so many trial-steps, at least one while there are any. */
  async next(trialSteps: number): Promise<PointRun[]> {
    const slice: PointRun[] = [];
    let work = 0;
    while (slice.length < SLICE_POINTS && (work < trialSteps || slice.length === 0)) {
      const run = this.#begun.shift() ?? (await this.#begin());
      if (!run) break;
      slice.push(run);
      work += trialStepsOf(run.nextShard);
    }
    return slice;
  }

  giveBack(runs: Iterable<PointRun>): void {
    this.#begun = [...runs, ...this.#begun];
  }

  async #begin(): Promise<PointRun | undefined> {
    while (this.#journal.finished.has(this.#nextPoint)) this.#nextPoint++;
    if (this.#nextPoint >= this.#sweep.points) return undefined;
    const point = this.#nextPoint++;
    const tallies = this.#journal.partial.has(point) ? await this.#journal.readPartial(point) : undefined;
    return new PointRun(this.#sweep.pointAt(point), this.#sweep.spec, tallies);
  }
}
