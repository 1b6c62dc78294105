import { agreementOf } from '../stdp/agreement.ts';
import { type CheckResult, checkTallies } from '../stdp/check.ts';
import { curveOf } from '../stdp/curve.ts';
import { type ExperimentPlan, planExperiment } from '../stdp/plan.ts';
import type { Agreement, Curve, Trace } from '../stdp/results.ts';
import type { Simulation } from '../stdp/simulate.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { traceOf } from '../stdp/trace.ts';
import { abortedError } from './machine/unless-aborted.ts';
import { withProgress } from './progress.ts';
import type { Runtime } from './runtimes/runtime.ts';

export interface ExperimentRequest {
  readonly spec: ExperimentSpec;
  readonly chunk?: number | undefined;
  /** Compare with the closed form. */
  readonly check: boolean;
  /** Keep the rates. */
  readonly rates: boolean;
  readonly trace: { readonly sequence: number; readonly trial: number };
  readonly signal: AbortSignal;
  /** Text before the progress bar; no bar where undefined. */
  readonly label?: string | undefined;
}

/** An experiment that was run, and what follows from its tallies. */
export interface ExperimentResult {
  readonly plan: ExperimentPlan;
  readonly simulation: Simulation;
  readonly curve: Curve;
  readonly agreement: Agreement;
  readonly check: CheckResult | undefined;
  /** Absent where an interruption came before the trial. */
  readonly trace: Trace | undefined;
  readonly seconds: { readonly simulation: number; readonly analysis: number };
}

/**
 * Runs one experiment and analyses it.
 *
 * @throws EngineError `aborted` where the signal came before anything was finished.
 */
export async function runExperiment(runtime: Runtime, request: ExperimentRequest): Promise<ExperimentResult> {
  const plan = planExperiment(request.spec);
  const started = performance.now();
  const simulation = await withProgress(request.label, (onProgress) =>
    runtime.simulate(plan, {
      ...(request.chunk === undefined ? {} : { chunk: request.chunk }),
      rates: request.check || request.rates,
      traces: [request.trace],
      signal: request.signal,
      onProgress,
    }),
  );
  const simulated = performance.now();
  const { tallies } = simulation;
  if (tallies.region.sequences === 0 || tallies.trials === 0) {
    throw abortedError();
  }
  const curve = curveOf(tallies, plan);
  const agreement = agreementOf(tallies, plan);
  const check = request.check ? checkTallies(tallies, simulation.rates, plan) : undefined;
  const [record] = simulation.trials;
  return {
    plan,
    simulation,
    curve,
    agreement,
    check,
    trace: record && traceOf(record, plan),
    seconds: { simulation: (simulated - started) / 1000, analysis: (performance.now() - simulated) / 1000 },
  };
}

/** Says in one line what the check found. */
export function checkVerdict({ parts, chance, passed }: CheckResult): string {
  const worst = parts.reduce((least, part) => (part.chance < least.chance ? part : least));
  const statistic = `${worst.name.startsWith('pairs, all') ? 'χ²' : 'z'} = ${worst.statistic.toPrecision(4)}`;
  const detail = `worst part: ${worst.name}, ${statistic}, chance ${worst.chance.toExponential(1)}`;
  return passed
    ? `the closed form agrees (chance ${chance.toPrecision(2)}; ${detail})`
    : `the closed form disagrees: the chance of these results is ${chance.toExponential(1)} (${detail})`;
}
