import { powerOfTwo } from '../numeric/elementary.ts';
import { normalTwoSided, poissonTwoSided } from '../numeric/tails.ts';
import { expectedPairRule, expectedSequence, pairedStepsOf, sequencesOf } from './closed-form.ts';
import { PairCorrelation, quadraticTail } from './pair-correlation.ts';
import type { ExperimentPlan } from './plan.ts';
import type { ExpectedCurve } from './results.ts';
import { pairCounts, pairRuleSums, type Rates, type Tallies } from './tallies.ts';

/** The check fails where the chance of what was seen is below this. */
export const SMALLEST_CHANCE = 1e-6;
/** Distances with fewer expected pairs are left out of χ² (they still count on their own). */
const FEWEST_PAIRS_FOR_CHI_SQUARE = 10;

/** One way in which the sampler is compared with the closed form. */
export interface CheckPart {
  readonly name:
    | 'pairs, all distances'
    | 'pairs, worst distance'
    | 'rate rule, worst distance'
    | 'pair rule, worst distance'
    | 'presynaptic spikes'
    | 'postsynaptic spikes';
  /** χ² for all distances, otherwise the z-score. */
  readonly statistic: number;
  /** Chance of a statistic at least as extreme if the sampler is right, corrected for the number of distances. */
  readonly chance: number;
}

/** Simulation against closed form (SPEC §3). */
export interface CheckResult {
  readonly expected: ExpectedCurve;
  /** (pairs − expected) / √expected at each distance, shape [2D + 1]; 0 where no pair is expected and none came. */
  readonly pairsZ: Float64Array;
  readonly parts: readonly CheckPart[];
  /** Chance of the worst part, corrected for the number of parts. */
  readonly chance: number;
  readonly passed: boolean;
}

/**
 * Compares tallies with the exact expectation from the rates that their spikes were drawn with.
 *
 * Pairs: under every scheme, pairs of one trial at one distance are independent or exclude each other, so the z-scores
 * have variance at most 1 and each distance is held against Poisson tails; all together by Σ z², whose terms are
 * correlated where pairs share spikes (`PairCorrelation`). Spike counts have exact binomial variances. The rate
 * rule's sums are compared over sequences, which are independent given their rates, and so are those of the pair rule
 * under the triplet schemes; under others they follow from the numbers of pairs.
 */
export function checkTallies(tallies: Tallies, rates: readonly Rates[], plan: ExperimentPlan): CheckResult {
  const totals = compareSequences(tallies, rates, plan);
  const { expected, observed, pairRuleZ } = totals;
  const { window } = plan.spec.pairing;
  // Without a bin for spikes there is none for pairs at d = 0 either.
  const distances = Array.from(observed, (_, bin) => bin).filter(
    (bin) => bin !== window || plan.spikeBin !== undefined,
  );
  const pairsZ = Float64Array.from(observed, (count, bin) =>
    zScore(count - expected.pairs[bin]!, expected.pairs[bin]!),
  );

  const worstOf = (name: CheckPart['name'], z: (bin: number) => number, chance: (bin: number) => number): CheckPart => {
    const worst = distances.reduce((least, bin) => (chance(bin) < chance(least) ? bin : least), distances[0]!);
    return { name, statistic: z(worst), chance: Math.min(1, chance(worst) * distances.length) };
  };
  const parts: CheckPart[] = [
    chiSquarePart(pairsZ, totals, distances),
    worstOf(
      'pairs, worst distance',
      (bin) => pairsZ[bin]!,
      (bin) => poissonTwoSided(observed[bin]!, expected.pairs[bin]!),
    ),
    worstOf(
      'rate rule, worst distance',
      (bin) => totals.rateZ[bin]!,
      (bin) => normalTwoSided(totals.rateZ[bin]!),
    ),
    ...(pairRuleZ
      ? [
          worstOf(
            'pair rule, worst distance',
            (bin) => pairRuleZ[bin]!,
            (bin) => normalTwoSided(pairRuleZ[bin]!),
          ),
        ]
      : []),
    spikePart('presynaptic spikes', totals.preSpikes),
    spikePart('postsynaptic spikes', totals.postSpikes),
  ];
  const chance = Math.min(1, parts.length * Math.min(...parts.map((part) => part.chance)));
  return { expected, pairsZ, parts, chance, passed: chance >= SMALLEST_CHANCE };
}

interface SpikeTotals {
  observed: number;
  expected: number;
  variance: number;
}

interface Totals {
  readonly observed: Float64Array;
  readonly expected: ExpectedCurve;
  readonly rateZ: Float64Array;
  /** Under the triplet schemes. */
  readonly pairRuleZ: Float64Array | undefined;
  readonly preSpikes: SpikeTotals;
  readonly postSpikes: SpikeTotals;
  /** Correlation of the numbers of pairs at two distances, shape [2D + 1][2D + 1]. */
  readonly correlation: Float64Array;
}

