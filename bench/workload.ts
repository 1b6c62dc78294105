/** Seconds that some runs of a workload took, all together. */
export interface Span {
  readonly wall: number;
  /** By the device's own clock, where it has one. */
  readonly gpu?: number;
}

/** What the closed form says of the runs of a workload. */
export interface Verdict {
  readonly correct: boolean;
  /** Chance of the worst of what was compared if the sampler is right. */
  readonly chance: number;
}

/** Something that is measured: open, ready to run. */
export interface Workload {
  readonly name: string;
  /** Runs it `repeats` times in a row. Whatever checks the results is outside the span. */
  run(repeats: number): Promise<Span>;
  /** Checks what has not been checked yet; the worst of all runs so far. */
  verify(): Promise<Verdict>;
  close(): void;
}

/** Keeps the worst of several verdicts. */
export class WorstVerdict {
  #verdict: Verdict = { correct: true, chance: 1 };

  add({ correct, chance }: Verdict): void {
    this.#verdict = {
      correct: this.#verdict.correct && correct,
      chance: Math.min(this.#verdict.chance, chance),
    };
  }

  get verdict(): Verdict {
    return this.#verdict;
  }
}

/** Runs work and tells how long it took. */
export async function timed(work: () => Promise<void>): Promise<Span> {
  const started = performance.now();
  await work();
  return { wall: (performance.now() - started) / 1000 };
}
