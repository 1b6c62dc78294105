import { chiSquareTail } from '../../numeric/tails.ts';
import { clusteredMean } from '../../stdp/clustered-mean.ts';
import { pairRuleSums, presynapticSpikes, sameTallies, type Tallies } from '../../stdp/tallies.ts';
import { checkVerdict, type ExperimentResult } from '../experiment.ts';

/** A statement of the STDP paper (or of theory), held against a simulation. */
export interface Claim {
  readonly statement: string;
  /** Where the statement comes from. */
  readonly source: string;
  readonly found: string;
  readonly holds: boolean;
}

/** Statements below this chance do not hold. */
const SMALLEST_CHANCE = 1e-3;

/** Signs and decay of a curve: STDP paper Fig. 1, middle (`dwRate`) or right (`dwPairPerSpike`). */
export function claimShape({ curve }: ExperimentResult, measure: 'dwRate' | 'dwPairPerSpike', figure: string): Claim {
  const points = curve.points.filter((point) => point[measure] !== null);
  const wrongSigns = points.filter((point) => Math.sign(point[measure]!) !== Math.sign(point.dt));
  const side = (sign: number) =>
    points.filter(({ dt }) => Math.sign(dt) === sign).sort((a, b) => Math.abs(a.dt) - Math.abs(b.dt));
  const sides = [side(1), side(-1)];
  const ratios = sides.map((values) => values.at(-1)![measure]! / values[0]![measure]!);
  const text = (value: number) => value.toExponential(2);
  const [after, before] = sides.map((values) => `${text(values[0]![measure]!)} to ${text(values.at(-1)![measure]!)}`);
  return {
    statement:
      'The curve is positive where the postsynaptic spike follows, negative where it precedes, and falls off with distance.',
    source: figure,
    found: `${points.length - wrongSigns.length} of ${points.length} distances have the sign; ${after} after, ${before} before`,
    holds: wrongSigns.length === 0 && ratios.every((ratio) => ratio > 0 && ratio < 1),
  };
}

/** Agreement of the two rules: STDP paper Fig. 2 right. */
export function claimAgreement({ agreement }: ExperimentResult): Claim {
  const { binned, raw } = agreement.correlation;
  return {
    statement:
      'The nearest-neighbour rule and the rate rule agree on average: their binned correlation is at least 0.98.',
    source: 'STDP paper, Fig. 2 right',
    found: `binned ${binned?.toFixed(4) ?? '–'}, raw ${raw?.toFixed(4) ?? '–'}`,
    holds: binned !== null && binned >= 0.98,
  };
}

/**
 * For small rates and a noise drive the curve is c (1 − ε)^(d−1) for d > 0 and −c (1 − ε)^|d| for d < 0: minus the
 * derivative of the postsynaptic autocorrelation. c is fitted with the errors as weights. χ² takes
 * the distances as independent; that they share their sequences shows little (24 seeds gave 21 to 55 for 39 degrees).
 */
export function claimExponential(result: ExperimentResult): Claim {
  const { plan, curve } = result;
  const { epsilon } = plan.spec.post;
  const points = curve.points.filter(({ dwRateSe }) => dwRateSe !== null && dwRateSe > 0);
  const shape = points.map(({ dt }) => (dt > 0 ? (1 - epsilon) ** (dt - 1) : -((1 - epsilon) ** -dt)));
  let cross = 0;
  let square = 0;
  points.forEach(({ dwRate, dwRateSe }, index) => {
    cross += (dwRate! * shape[index]!) / dwRateSe! ** 2;
    square += shape[index]! ** 2 / dwRateSe! ** 2;
  });
  const c = cross / square;
  const chiSquare = points.reduce(
    (sum, { dwRate, dwRateSe }, index) => sum + ((dwRate! - c * shape[index]!) / dwRateSe!) ** 2,
    0,
  );
  const degrees = points.length - 1;
  return {
    statement: 'For small rates the curve is exponential, c (1 − ε)^(d−1) after and −c (1 − ε)^|d| before.',
    source: 'theory: minus the derivative of the autocorrelation of leaky-integrated noise',
    found: `c = ${c.toPrecision(4)}; χ² = ${chiSquare.toFixed(1)} for ${degrees} degrees of freedom`,
    holds: chiSquareTail(chiSquare, degrees) >= SMALLEST_CHANCE,
  };
}

/** What the pair rule adds up to, per presynaptic spike. */
export interface NetChange {
  readonly mean: number;
  /** Over sequences; 0 with a single one. */
  readonly standardError: number;
  /** The mean over its standard error; 0 where there is no error. */
  readonly z: number;
  /** The same sum of absolute values. */
  readonly gross: number;
}

/** Sums the pair rule over all pairs. */
export function netChange({ plan, simulation: { tallies } }: ExperimentResult): NetChange {
  const { bins } = plan;
  const spikes = presynapticSpikes(tallies, plan);
  const sums = pairRuleSums(tallies, plan);
  const perSpike = (part: (sum: number) => number) =>
    clusteredMean(
      spikes.map((_, n) => sums.subarray(n * bins, (n + 1) * bins).reduce((total, sum) => total + part(sum), 0)),
      spikes,
    );
  const net = perSpike((sum) => sum);
  const mean = net?.mean ?? 0;
  const standardError = net?.standardError ?? 0;
  return {
    mean,
    standardError,
    z: standardError > 0 ? mean / standardError : 0,
    gross: perSpike(Math.abs)?.mean ?? 0,
  };
}

/** No net change at a constant postsynaptic rate: STDP paper §3.2, end. */
export function claimNoChange(result: ExperimentResult): Claim {
  const { mean, standardError, gross, z } = netChange(result);
  const rateIsZero = result.simulation.tallies.rateSums.every((sum) => sum === 0n);
  const text = (value: number) => value.toExponential(1);
  return {
    statement: 'The average weight change is zero when the postsynaptic rate is constant, even if it is large.',
    source: 'STDP paper, §3.2',
    found: `nearest-neighbour rule: ${text(mean)} ± ${text(standardError)} per presynaptic spike, of ${text(gross)} in absolute value; rate rule: ${rateIsZero ? 'exactly 0' : 'not 0'}`,
    holds: rateIsZero && Math.abs(z) < 4,
  };
}

/** The sampler against the closed form. */
export function claimClosedForm({ check }: ExperimentResult, experiment: string): Claim {
  return {
    statement: `${experiment}: the numbers of pairs, the rate rule’s sums and the spikes are what the drawn rates imply.`,
    source: 'closed form',
    found: check ? checkVerdict(check) : 'not checked',
    holds: check?.passed ?? false,
  };
}

/** The reproducibility promise: the same counts and sums from kernels of another kind. */
export function claimSameBits(result: ExperimentResult, other: Tallies, runtimes: readonly [string, string]): Claim {
  const holds = sameTallies(result.simulation.tallies, other);
  const numbers = result.simulation.tallies.pairs.length * 3 + result.simulation.tallies.cellPairs.length * 2;
  return {
    statement: 'Every count and sum of the paper’s experiment is the same on another runtime, to the last bit.',
    source: 'this project’s promise',
    found: `${numbers} numbers from ${runtimes[0]} and from ${runtimes[1]} are ${holds ? 'equal' : 'not equal'}`,
    holds,
  };
}