function compareSequences(tallies: Tallies, rates: readonly Rates[], plan: ExperimentPlan): Totals {
  const { trials } = tallies;
  const paired = pairedStepsOf(plan);
  const distances = 2 * plan.spec.pairing.window + 1;
  const unit = powerOfTwo(-plan.post.fractionBits);
  const observed = new Float64Array(distances);
  const [pairs, rateSums] = [new Float64Array(distances), new Float64Array(distances)];
  const rateRule = new Residuals(distances);
  const pairRule = new Residuals(distances);
  const dwPairSums = new Float64Array(distances);
  const preSpikes: SpikeTotals = { observed: 0, expected: 0, variance: 0 };
  const postSpikes: SpikeTotals = { observed: 0, expected: 0, variance: 0 };
  const addSpikes = (total: SpikeTotals, count: number, moments: { mean: number; variance: number }) => {
    total.observed += count;
    total.expected += trials * moments.mean;
    total.variance += trials * moments.variance;
  };
  const counts = pairCounts(tallies, plan);
  const pairSums = pairRuleSums(tallies, plan);
  const correlation = new PairCorrelation(
    paired,
    rates.reduce((sum, { sequences }) => sum + sequences, 0),
  );

  let n = 0;
  for (const sequence of sequencesOf(rates, plan)) {
    const expected = expectedSequence(sequence, paired);
    const pairRuleSum = expectedPairRule(sequence, plan, expected.pairs);
    correlation.add(sequence);
    for (let bin = 0; bin < distances; bin++) {
      observed[bin]! += counts[n * distances + bin]!;
      pairs[bin]! += trials * expected.pairs[bin]!;
      rateSums[bin]! += trials * expected.rateSums[bin]!;
      const at = n * plan.bins + bin;
      rateRule.add(bin, Number(tallies.rateSums[at]!) * unit - trials * expected.rateSums[bin]!);
      dwPairSums[bin]! += trials * pairRuleSum[bin]!;
      pairRule.add(bin, pairSums[at]! - trials * pairRuleSum[bin]!);
    }
    addSpikes(preSpikes, tallies.preSpikes[n]!, expected.preSpikes);
    addSpikes(postSpikes, tallies.postSpikes[n]!, expected.postSpikes);
    n++;
  }
  return {
    observed,
    expected: {
      pairs,
      dwRate: rateSums.map((sum, bin) => (pairs[bin]! > 0 ? sum / pairs[bin]! : 0)),
      dwPairSums,
    },
    rateZ: rateRule.zScores(),
    pairRuleZ: plan.triplet && pairRule.zScores(),
    preSpikes,
    postSpikes,
    correlation: correlation.matrix(),
  };
}

/** What a rule's sums differ by from their expectation, over independent sequences, by distance. */
class Residuals {
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  constructor(distances: number) {
    this.#sums = new Float64Array(distances);
    this.#squares = new Float64Array(distances);
  }

  add(bin: number, residual: number): void {
    this.#sums[bin]! += residual;
    this.#squares[bin]! += residual * residual;
  }

  zScores(): Float64Array {
    return this.#sums.map((sum, bin) => zScore(sum, this.#squares[bin]!));
  }
}

/** difference / √variance; 0 for 0 / 0. */
function zScore(difference: number, variance: number): number {
  if (variance > 0) return difference / Math.sqrt(variance);
  return difference === 0 ? 0 : Math.sign(difference) * Number.MAX_VALUE;
}

function spikePart(name: CheckPart['name'], { observed, expected, variance }: SpikeTotals): CheckPart {
  const statistic = zScore(observed - expected, variance);
  // Few expected spikes, or few expected silences, are Poisson rather than normal.
  const chance = variance < 1000 ? poissonTwoSidedOfRarer(observed - expected, variance) : normalTwoSided(statistic);
  return { name, statistic, chance };
}

/** Two-sided tail of a count with small variance, whose shape is that of a Poisson variable about its mean. */
function poissonTwoSidedOfRarer(difference: number, variance: number): number {
  if (variance === 0) return difference === 0 ? 1 : 0;
  return poissonTwoSided(Math.max(0, Math.round(variance + Math.abs(difference))), variance);
}

function chiSquarePart(pairsZ: Float64Array, totals: Totals, distances: readonly number[]): CheckPart {
  const enough = distances.filter((bin) => totals.expected.pairs[bin]! >= FEWEST_PAIRS_FOR_CHI_SQUARE);
  const name = 'pairs, all distances';
  if (enough.length === 0) return { name, statistic: 0, chance: 1 };
  const statistic = enough.reduce((sum, bin) => sum + pairsZ[bin]! ** 2, 0);
  const among = enough.map((bin) =>
    Float64Array.from(enough, (other) => totals.correlation[bin * pairsZ.length + other]!),
  );
  return { name, statistic, chance: quadraticTail(statistic, among) };
}
