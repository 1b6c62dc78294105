import type { PointOutcome } from '../../src/index.ts';
import type { CurvePoint } from '../../src/stdp/results.ts';
import type { FinishedBatch, SweepOutline, WatchedCurve } from './messages.ts';

/** A batch waits for more points so long: pictures a second are plenty. */
const WAIT_MS = 100;
/** Most points of a batch, so that taking one in is short work for the page. */
const MOST_POINTS = 1024;

/** Collects finished points and sends them on together. */
export class BatchSender {
  readonly #outline: SweepOutline;
  readonly #send: (batch: FinishedBatch, transfer: Transferable[]) => void;
  #waiting: { readonly point: number; readonly outcome: PointOutcome }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outline: SweepOutline, send: (batch: FinishedBatch, transfer: Transferable[]) => void) {
    this.#outline = outline;
    this.#send = send;
  }

  add(point: number, outcome: PointOutcome): void {
    this.#waiting.push({ point, outcome });
    if (this.#waiting.length >= MOST_POINTS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const batch = batchOf(this.#waiting, this.#outline);
    this.#waiting = [];
    this.#send(
      batch,
      Object.values(batch).map(({ buffer }) => buffer),
    );
  }
}

function batchOf(
  finished: readonly { readonly point: number; readonly outcome: PointOutcome }[],
  { measures }: SweepOutline,
): FinishedBatch {
  const count = finished.length;
  const values = new Float32Array(count * measures.length).fill(Number.NaN);
  const errors = new Float32Array(count * measures.length).fill(Number.NaN);
  finished.forEach(({ outcome }, row) => {
    measures.forEach((name, column) => {
      const estimate = outcome.measures[name];
      values[row * measures.length + column] = estimate?.value ?? Number.NaN;
      errors[row * measures.length + column] = estimate?.se ?? Number.NaN;
    });
  });
  return {
    points: Uint32Array.from(finished, ({ point }) => point),
    trials: Uint32Array.from(finished, ({ outcome }) => outcome.trials),
    converged: Uint8Array.from(finished, ({ outcome }) => (outcome.converged === false ? 0 : 1)),
    values,
    errors,
    curvePeaks: Float32Array.from(finished, ({ outcome }) => peakOf(outcome.curve ?? [])),
  };
}

/** Largest |ΔW| that stands clear of its error: a distance with three pairs in all is no peak. */
function peakOf(curve: readonly CurvePoint[]): number {
  let peak = 0;
  for (const { dwRate, dwRateSe } of curve) {
    const size = Math.abs(dwRate ?? 0);
    if (size > peak && dwRateSe !== null && size > 2 * dwRateSe) peak = size;
  }
  return peak;
}

export function watchedCurve(point: number, curve: readonly CurvePoint[]): WatchedCurve {
  return {
    point,
    dw: Float32Array.from(curve, ({ dwRate }) => dwRate ?? Number.NaN),
    se: Float32Array.from(curve, ({ dwRateSe }) => dwRateSe ?? Number.NaN),
  };
}
