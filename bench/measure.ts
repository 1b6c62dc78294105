import { EngineError } from '../src/errors.ts';
import { repeatsFor } from './clock.ts';
import { relativeUncertainty, type Summary, summarize } from './statistics.ts';
import type { Workload } from './workload.ts';

/** When a median counts as steady, and when to stop waiting for it. */
export interface Policy {
  /** Half-width of the median's 95 % interval over the median. */
  readonly uncertainty: number;
  readonly leastSamples: number;
  readonly mostSamples: number;
  /** Seconds for one workload, its least number of samples excepted. */
  readonly budget: number;
  /** A sample takes at least this many seconds; what is shorter is repeated within it. */
  readonly leastSpan: number;
}

export const thorough: Policy = { uncertainty: 0.02, leastSamples: 6, mostSamples: 40, budget: 20, leastSpan: 0.03 };
export const quick: Policy = { uncertainty: 0.05, leastSamples: 2, mostSamples: 10, budget: 2, leastSpan: 0.02 };

/** Where a sample takes this share of the budget, two less than `leastSamples` will do. */
const LONG_SAMPLE = 0.25;
const FEWEST_SAMPLES = 2;

/** What was measured of one workload; seconds per run. */
export interface Measurement {
  readonly wall: Summary;
  readonly gpu?: Summary;
  /** Runs within one sample. */
  readonly repeats: number;
  /** Whether the median became steady before the budget was spent. */
  readonly steady: boolean;
}

/**
 * Measures workloads side by side: one sample of each in turn, so that what else the machine does falls on all of
 * them alike and their ratios hold. Each is run twice before: once for what is compiled and allocated at first, once
 * to see how often it is to be repeated within a sample.
 *
 * @param tick of the device's clock in nanoseconds, 0 where there is none.
 */
export async function measureTogether(
  workloads: readonly Workload[],
  policy: Policy,
  tick: number,
  signal?: AbortSignal,
): Promise<readonly Measurement[]> {
  const series = [];
  for (const workload of workloads) series.push(await Series.start(workload, policy, tick, signal));
  for (let open = series; open.length > 0; open = open.filter((one) => !one.done)) {
    for (const one of open) await one.sample(signal);
  }
  return series.map((one) => one.measurement);
}

class Series {
  readonly #workload: Workload;
  readonly #policy: Policy;
  readonly #repeats: number;
  readonly #wall: number[] = [];
  readonly #gpu: number[] = [];
  #spent = 0;

  private constructor(workload: Workload, policy: Policy, repeats: number) {
    this.#workload = workload;
    this.#policy = policy;
    this.#repeats = repeats;
  }

  static async start(workload: Workload, policy: Policy, tick: number, signal?: AbortSignal): Promise<Series> {
    throwIfAborted(signal);
    const first = await workload.run(1);
    throwIfAborted(signal);
    const { wall, gpu } = first.wall > policy.budget * LONG_SAMPLE ? first : await workload.run(1);
    const repeats = Math.max(
      repeatsFor(wall, 0, policy.leastSpan),
      gpu === undefined ? 1 : repeatsFor(gpu, tick, policy.leastSpan),
    );
    return new Series(workload, policy, repeats);
  }

  get done(): boolean {
    const samples = this.#wall.length;
    const { leastSamples, mostSamples, budget, uncertainty } = this.#policy;
    const long = this.#spent > samples * budget * LONG_SAMPLE;
    const least = long ? FEWEST_SAMPLES : leastSamples;
    if (samples < least) return false;
    if (samples >= mostSamples || this.#spent >= budget) return true;
    return this.#uncertainty() <= uncertainty;
  }

  async sample(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const started = performance.now();
    const { wall, gpu } = await this.#workload.run(this.#repeats);
    this.#wall.push(wall / this.#repeats);
    if (gpu !== undefined) this.#gpu.push(gpu / this.#repeats);
    this.#spent += (performance.now() - started) / 1000;
  }

  /** Of the clock that is trusted more. */
  #uncertainty(): number {
    return relativeUncertainty(summarize(this.#gpu.length > 0 ? this.#gpu : this.#wall));
  }

  get measurement(): Measurement {
    return {
      wall: summarize(this.#wall),
      ...(this.#gpu.length > 0 ? { gpu: summarize(this.#gpu) } : {}),
      repeats: this.#repeats,
      steady: this.#uncertainty() <= this.#policy.uncertainty,
    };
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError('aborted', 'interrupted; a benchmark that is not complete is not written');
}
