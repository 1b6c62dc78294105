import type { SweepProgress } from './run-sweep.ts';

/** Trial-steps of the first slice of work, before the speed is known. */
const FIRST_SLICE = 2 ** 22;
/**
 * A slice of work takes this long to simulate or to analyse, whatever takes longer: then its points are recorded, shown,
 * and the speed is looked at again.
 */
const SLICE_MS = 500;
/** Growth from one slice to the next, at most. */
const GROWTH = 4;

/** Measures a sweep's speed, and sizes its slices by it. */
export class SweepClock {
  readonly #started = performance.now();
  readonly #points: number;
  readonly #before: number;
  #done = 0;
  #trialSteps = 0;
  #slice = FIRST_SLICE / GROWTH;
  /** Trial-steps per millisecond. */
  #simulation = Number.POSITIVE_INFINITY;
  #analysis = Number.POSITIVE_INFINITY;

  constructor(points: number, finishedBefore: number) {
    this.#points = points;
    this.#before = finishedBefore;
  }

  /** Trial-steps of the next slice. */
  nextSlice(): number {
    this.#slice = Math.min(SLICE_MS * Math.min(this.#simulation, this.#analysis), GROWTH * this.#slice);
    return this.#slice;
  }

  simulated(trialSteps: number, ms: number): void {
    if (trialSteps > 0) this.#simulation = trialSteps / Math.max(ms, 1);
  }

  /** @param points that are finished with these trial-steps */
  recorded(trialSteps: number, ms: number, points: number): void {
    this.#trialSteps += trialSteps;
    this.#done += points;
    if (trialSteps > 0) this.#analysis = trialSteps / Math.max(ms, 1);
  }

  get progress(): SweepProgress {
    const seconds = (performance.now() - this.#started) / 1000;
    const left = this.#points - this.#before - this.#done;
    return {
      points: { done: this.#before + this.#done, total: this.#points },
      trialSteps: this.#trialSteps,
      trialStepsPerSecond: this.#trialSteps / seconds,
      secondsLeft: this.#done > 0 ? (seconds / this.#done) * left : undefined,
    };
  }
}
