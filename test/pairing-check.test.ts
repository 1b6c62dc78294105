import { afterAll, describe, expect, it } from 'vitest';
import { checkTallies } from '../src/stdp/check.ts';
import { expectedSequence, type PairedSteps, type SequenceRates } from '../src/stdp/closed-form.ts';
import type { Engine } from '../src/stdp/engine.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { PairCorrelation, quadraticTail } from '../src/stdp/pair-correlation.ts';
import { coincidences, pairDistances, pairwiseSchemes } from '../src/stdp/pairing-schemes.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { simulate } from '../src/stdp/simulate.ts';
import type { PairingSpec } from '../src/stdp/spec.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { definedPairs } from './support/pair-definitions.ts';

const pairings = pairwiseSchemes.flatMap((scheme) => coincidences.map((coincidence) => [scheme, coincidence] as const));

/** Mean and covariance of the pairs of one trial by distance: every two trains, weighted with their probability. */
function enumerate({ pre, post, rate }: SequenceRates, { pairing, firstPaired, pairedSteps }: PairedSteps) {
  const { scheme, coincidence, window } = pairing;
  const steps = pre.length;
  const distances = 2 * window + 1;
  const pairs = new Float64Array(distances);
  const rateSums = new Float64Array(distances);
  const products = new Float64Array(distances ** 2);
  const timesOf = (train: number) => Array.from({ length: steps }, (_, t) => t).filter((t) => (train >> t) & 1);
  const chanceOf = (train: number, p: Float64Array) =>
    p.reduce((product, spike, t) => product * ((train >> t) & 1 ? spike : 1 - spike), 1);
  for (let preTrain = 0; preTrain < 2 ** steps; preTrain++) {
    for (let postTrain = 0; postTrain < 2 ** steps; postTrain++) {
      const chance = chanceOf(preTrain, pre) * chanceOf(postTrain, post);
      const found = definedPairs(scheme, coincidence, window, timesOf(preTrain), timesOf(postTrain)).filter(
        (pair) => pair.pre >= firstPaired && pair.pre < firstPaired + pairedSteps,
      );
      for (const one of found) {
        const bin = one.post - one.pre + window;
        pairs[bin]! += chance;
        rateSums[bin]! += chance * rate[one.pre]!;
        for (const other of found) products[bin * distances + other.post - other.pre + window]! += chance;
      }
    }
  }
  const covariance = products.map(
    (product, index) => product - pairs[Math.floor(index / distances)]! * pairs[index % distances]!,
  );
  return { pairs, rateSums, covariance };
}

describe.each(pairings)('%s pairing, coincident spikes %s', (scheme, coincidence) => {
  const steps = 6;
  const sequence: SequenceRates = {
    pre: Float64Array.from({ length: steps }, (_, t) => 0.45 + 0.4 * Math.sin(2.3 * t)),
    post: Float64Array.from({ length: steps }, (_, t) => 0.5 + 0.45 * Math.cos(1.7 * t)),
    rate: Float64Array.from({ length: steps }, (_, t) => Math.sin(0.3 * t + 1)),
  };
  const inWindow = (window: number, firstPaired: number): PairedSteps => ({
    pairing: { scheme, coincidence, window, edges: firstPaired > 0 ? 'interior' : 'truncate' },
    firstPaired,
    pairedSteps: steps - 2 * firstPaired,
  });

  it.each([
    ['interior', inWindow(2, 2)],
    ['truncated', inWindow(3, 0)],
  ])('has the mean and correlation of all pairs of spike trains (%s)', (_, paired) => {
    const { pairs, rateSums, covariance } = enumerate(sequence, paired);
    const expected = expectedSequence(sequence, paired);
    expected.pairs.forEach((mean, bin) => {
      expect(mean).toBeCloseTo(pairs[bin]!, 13);
    });
    expected.rateSums.forEach((sum, bin) => {
      expect(sum).toBeCloseTo(rateSums[bin]!, 13);
    });
    const correlation = new PairCorrelation(paired, 1);
    correlation.add(sequence);
    const distances = pairs.length;
    correlation.matrix().forEach((found, index) => {
      const [row, column] = [Math.floor(index / distances), index % distances];
      const product = pairs[row]! * pairs[column]!;
      if (product === 0 && row !== column) expect(found).toBe(0);
      else if (row !== column) expect(found).toBeCloseTo(covariance[index]! / Math.sqrt(product), 12);
      // The diagonal is a bound: no scheme has a variance above its mean.
      else expect(covariance[index]! - pairs[row]!).toBeLessThanOrEqual(1e-12);
    });
  });
});

