import { EngineError } from '../src/errors.ts';
import type { GpuContext } from '../src/gpu/context.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { defaultSpec } from '../src/stdp/spec-defaults.ts';
import { wholeRegion } from '../src/stdp/tallies.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { benchGroups, firstCurveName } from './entries.ts';
import { type Entry, type Group, type Means, type OpenNumpy, size } from './entry.ts';
import { MATRIX, type MatrixResult, measureMatrix } from './matrix.ts';
import { type Measurement, measureTogether, type Policy, quick, thorough } from './measure.ts';
import { type Operations, operationsPerTrialStep } from './operations.ts';
import { PassTimer } from './pass-timer.ts';
import { type PeakWorkload, peakWorkload } from './peak.ts';
import type { BenchReport, BenchResult, LeftOut, Machine } from './report.ts';
import type { Workload } from './workload.ts';

export interface SuiteOptions {
  readonly quick: boolean;
  /** Names of entries or groups; default all, of a quick benchmark all but the long groups. */
  readonly only?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SuiteProgress) => void;
}

/** How far the suite is. */
export interface SuiteProgress {
  /** Entries that are being measured. */
  readonly running: readonly string[];
  readonly done: number;
  readonly total: number;
  /** Results since the last call. */
  readonly results: readonly BenchResult[];
  readonly leftOut: readonly LeftOut[];
  readonly matrix: readonly MatrixResult[];
}

/** Where the suite runs. */
export interface Bench {
  readonly machine: Machine;
  readonly context?: GpuContext | undefined;
  readonly numpy?: OpenNumpy | undefined;
}

/** Trials in a quick benchmark. */
const QUICK_TRIALS = 200;
/** Vector widths for which operations are told: what is needed, SwiftShader's SSE, an NVIDIA warp. */
const LANES = [1, 4, 32] as const;

/**
 * Measures what was asked for.
 *
 * @throws EngineError `invalid-option` for a name that there is not, `aborted`, and what breaks in the engine.
 */
export async function runSuite(bench: Bench, options: SuiteOptions): Promise<BenchReport> {
  const { machine, context } = bench;
  const spec = parseSpec({ ...defaultSpec, ...(options.quick ? { trials: QUICK_TRIALS } : {}) });
  const groups = select(benchGroups(spec, { quick: options.quick, software: machine.software }), options);
  const timer = context && (await PassTimer.attach(context));
  const run = new Run({ context, timer, numpy: bench.numpy }, groups, options);
  const usesPeak = groups.some(({ entries }) => entries.some((entry) => entry.product));
  if (context && usesPeak) await run.preparePeak(spec);
  for (const group of groups) await run.measure(group);
  if (options.only?.includes(firstCurveName))
    run.leaveOut(firstCurveName, 'it needs runtime chrome of the command line');
  const asked = options.only ? options.only.includes(MATRIX) : !options.quick;
  const matrix = asked ? await run.measureMatrix() : undefined;
  return {
    ...machine,
    version: __PACKAGE_VERSION__,
    date: new Date().toISOString(),
    quick: options.quick,
    spec,
    timestamp_tick_s: timer ? timer.tick / 1e9 : null,
    peak_ops_per_s: run.peak ?? null,
    operations_per_trial_step: run.operations,
    results: run.results,
    ...(matrix ? { matrix } : {}),
    left_out: run.leftOut,
  };
}

/** Names that `only` may hold. */
export function entryNames(): string[] {
  const groups = benchGroups(defaultSpec, { quick: false, software: false });
  const measured = groups.flatMap(({ name, entries }) => [name, ...entries.map((entry) => entry.name)]);
  return [...new Set([...measured, firstCurveName, MATRIX])];
}

function select(groups: readonly Group[], { only, quick }: SuiteOptions): Group[] {
  for (const name of only ?? []) {
    if (entryNames().includes(name)) continue;
    const expected = `some of ${entryNames().join(', ')}`;
    throw new EngineError('invalid-option', `--only: ${JSON.stringify(name)} is not allowed; expected ${expected}`, {
      path: '--only',
      value: name,
      expected,
    });
  }
  return groups
    .filter(({ long }) => only !== undefined || !(long && quick))
    .map((group) => ({
      ...group,
      entries: group.entries.filter((entry) => !only || only.includes(entry.name) || only.includes(group.name)),
    }))
    .filter(({ entries }) => entries.length > 0);
}

class Run {
  readonly results: BenchResult[] = [];
  readonly leftOut: LeftOut[] = [];
  operations: Operations[] = [];
  peak: number | undefined;
  readonly #means: Means;
  readonly #options: SuiteOptions;
  readonly #policy: Policy;
  readonly #total: number;
  #peakWorkload: PeakWorkload | undefined;

  constructor(means: Means, groups: readonly Group[], options: SuiteOptions) {
    this.#means = means;
    this.#options = options;
    this.#policy = options.quick ? quick : thorough;
    const elsewhere = options.only?.includes(firstCurveName) ? 1 : 0;
    this.#total = groups.reduce((sum, { entries }) => sum + entries.length, elsewhere);
  }

