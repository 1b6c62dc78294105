import {
  type Agreement,
  agreementOf,
  type Curve,
  curveOf,
  type Engine,
  type ExperimentPlan,
  type PairingScheme,
  parseSpec,
  planExperiment,
  simulate,
} from '../../src/index.ts';
import { clusteredMean } from '../../src/stdp/clustered-mean.ts';
import { pairRuleSums, presynapticSpikes, type Tallies } from '../../src/stdp/tallies.ts';
import type { Settings } from '../compute/controls.ts';

/** What came of an experiment under one scheme. */
export interface SchemeOutcome {
  readonly scheme: PairingScheme;
  readonly plan: ExperimentPlan;
  readonly curve: Curve;
  readonly agreement: Agreement;
  /** What the pair rule adds up to per presynaptic spike, with its standard error over sequences. */
  readonly net: { readonly mean: number; readonly se: number | null } | null;
}

/** Small enough for a slider, large enough for a curve. */
const SIZE = { sequences: 200, steps: 160, trials: 200 } as const;
/** Postsynaptic voltage where its rate is constant: ρ = 0.8. */
const CONSTANT_VOLTAGE = 0.6;

/** The experiment that the settings describe, under a scheme. */
export function schemeSpec(scheme: PairingScheme, settings: Settings): object {
  const { peak, epsilon, window, coincidence, post } = settings;
  const neuron = { peak, epsilon };
  const drive = post === 'constant' ? { drive: { mean: CONSTANT_VOLTAGE, sd: 0 } } : {};
  return { ...SIZE, pre: neuron, post: { ...neuron, ...drive }, pairing: { scheme, window, coincidence } };
}

/** Runs an experiment under one scheme; `undefined` where the signal came first. */
export async function runScheme(
  engine: Engine,
  scheme: PairingScheme,
  settings: Settings,
  signal: AbortSignal,
): Promise<SchemeOutcome | undefined> {
  const plan = planExperiment(parseSpec(schemeSpec(scheme, settings)));
  const { tallies, interrupted } = await simulate(engine, plan, { signal });
  if (interrupted) return undefined;
  return {
    scheme,
    plan,
    curve: curveOf(tallies, plan),
    agreement: agreementOf(tallies, plan),
    net: netOf(tallies, plan),
  };
}

function netOf(tallies: Tallies, plan: ExperimentPlan): SchemeOutcome['net'] {
  const spikes = presynapticSpikes(tallies, plan);
  const sums = pairRuleSums(tallies, plan);
  const ofSequence = spikes.map((_, n) =>
    sums.subarray(n * plan.bins, (n + 1) * plan.bins).reduce((total, sum) => total + sum, 0),
  );
  const net = clusteredMean(ofSequence, spikes);
  return net && { mean: net.mean, se: net.standardError };
}
