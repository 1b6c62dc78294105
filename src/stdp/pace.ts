/** Trial-steps of the first dispatch: small, so that progress shows and the speed is known. */
const FIRST_DISPATCH = 2 ** 21;
/** A dispatch of the default chunk aims at this many milliseconds: far below any watchdog, far above its overhead. */
const DISPATCH_MS = 100;
/** Fewer trials would leave a workgroup of a GPU partly idle. */
const FEWEST_TRIALS = 64;
/** No chunk is larger, so that a kernel's count of trials stays within 32 bits. */
const LARGEST_CHUNK = 2 ** 30;

/** Chooses chunk sizes from the speed seen so far. */
export class Pace {
  readonly #most: number;
  #trialStepsPerMs: number | undefined;

  constructor(most = LARGEST_CHUNK) {
    this.#most = Math.min(most, LARGEST_CHUNK);
  }

  chunk(stepsPerTrial: number, left: number): number {
    const work = this.#trialStepsPerMs === undefined ? FIRST_DISPATCH : this.#trialStepsPerMs * DISPATCH_MS;
    return Math.min(left, this.#most, Math.max(FEWEST_TRIALS, Math.floor(work / stepsPerTrial)));
  }

  measured(trialSteps: number, ms: number): void {
    const speed = trialSteps / Math.max(ms, 0.1);
    // At most eight-fold growth from one dispatch to the next.
    this.#trialStepsPerMs = Math.min(speed, 8 * (this.#trialStepsPerMs ?? FIRST_DISPATCH / DISPATCH_MS));
  }
}
