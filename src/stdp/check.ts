import { powerOfTwo } from '../numeric/elementary.ts';
import { chiSquareTail, normalTwoSided, poissonTwoSided } from '../numeric/tails.ts';
import { expectedSequence, type SequenceRates, sequencesOf } from './closed-form.ts';
import type { ExperimentPlan } from './plan.ts';
import type { ExpectedCurve } from './results.ts';
import type { Rates, Tallies } from './tallies.ts';

/** The check fails where the chance of what was seen is below this. */
export const SMALLEST_CHANCE = 1e-6;
/** Distances with fewer expected pairs are left out of χ² (they still count on their own). */
const FEWEST_PAIRS_FOR_CHI_SQUARE = 10;
/** Terms of the closed form from which the correlation between distances is taken. */
const TERMS_FOR_CORRELATION = 2 ** 20;

/** One way in which the sampler is compared with the closed form. */
export interface CheckPart {
  readonly name:
    | 'pairs, all distances'
    | 'pairs, worst distance'
    | 'rate rule, worst distance'
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
 * Pairs: the z-scores have variance at most 1 (pairs of one trial at one distance exclude each other), so each
 * distance is held against Poisson tails; all together by χ² with the degrees of freedom lowered for the positive
 * correlation of distances that share a postsynaptic spike (Satterthwaite). Spike counts have exact binomial
 * variances. The rate rule's sums are compared over sequences, which are independent given their rates.
 */
export function checkTallies(tallies: Tallies, rates: readonly Rates[], plan: ExperimentPlan): CheckResult {
  const totals = compareSequences(tallies, rates, plan);
  const { expected, observed, window } = totals;
  const distances = Array.from({ length: plan.bins }, (_, bin) => bin).filter((bin) => bin !== window);
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
  readonly window: number;
  readonly observed: Float64Array;
  readonly expected: ExpectedCurve;
  readonly rateZ: Float64Array;
  readonly preSpikes: SpikeTotals;
  readonly postSpikes: SpikeTotals;
  /** Correlation of the numbers of pairs at two distances, bounded from above, shape [bins][bins]. */
  readonly correlation: Float64Array;
}

function compareSequences(tallies: Tallies, rates: readonly Rates[], plan: ExperimentPlan): Totals {
  const { bins } = plan;
  const { trials } = tallies;
  const unit = powerOfTwo(-plan.post.fractionBits);
  const [observed, pairs, rateSums, residuals, squares] = Array.from({ length: 5 }, () => new Float64Array(bins)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const preSpikes: SpikeTotals = { observed: 0, expected: 0, variance: 0 };
  const postSpikes: SpikeTotals = { observed: 0, expected: 0, variance: 0 };
  const addSpikes = (total: SpikeTotals, count: number, moments: { mean: number; variance: number }) => {
    total.observed += count;
    total.expected += trials * moments.mean;
    total.variance += trials * moments.variance;
  };
  const correlation = new CorrelationBound(bins);

  let n = 0;
  for (const sequence of sequencesOf(rates, plan)) {
    const expected = expectedSequence(sequence, plan, correlation.visitor(sequence));
    for (let bin = 0; bin < bins; bin++) {
      observed[bin]! += tallies.pairs[n * bins + bin]!;
      pairs[bin]! += trials * expected.pairs[bin]!;
      rateSums[bin]! += trials * expected.rateSums[bin]!;
      const residual = Number(tallies.rateSums[n * bins + bin]!) * unit - trials * expected.rateSums[bin]!;
      residuals[bin]! += residual;
      squares[bin]! += residual * residual;
    }
    addSpikes(preSpikes, tallies.preSpikes[n]!, expected.preSpikes);
    addSpikes(postSpikes, tallies.postSpikes[n]!, expected.postSpikes);
    n++;
  }
  observed[(bins - 1) / 2] = 0; // presynaptic spikes without a pair
  return {
    window: (bins - 1) / 2,
    observed,
    expected: { pairs, dwRate: rateSums.map((sum, bin) => (pairs[bin]! > 0 ? sum / pairs[bin]! : 0)) },
    rateZ: residuals.map((residual, bin) => zScore(residual, squares[bin]!)),
    preSpikes,
    postSpikes,
    correlation: correlation.matrix(),
  };
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
  let statistic = 0;
  let squaredCorrelations = 0;
  for (const bin of enough) {
    statistic += pairsZ[bin]! ** 2;
    for (const other of enough) {
      squaredCorrelations += bin === other ? 1 : totals.correlation[bin * pairsZ.length + other]! ** 2;
    }
  }
  // Σz² has mean n and variance 2 Σ r², as g χ²_h has with g = Σ r² / n, h = n² / Σ r².
  const scale = squaredCorrelations / enough.length;
  return { name, statistic, chance: chiSquareTail(statistic / scale, enough.length / scale) };
}

/**
 * Correlation between the numbers of pairs at two distances d' > d on one side, from pairs that share their
 * postsynaptic spike: the farther pair leaves the nearer one's conditions fulfilled, so both happen with the farther
 * one's probability times that of a presynaptic spike at the nearer place. All other covariances are negative or
 * negligible, so this bounds the correlation from above.
 */
class CorrelationBound {
  readonly #bins: number;
  readonly #joint: Float64Array;
  readonly #marginal: Float64Array;
  #terms = 0;

  constructor(bins: number) {
    this.#bins = bins;
    this.#joint = new Float64Array(bins * bins);
    this.#marginal = new Float64Array(bins);
  }

  visitor({ pre }: SequenceRates): ((t: number, d: number, probability: number) => void) | undefined {
    if (this.#terms > TERMS_FOR_CORRELATION) return undefined;
    const bins = this.#bins;
    const window = (bins - 1) / 2;
    return (t, d, probability) => {
      const bin = d + window;
      this.#marginal[bin]! += probability;
      const towards = Math.sign(d);
      for (let nearer = towards; nearer !== d; nearer += towards) {
        const both = probability * (pre[t + d - nearer] ?? 0);
        this.#joint[bin * bins + nearer + window]! += both;
        this.#joint[(nearer + window) * bins + bin]! += both;
        this.#terms++;
      }
    };
  }

  matrix(): Float64Array {
    const bins = this.#bins;
    return this.#joint.map((both, index) => {
      const product = this.#marginal[Math.floor(index / bins)]! * this.#marginal[index % bins]!;
      return product > 0 ? Math.min(1, both / Math.sqrt(product)) : 0;
    });
  }
}