  /** Makes the first group that is measured find the adapter's peak too, beside the kernel that is held against it. */
  async preparePeak(spec: BenchReport['spec']): Promise<void> {
    const plan = planExperiment(spec);
    const tile = await twinEngine().openTile(plan, wholeRegion(plan, 0, spec.sequences));
    const rates = await tile.readRates();
    this.operations = LANES.map((lanes) => operationsPerTrialStep(plan, rates, lanes));
    this.#peakWorkload = await peakWorkload(this.#means.context!, this.#means.timer);
  }

  async measure({ entries }: Group): Promise<void> {
    const open: { entry: Entry; workload: Workload }[] = [];
    const running = entries.map(({ name }) => name);
    this.#tell(running, [], []);
    try {
      for (const entry of entries) {
        const workload = await this.#open(entry);
        if (workload) open.push({ entry, workload });
      }
      const foreign = open.length > 0 && open.every(({ entry }) => entry.foreign);
      try {
        await this.#measureOpen(open);
      } catch (error) {
        if (!foreign || isAbort(error)) throw error;
        for (const { entry } of open) this.leaveOut(entry.name, messageOf(error));
      }
    } finally {
      for (const { workload } of open) workload.close();
    }
  }

  /** Products beside their baselines; `undefined` without a GPU. */
  async measureMatrix(): Promise<readonly MatrixResult[] | undefined> {
    const { context } = this.#means;
    if (!context) {
      this.leaveOut(MATRIX, 'it needs WebGPU');
      return undefined;
    }
    this.#tell([MATRIX], [], []);
    return measureMatrix(context, this.#policy, this.#options.signal, (results, leftOut) => {
      for (const reason of leftOut) this.leaveOut('matrix-tfjs', reason);
      this.#tell([], [], [], results);
    });
  }

  async #measureOpen(open: readonly { entry: Entry; workload: Workload }[]): Promise<void> {
    if (open.length === 0) return;
    const peak = this.#peakWorkload;
    this.#peakWorkload = undefined;
    const workloads = [...(peak ? [peak] : []), ...open.map(({ workload }) => workload)];
    const tick = this.#means.timer?.tick ?? 0;
    const measured = [...(await measureTogether(workloads, this.#policy, tick, this.#options.signal))];
    if (peak) {
      const { gpu, wall } = measured.shift()!;
      const { correct } = await peak.verify();
      if (correct) this.peak = peak.operations / (gpu ?? wall).median;
      else this.leftOut.push({ name: 'integer-peak', reason: 'its kernel computes something else than it says' });
      peak.close();
    }
    for (const [index, { entry, workload }] of open.entries()) {
      const result = await this.#result(entry, workload, measured[index]!);
      this.results.push(result);
      this.#tell([], [result], []);
    }
  }

  async #open(entry: Entry): Promise<Workload | undefined> {
    const missing = this.#missing(entry);
    if (missing) {
      this.leaveOut(entry.name, missing);
      return undefined;
    }
    try {
      return await entry.open(this.#means);
    } catch (error) {
      if (!entry.foreign || isAbort(error)) throw error;
      this.leaveOut(entry.name, messageOf(error));
      return undefined;
    }
  }

  #missing({ needs }: Entry): string | undefined {
    if (needs === 'gpu' && !this.#means.context) return 'it needs WebGPU';
    if (needs === 'python' && !this.#means.numpy) return 'it needs a command line with python3 and numpy';
    return undefined;
  }

  leaveOut(name: string, reason: string): void {
    const left = { name, reason };
    this.leftOut.push(left);
    this.#tell([], [], [left]);
  }

  #tell(
    running: readonly string[],
    results: readonly BenchResult[],
    leftOut: readonly LeftOut[],
    matrix: readonly MatrixResult[] = [],
  ): void {
    const done = this.results.length + this.leftOut.length;
    this.#options.onProgress?.({ running, done, total: this.#total, results, leftOut, matrix });
  }

  async #result(entry: Entry, workload: Workload, { wall, gpu, repeats, steady }: Measurement): Promise<BenchResult> {
    const { sequences, steps, trials } = entry.spec;
    const trialSteps = size(entry.spec) * (entry.experiments ?? 1);
    const needed = this.operations[0]?.total;
    const hasShare = entry.product && needed !== undefined && this.peak !== undefined;
    const { correct, chance } = await workload.verify();
    return {
      name: entry.name,
      what: entry.what,
      kind: entry.kind,
      sequences,
      steps,
      trials,
      trial_steps: trialSteps,
      median_s: wall.median,
      spread_s: wall.spread,
      interval_s: wall.interval ?? null,
      gpu_median_s: gpu?.median ?? null,
      gpu_spread_s: gpu?.spread ?? null,
      samples: wall.samples,
      repeats,
      steady,
      trial_steps_per_s: trialSteps / wall.median,
      gpu_trial_steps_per_s: gpu ? trialSteps / gpu.median : null,
      correct,
      chance,
      share_of_peak: hasShare ? (needed * trialSteps) / (gpu ?? wall).median / this.peak! : null,
    };
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'aborted';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
