import { chiSquareTail } from '../numeric/tails.ts';
import { type PairedSteps, type SequenceRates, visitPairs } from './closed-form.ts';
import { schemeRules } from './pairing-schemes.ts';

/** Terms of the closed form that are computed for a correlation matrix: some hundredths of a second. */
const TERMS = 2 ** 22;
/** Steps that are looked at, however many terms a wide window takes. */
const FEWEST_STEPS = 4;

/**
 * Correlation of the numbers of pairs at two distances, exact for the steps that are looked at, which are spread over
 * all sequences.
 *
 * Pairs are correlated where they share a spike (positively) and where one's spikes hide the other (negatively). With
 * N_d pairs at distance d in one trial, cov(N_d, N_d') = Σ_t P(pair at t, d) (E[N_d' | pair at t, d] − E[N_d']), and
 * the conditional expectation is the closed form again, with the probabilities of the spikes that make and would hide
 * the pair set to 1 and 0. Pairs at one distance are independent or exclude each other under every scheme, so that the
 * variance of N_d is at most its mean; covariances are divided by means, which leaves ones on the diagonal as bounds.
 */
export class PairCorrelation {
  readonly #paired: PairedSteps;
  readonly #distances: number;
  /** Cells (sequence · pairedSteps + step) to look at, in falling order. */
  readonly #cells: number[];
  readonly #covariance: Float64Array;
  readonly #mean: Float64Array;
  #sequence = 0;

  constructor(paired: PairedSteps, sequences: number) {
    const { window } = paired.pairing;
    this.#paired = paired;
    this.#distances = 2 * window + 1;
    this.#covariance = new Float64Array(this.#distances ** 2);
    this.#mean = new Float64Array(this.#distances);
    const termsOfStep = this.#distances * (4 * window + 1) * 2 * window;
    const cells = sequences * paired.pairedSteps;
    const count = Math.min(cells, Math.max(FEWEST_STEPS, Math.floor(TERMS / termsOfStep)));
    // The multiples of the golden ratio spread over the sequences, and over the steps of each.
    const spread = Array.from({ length: count }, (_, i) =>
      count === cells ? i : Math.floor(((i * 0.6180339887498949) % 1) * cells),
    );
    this.#cells = [...new Set(spread)].sort((a, b) => b - a);
  }

  /** Looks at the next sequence. */
  add({ pre, post }: SequenceRates): void {
    const { firstPaired, pairedSteps } = this.#paired;
    const end = (this.#sequence + 1) * pairedSteps;
    while (this.#cells.length > 0 && this.#cells.at(-1)! < end) {
      this.#addStep(pre, post, firstPaired + this.#cells.pop()! - this.#sequence * pairedSteps);
    }
    this.#sequence++;
  }

  #addStep(pre: Float64Array, post: Float64Array, t: number): void {
    const { window } = this.#paired.pairing;
    const { firstPaired, pairedSteps } = this.#paired;
    // Pairs at other steps depend on this one's spikes up to two windows away, and on other spikes one farther.
    const first = Math.max(firstPaired, t - 2 * window);
    const end = Math.min(firstPaired + pairedSteps, t + 2 * window + 1);
    const from = Math.max(0, first - window);
    const here: Trains = { pre: pre.slice(from, end + window), post: post.slice(from, end + window) };
    const nearby = { ...this.#paired, firstPaired: first - from, pairedSteps: end - first };
    const expected = this.#expectedPairs(here, nearby);
    visitPairs(here, { ...nearby, firstPaired: t - from, pairedSteps: 1 }, (at, d, probability) => {
      if (probability === 0) return;
      const given = this.#expectedPairs(givenPair(here, this.#paired, at, d), nearby);
      const row = (d + window) * this.#distances;
      this.#mean[d + window]! += probability;
      for (let other = 0; other < this.#distances; other++) {
        this.#covariance[row + other]! += probability * (given[other]! - expected[other]!);
      }
    });
  }

  #expectedPairs(trains: Trains, paired: PairedSteps): Float64Array {
    const { window } = paired.pairing;
    const expected = new Float64Array(this.#distances);
    visitPairs(trains, paired, (_, d, probability) => {
      expected[d + window]! += probability;
    });
    return expected;
  }

  /** The correlations, shape [2D + 1][2D + 1]. */
  matrix(): Float64Array {
    const distances = this.#distances;
    return this.#covariance.map((_, index) => {
      const row = Math.floor(index / distances);
      const column = index % distances;
      if (row === column) return 1;
      const product = this.#mean[row]! * this.#mean[column]!;
      const both = this.#covariance[index]! + this.#covariance[column * distances + row]!;
      return product > 0 ? Math.max(-1, Math.min(1, both / 2 / Math.sqrt(product))) : 0;
    });
  }
}

/** Spike probabilities of a stretch of steps. */
type Trains = Pick<SequenceRates, 'pre' | 'post'>;

/** The spike probabilities, given that there is the pair at distance d from step t. */
function givenPair(trains: Trains, { pairing }: PairedSteps, t: number, d: number): Trains {
  const { scheme, coincidence, window } = pairing;
  const { after, before, exclusive } = schemeRules[scheme];
  const isAfter = d > 0 || (d === 0 && coincidence === 'causal');
  const hides = isAfter ? after : before;
  const tied = coincidence === (isAfter ? 'causal' : 'acausal');
  const pre = trains.pre.slice();
  const post = trains.post.slice();
  const silence = (train: Float64Array, from: number, to: number) => {
    if (from <= to) train.fill(0, Math.max(0, from), to + 1);
  };
  const [low, high] = isAfter ? [t, t + d] : [t + d, t];
  if (hides.post) silence(post, low + 1, high - 1);
  if (hides.pre) silence(pre, low + 1, high - 1);
  if (tied && hides.post) post[t] = 0;
  if (tied && hides.pre) pre[t + d] = 0;
  if (exclusive) {
    if (isAfter) silence(post, t - window, t - 1);
    else silence(post, t + 1, t + window);
    if (!tied) post[t] = 0;
  }
  pre[t] = 1;
  post[t + d] = 1;
  return { pre, post };
}

/**
 * Chance that Σ z² of correlated standard normal variables is at least x: Pearson's three-moment approximation, which
 * is good in the upper tail (Imhof, Biometrika 48:419, 1961).
 *
 * @param correlation symmetric with ones on its diagonal, shape [n][n]
 */
export function quadraticTail(x: number, correlation: readonly Float64Array[]): number {
  const n = correlation.length;
  let second = 0;
  let third = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      second += correlation[i]![j]! ** 2;
      let square = 0;
      for (let k = 0; k < n; k++) square += correlation[i]![k]! * correlation[k]![j]!;
      third += square * correlation[i]![j]!;
    }
  }
  // No smaller for any matrix of correlations; this one may have been taken from a few steps.
  third = Math.max(third, second ** 2 / n);
  const degrees = second ** 3 / third ** 2;
  return chiSquareTail(Math.max(0, (x - n) * Math.sqrt(degrees / second) + degrees), degrees);
}
