import { powerOfTwo } from '../numeric/elementary.ts';
import type { CheckResult } from '../stdp/check.ts';
import { type ExperimentPlan, PROBABILITY_FRACTION_BITS } from '../stdp/plan.ts';
import type { Agreement, Curve, CurvePoint, Trace } from '../stdp/results.ts';
import type { RulePlan } from '../stdp/rule/plan-rule.ts';
import type { RuleTallies } from '../stdp/rule/rule-tallies.ts';
import { pairCounts, pairRuleSums, type Rates, spikeRuleSums, type Tallies } from '../stdp/tallies.ts';
import type { Column } from './csv.ts';

/** The columns of `curve.csv`, with those of the closed form where a check is given. */
export function curveColumns(
  { points, withoutActivities }: Curve,
  check?: Pick<CheckResult, 'expected' | 'pairsZ'>,
): Column[] {
  const column = (name: string, value: (point: CurvePoint) => number | null): Column => ({
    name,
    values: points.map(value),
  });
  const columns = [
    column('dt', ({ dt }) => dt),
    column('pairs', ({ pairs }) => pairs),
    ...(withoutActivities
      ? []
      : [
          column('dw_rate', ({ dwRate }) => dwRate),
          column('dw_rate_se', ({ dwRateSe }) => dwRateSe),
          column('dw_spike', ({ dwSpike }) => dwSpike),
          column('dw_spike_se', ({ dwSpikeSe }) => dwSpikeSe),
        ]),
    column('dw_pair', ({ dwPair }) => dwPair),
    column('dw_pair_se', ({ dwPairSe }) => dwPairSe),
    ...(points.some(({ dwUser }) => dwUser !== undefined)
      ? [column('dw_user', ({ dwUser }) => dwUser ?? null), column('dw_user_se', ({ dwUserSe }) => dwUserSe ?? null)]
      : []),
  ];
  if (!check) return columns;
  const { expected, pairsZ } = check;
  const whereExpected = (values: Float64Array) =>
    Array.from(values, (value, bin) => (expected.pairs[bin]! > 0 ? value : null));
  return [
    ...columns,
    { name: 'pairs_expected', values: expected.pairs },
    { name: 'pairs_z', values: whereExpected(pairsZ) },
    { name: 'dw_rate_expected', values: whereExpected(expected.dwRate) },
  ];
}

/** The columns of `agreement.csv`. */
export function agreementColumns({ bins, user }: Agreement): Column[] {
  return [
    { name: 'bin', values: bins.map(({ bin }) => bin) },
    { name: 'cells', values: bins.map(({ cells }) => cells) },
    { name: 'dw_rate', values: bins.map(({ dwRate }) => dwRate) },
    { name: 'dw_pair', values: bins.map(({ dwPair }) => dwPair) },
    { name: 'dw_pair_se', values: bins.map(({ dwPairSe }) => dwPairSe) },
    ...(user
      ? [
          { name: 'dw_user', values: bins.map(({ dwUser }) => dwUser ?? null) },
          { name: 'dw_user_se', values: bins.map(({ dwUserSe }) => dwUserSe ?? null) },
        ]
      : []),
  ];
}

/** The columns of `sequences.csv`: sums over trials, rules over the paired steps, spikes over all steps. */
export function sequenceColumns(tallies: Tallies, plan: ExperimentPlan): Column[] {
  const { bins, spec, rule } = plan;
  const { sequences, steps } = tallies.region;
  const unit = powerOfTwo(-plan.post.fractionBits);
  const perSequence = (value: (n: number) => number) => Float64Array.from({ length: sequences }, (_, n) => value(n));
  const distances = 2 * spec.pairing.window + 1;
  const pairs = pairCounts(tallies, plan);
  const pairSums = pairRuleSums(tallies, plan);
  const overDistances = (values: Float64Array, width: number) =>
    perSequence((n) => values.subarray(n * width, n * width + distances).reduce((sum, value) => sum + value, 0));
  const rateSums = perSequence((n) => {
    let sum = 0;
    for (let t = 0; t < steps; t++) sum += tallies.cellRates[n * steps + t]!;
    return sum * unit * tallies.trials;
  });
  return [
    { name: 'sequence', values: perSequence((n) => tallies.region.firstSequence + n) },
    { name: 'pre_spikes', values: tallies.preSpikes },
    { name: 'post_spikes', values: tallies.postSpikes },
    { name: 'pairs', values: overDistances(pairs, distances) },
    ...(plan.activities
      ? [
          { name: 'dw_rate', values: rateSums },
          { name: 'dw_spike', values: spikeRuleSums(tallies, plan).map((sum) => sum * unit) },
        ]
      : []),
    { name: 'dw_pair', values: overDistances(pairSums, bins) },
    ...(rule && tallies.rule ? [{ name: 'dw_user', values: perSequence(userSums(tallies.rule, rule, bins)) }] : []),
  ];
}

/** Sums of the user's rule over the pairs of a sequence. Each is one rounding of an exact sum. */
function userSums({ binSums }: RuleTallies, { fractionBits }: RulePlan, bins: number): (n: number) => number {
  const step = powerOfTwo(-fractionBits);
  return (n) => Number(binSums.subarray(n * bins, (n + 1) * bins).reduce((sum, part) => sum + part, 0n)) * step;
}

/** The columns of `rates.csv`: the exact values that the spikes of these sequences were drawn with. */
export function rateColumns(rates: Rates, plan: ExperimentPlan): Column[] {
  const { steps } = plan.spec;
  const cells = rates.sequences * steps;
  const column = (name: string, value: (n: number, t: number) => number): Column => ({
    name,
    values: Float64Array.from({ length: cells }, (_, cell) => value(Math.floor(cell / steps), cell % steps)),
  });
  const preUnit = powerOfTwo(-plan.pre.fractionBits);
  const postUnit = powerOfTwo(-plan.post.fractionBits);
  const probability = powerOfTwo(-PROBABILITY_FRACTION_BITS);
  const state = (n: number, t: number) => n * (steps + 1) + t;
  return [
    column('sequence', (n) => rates.firstSequence + n),
    column('t', (_, t) => t),
    column('s_pre', (n, t) => rates.preStates[state(n, t)]! * preUnit),
    column('s_post', (n, t) => rates.postStates[state(n, t)]! * postUnit),
    column('p_pre', (n, t) => rates.preProbabilities[n * steps + t]! * probability),
    column('p_post', (n, t) => rates.postProbabilities[n * steps + t]! * probability),
    column('ds_post', (n, t) => (rates.postStates[state(n, t + 1)]! - rates.postStates[state(n, t)]!) * postUnit),
  ];
}

/** The columns of `trace.csv`. @param activities whether there are activities, and a weight that follows them */
export function traceColumns(trace: Trace, activities: boolean): Column[] {
  const steps = trace.weight.length;
  return [
    { name: 't', values: Array.from({ length: steps }, (_, t) => t) },
    { name: 'pre_spike', values: trace.preSpikes },
    { name: 'post_spike', values: trace.postSpikes },
    ...(activities
      ? [
          { name: 's_pre', values: trace.sPre.subarray(0, steps) },
          { name: 's_post', values: trace.sPost.subarray(0, steps) },
          { name: 'weight', values: trace.weight },
        ]
      : []),
  ];
}
