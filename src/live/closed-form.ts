import { expectedCurve } from '../stdp/closed-form.ts';
import type { ExperimentPlan } from '../stdp/plan.ts';
import type { ExpectedCurve } from '../stdp/results.ts';
import type { Rates } from '../stdp/tallies.ts';

/** Sequences between two pauses: some ten milliseconds. */
const SEQUENCES_PER_TURN = 100;

/** The closed form for one trial of every sequence, computed in small pieces so that the page stays responsive. */
export async function closedFormOf(rates: readonly Rates[], plan: ExperimentPlan): Promise<ExpectedCurve> {
  const distances = 2 * plan.spec.pairing.window + 1;
  const pairs = new Float64Array(distances);
  const rateSums = new Float64Array(distances);
  const dwPairSums = new Float64Array(distances);
  for (const part of rates.flatMap((whole) => [...slices(whole, plan.spec.steps)])) {
    const expected = expectedCurve([part], plan, 1);
    for (let bin = 0; bin < distances; bin++) {
      pairs[bin]! += expected.pairs[bin]!;
      rateSums[bin]! += expected.pairs[bin]! * expected.dwRate[bin]!;
      dwPairSums[bin]! += expected.dwPairSums[bin]!;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { pairs, dwRate: rateSums.map((sum, bin) => (pairs[bin]! > 0 ? sum / pairs[bin]! : 0)), dwPairSums };
}

/** The closed form for so many trials. */
export function forTrials(perTrial: ExpectedCurve, trials: number): ExpectedCurve {
  const times = (values: Float64Array) => values.map((value) => value * trials);
  return { pairs: times(perTrial.pairs), dwRate: perTrial.dwRate, dwPairSums: times(perTrial.dwPairSums) };
}

function* slices(rates: Rates, steps: number): Iterable<Rates> {
  for (let first = 0; first < rates.sequences; first += SEQUENCES_PER_TURN) {
    const end = Math.min(rates.sequences, first + SEQUENCES_PER_TURN);
    const states = (values: Int32Array) => values.subarray(first * (steps + 1), end * (steps + 1));
    const probabilities = (values: Uint32Array) => values.subarray(first * steps, end * steps);
    yield {
      firstSequence: rates.firstSequence + first,
      sequences: end - first,
      preStates: states(rates.preStates),
      postStates: states(rates.postStates),
      preProbabilities: probabilities(rates.preProbabilities),
      postProbabilities: probabilities(rates.postProbabilities),
    };
  }
}
