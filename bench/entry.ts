import type { GpuContext } from '../src/gpu/context.ts';
import type { ExperimentPlan } from '../src/stdp/plan.ts';
import type { ExperimentSpec } from '../src/stdp/spec.ts';
import type { Rates } from '../src/stdp/tallies.ts';
import type { PassTimer } from './pass-timer.ts';
import type { BenchResult } from './report.ts';
import type { Workload } from './workload.ts';

/** Opens the numpy baseline; a browser cannot. */
export type OpenNumpy = (
  name: string,
  plan: ExperimentPlan,
  rates: Rates,
) => Promise<Workload & { readonly versions: string }>;

/** What entries may use. */
export interface Means {
  readonly context: GpuContext | undefined;
  readonly timer: PassTimer | undefined;
  readonly numpy: OpenNumpy | undefined;
}

/** One line of the benchmark, before it is measured. */
export interface Entry {
  readonly name: string;
  readonly what: string;
  readonly kind: BenchResult['kind'];
  readonly spec: ExperimentSpec;
  /** Experiments of this size in a run, default 1. */
  readonly experiments?: number;
  /** What it needs to run at all. */
  readonly needs: 'gpu' | 'python' | 'nothing';
  /** Computes with the product kernel on the GPU, so that it can be held against the adapter's peak. */
  readonly product?: boolean;
  /** Somebody else's software, whose failure is no failure of the benchmark. */
  readonly foreign?: boolean;
  open(means: Means): Promise<Workload>;
}

/** Entries that are measured side by side. */
export interface Group {
  /** May stand for all its entries in `--only`. */
  readonly name: string;
  /** Left out of a quick benchmark. */
  readonly long?: boolean;
  readonly entries: readonly Entry[];
}

/** Sequences × steps × trials. */
export function size({ sequences, steps, trials }: Pick<ExperimentSpec, 'sequences' | 'steps' | 'trials'>): number {
  return sequences * steps * trials;
}