describe('the tail of a sum of correlated squares', () => {
  const matrix = (n: number, r: number) =>
    Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : r)));

  it('is that of χ² for independent terms, and of one term for equal ones', () => {
    // Upper 10⁻⁶ and 0.05 points of χ² with 40 degrees of freedom and with 1.
    expect(quadraticTail(55.758, matrix(40, 0))).toBeCloseTo(0.05, 4);
    expect(quadraticTail(40 * 3.8415, matrix(40, 1))).toBeCloseTo(0.05, 3);
    expect(quadraticTail(40 * 23.928, matrix(40, 1)) / 1e-6).toBeCloseTo(1, 2);
  });
});

const fast = fastCpuEngine({ threads: 0 });
afterAll(() => fast.close());

async function check(engine: Engine, spec: object) {
  const plan = planExperiment(parseSpec(spec));
  const { tallies, rates } = await simulate(engine, plan, { rates: true });
  return checkTallies(tallies, rates, plan);
}

describe.each(pairwiseSchemes.map((scheme, index) => [scheme, 100 * index] as const))(
  'the check of %s pairing',
  (scheme, firstSeed) => {
    it('passes for a dozen seeds, and its chances are spread', async () => {
      const chances: number[] = [];
      for (let seed = firstSeed; seed < firstSeed + 12; seed++) {
        const pairing = { scheme, coincidence: coincidences[seed % 3]!, window: seed % 2 === 0 ? 20 : 7 };
        const rates = seed % 5 === 0 ? { pre: { peak: 0.7 }, post: { peak: 0.5 } } : {};
        const { passed, chance, parts } = await check(fast, {
          ...{ seed, sequences: 25, steps: 90, trials: 300, pairing, ...rates },
        });
        expect(passed, `seed ${seed}: chance ${chance}`).toBe(true);
        chances.push(parts[0]!.chance);
      }
      // A test whose chances are never small sees nothing; one whose chances are always small cries wolf.
      expect(Math.min(...chances)).toBeLessThan(0.3);
      expect(Math.min(...chances)).toBeGreaterThan(1e-4);
    });

    const spec = { sequences: 40, steps: 120, trials: 200, post: { peak: 0.2 } };
    const broken: readonly (readonly [string, (pairing: PairingSpec) => PairingSpec])[] = [
      ...pairwiseSchemes
        .filter((other) => other !== scheme)
        .map((other) => [`takes ${other} for it`, (pairing: PairingSpec) => ({ ...pairing, scheme: other })] as const),
      ['has a window one step short', (pairing) => ({ ...pairing, window: pairing.window - 1 })],
      ['takes causal for acausal', (pairing) => ({ ...pairing, coincidence: 'causal' })],
      ['skips coincident spikes', (pairing) => ({ ...pairing, coincidence: 'skip' })],
    ];
    // A coincident pair is in the same bin on either side. What tells the sides apart is what it hides there: nothing under
    // all-to-all, and under nearest-exclusive as much on one side as on the other.
    const sidesShow = scheme !== 'all-to-all' && scheme !== 'nearest-exclusive';
    const visible = broken.filter(([name]) => sidesShow || name !== 'takes causal for acausal');

    it.each(visible)('fails for a sampler that %s', async (_, change) => {
      const engine = twinEngine({
        pairDistances: (pre, post, t, pairing) => pairDistances(pre, post, t, change(pairing)),
      });
      expect((await check(engine, { ...spec, pairing: { scheme, coincidence: 'acausal', window: 10 } })).passed).toBe(
        false,
      );
    });
  },
);
