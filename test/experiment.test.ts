import { describe, expect, it } from 'vitest';
import { PURPOSE, randomBlock } from '../src/random/address.ts';
import { Sfc32 } from '../src/random/sfc32.ts';
import { agreementOf } from '../src/stdp/agreement.ts';
import { checkTallies } from '../src/stdp/check.ts';
import { clusteredMean } from '../src/stdp/clustered-mean.ts';
import { curveOf } from '../src/stdp/curve.ts';
import { nearestExclusive } from '../src/stdp/pairing.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { type ExperimentPlan, planExperiment } from '../src/stdp/plan.ts';
import { PLANES } from '../src/stdp/probability.ts';
import { simulate, tileRegions } from '../src/stdp/simulate.ts';
import { sampleSpikeWord, sampleTrial, unpackSpikes } from '../src/stdp/spikes.ts';
import { type TwinParts, twinEngine } from '../src/stdp/twin.ts';

const plan = (spec: object) => planExperiment(parseSpec(spec));

async function checked(spec: object, parts: Partial<TwinParts> = {}) {
  const planned = plan(spec);
  const simulation = await simulate(twinEngine(parts), planned, { rates: true });
  return checkTallies(simulation.tallies, simulation.rates, planned);
}

/** Mean of z² over the distances that expect enough pairs for z to be nearly normal. */
function chiSquarePerBin({ pairsZ, expected }: Awaited<ReturnType<typeof checked>>): number {
  const z = [...pairsZ].filter((_, bin) => expected.pairs[bin]! > 25);
  return z.reduce((sum, value) => sum + value * value, 0) / z.length;
}

const small = { sequences: 60, steps: 120, trials: 250 };

describe('the sampler', () => {
  it.each([
    ['noise', {}],
    ['steps', { pre: { drive: { type: 'steps' } }, post: { drive: { type: 'steps' } } }],
    ['ramps', { pre: { drive: { type: 'ramps' } }, post: { drive: { type: 'ramps' } } }],
    ['a logistic rate', { post: { rho: { type: 'logistic' }, peak: 0.3 } }],
    ['high rates', { pre: { peak: 1 }, post: { peak: 0.7 } }],
    ['low rates', { pre: { peak: 0.02 }, post: { peak: 0.01 } }],
    ['truncated edges', { pairing: { edges: 'truncate', window: 40 } }],
    ['a wide window', { pairing: { window: 55 }, post: { peak: 0.03 } }],
  ])('agrees with the closed form for %s', async (_, spec) => {
    const { passed, chance, parts } = await checked({ ...small, ...spec });
    expect(passed, `chance ${chance}: ${JSON.stringify(parts)}`).toBe(true);
  });

  it('keeps χ² at 1 over 10⁴ trials of one sequence, for many sequences’ seeds', async () => {
    let sum = 0;
    const seeds = 12;
    for (let seed = 0; seed < seeds; seed++) {
      const result = await checked({ seed, sequences: 1, trials: 10_000, steps: 80 });
      expect(result.passed).toBe(true);
      sum += chiSquarePerBin(result);
    }
    // 12 · 40 z-scores: standard error of their mean square √(2/480) = 0.065.
    expect(Math.abs(sum / seeds - 0.98)).toBeLessThan(0.26);
  });

  it('would fail that with trials that share streams', async () => {
    const shared: TwinParts['sampleTrial'] = (seed, sequence, trial, pre, post) =>
      sampleTrial(seed, sequence, trial % 1250, pre, post);
    const result = await checked({ sequences: 1, trials: 10_000, steps: 80 }, { sampleTrial: shared });
    expect(result.passed).toBe(false);
    expect(chiSquarePerBin(result)).toBeGreaterThan(3);
  });

  it('spikes always at p = 1, never at p = 0, and at 2⁻³¹ almost never', () => {
    const planes = new Uint32Array(PLANES);
    planes[0] = 0b011;
    for (let plane = 1; plane < PLANES; plane++) planes[plane] = 0b001; // p = 1, 2⁻³¹, 0
    for (let trial = 0; trial < 2000; trial++) {
      const word = sampleSpikeWord(planes, 0, new Sfc32(randomBlock(1, PURPOSE.spikes, 0, trial, 0)));
      expect(word).toBe(1);
    }
  });

  it('draws different steps, trials and neurons independently', () => {
    // Cross-products of centred spikes at p = 1/2 are ±1/4 with mean 0.
    const planes = new Uint32Array(2 * PLANES);
    for (const word of [0, 1]) {
      planes[word * PLANES] = 0xffffffff;
      for (let plane = 2; plane < PLANES; plane++) planes[word * PLANES + plane] = 0xffffffff; // 2³¹ p − 1 = 2³⁰ − 1
    }
    const trials = Array.from({ length: 3000 }, (_, trial) => {
      const { pre, post } = sampleTrial(5, 2, trial, planes, planes);
      return [unpackSpikes(pre, 64), unpackSpikes(post, 64)] as const;
    });
    const z = (products: number[]) => products.reduce((sum, value) => sum + value, 0) / Math.sqrt(products.length / 16);
    const centred = (spike: number) => spike - 0.5;
    const over = (pair: (trial: number, t: number) => [number, number]) =>
      z(
        trials.slice(1).flatMap((_, trial) =>
          Array.from({ length: 63 }, (_, t) => {
            const [a, b] = pair(trial + 1, t);
            return centred(a) * centred(b);
          }),
        ),
      );
    const statistics = [
      over((trial, t) => [trials[trial]![0][t]!, trials[trial]![0][t + 1]!]),
      over((trial, t) => [trials[trial]![0][t]!, trials[trial]![1][t]!]),
      over((trial, t) => [trials[trial]![0][t]!, trials[trial - 1]![0][t]!]),
      over((trial, t) => [trials[trial]![0][t]!, trials[trial - 1]![1][t]!]),
      over((trial, t) => [trials[trial]![0][t]!, trials[trial]![0][(t + 32) % 64]!]),
    ];
    for (const statistic of statistics) expect(Math.abs(statistic)).toBeLessThan(4.5);
  });
});

describe('the check catches', () => {
  it.each<[string, Partial<TwinParts>]>([
    [
      'a biased sampler',
      {
        sampleTrial: (seed, sequence, trial, pre, post) => {
          const trains = sampleTrial(seed, sequence, trial, pre, post);
          // One spike in fifty of the postsynaptic neuron is lost.
          return { ...trains, post: trains.post.map((word, index) => ((trial + index) % 50 === 0 ? 0 : word)) };
        },
      },
    ],
    [
      'a window that is one step short',
      { nearestExclusive: (post, t, window) => nearestExclusive(post, t, window - 1) },
    ],
    [
      'a dropped coincidence rule',
      {
        nearestExclusive: (post, t, window) =>
          nearestExclusive(
            post.map((spike, at) => (at === t ? 0 : spike)),
            t,
            window,
          ),
      },
    ],
    ['a curve of the wrong sign', { nearestExclusive: (post, t, window) => -nearestExclusive(post, t, window) }],
  ])('%s', async (_, parts) => {
    const spec = { sequences: 200, trials: 200, post: { peak: 0.2 } };
    expect((await checked(spec, parts)).passed).toBe(false);
  });

  it('nothing where nothing is wrong', async () => {
    expect((await checked({ sequences: 200, trials: 200, post: { peak: 0.2 } })).passed).toBe(true);
  });
});

describe('the experiment', () => {
  it('follows the leaky integrator: s has the stationary mean and variance of its noise', async () => {
    const planned = plan({ sequences: 4000, steps: 41, trials: 1, post: { drive: { mean: -1, sd: 2 }, epsilon: 0.2 } });
    const { rates } = await simulate(twinEngine(), planned, { rates: true });
    const [{ postStates }] = rates as [(typeof rates)[number]];
    for (const t of [0, 20, 41]) {
      const values = Array.from({ length: 4000 }, (_, n) => postStates[n * 42 + t]! / 2 ** planned.post.fractionBits);
      const mean = values.reduce((sum, s) => sum + s, 0) / 4000;
      const variance = values.reduce((sum, s) => sum + (s - mean) ** 2, 0) / 4000;
      const expected = (4 * 0.2) / (2 - 0.2);
      expect(Math.abs(mean + 1)).toBeLessThan(4.5 * Math.sqrt(expected / 4000));
      expect(Math.abs(variance / expected - 1)).toBeLessThan(4.5 * Math.sqrt(2 / 4000));
    }
  });

  it.each(['steps', 'ramps'])(
    'starts the %s drive burnt in: the spread of s does not grow from the start',
    async (type) => {
      const planned = plan({ sequences: 3000, steps: 81, trials: 1, post: { drive: { type, low: -1, high: 1 } } });
      const { rates } = await simulate(twinEngine(), planned, { rates: true });
      const [{ postStates }] = rates as [(typeof rates)[number]];
      const spread = (t: number) => {
        let sum = 0;
        for (let n = 0; n < 3000; n++) sum += (postStates[n * 82 + t]! / 2 ** planned.post.fractionBits) ** 2;
        return sum / 3000;
      };
      // Both times are at the same phase of the knots: 9 knots over 80 steps are 10 steps apart.
      expect(spread(0) / spread(80)).toBeGreaterThan(0.85);
      expect(spread(0) / spread(80)).toBeLessThan(1.18);
    },
  );

  it('holds a step drive for `hold` steps on average', async () => {
    const planned = plan({
      sequences: 300,
      steps: 100,
      trials: 1,
      post: { drive: { type: 'steps', hold: 8 }, epsilon: 1 },
    });
    const { rates } = await simulate(twinEngine(), planned, { rates: true });
    const [{ postStates }] = rates as [(typeof rates)[number]];
    let changes = 0;
    for (let n = 0; n < 300; n++) {
      for (let t = 1; t < 100; t++) changes += postStates[n * 101 + t] === postStates[n * 101 + t + 1] ? 0 : 1;
    }
    const draws = 300 * 99;
    expect(Math.abs(changes / draws - 1 / 8)).toBeLessThan(4.5 * Math.sqrt(((1 / 8) * (7 / 8)) / draws));
  });

  it('gives no net change at a constant postsynaptic rate', async () => {
    const planned = plan({ sequences: 100, trials: 200, post: { drive: { mean: 0.6, sd: 0 } } });
    const { tallies } = await simulate(twinEngine(), planned);
    expect(tallies.rateSums.every((sum) => sum === 0n)).toBe(true);
    const { points, presynapticSpikes } = curveOf(tallies, planned);
    const net = points.reduce((sum, { dwPairPerSpike }) => sum + (dwPairPerSpike ?? 0), 0);
    const variance = points.reduce((sum, { pairs, dwPair }) => sum + pairs * (dwPair ?? 0) ** 2, 0);
    expect(Math.abs(net * presynapticSpikes) / Math.sqrt(variance)).toBeLessThan(4.5);
  });

  it('has standard errors that match the scatter between seeds', async () => {
    const values: number[] = [];
    let variance = 0;
    const seeds = 60;
    for (let seed = 0; seed < seeds; seed++) {
      const planned = plan({ seed, sequences: 40, trials: 20, steps: 100 });
      const { tallies } = await simulate(twinEngine(), planned);
      const point = curveOf(tallies, planned).points[23]!;
      values.push(point.dwRate!);
      variance += point.dwRateSe! ** 2 / seeds;
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / seeds;
    const scatter = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (seeds - 1);
    // The ratio of variances of 60 values has a standard error of √(2/59) = 0.18.
    expect(scatter / variance).toBeGreaterThan(0.5);
    expect(scatter / variance).toBeLessThan(1.7);
  });

  it('has rules that agree: the binned correlation is high and grows with the trials', async () => {
    const correlation = async (trials: number) => {
      const planned = plan({ sequences: 150, trials });
      const { tallies } = await simulate(twinEngine(), planned);
      return agreementOf(tallies, planned).correlation;
    };
    const few = await correlation(10);
    const many = await correlation(300);
    expect(many.binned).toBeGreaterThan(0.95);
    expect(many.raw!).toBeGreaterThan(2 * few.raw!);
  });
});

describe('statistics', () => {
  it('clusters by sequence as SPEC writes it', () => {
    const sums = [3, 5, -1];
    const counts = [2, 4, 1];
    const m = 1;
    const squares = (3 - m * 2) ** 2 + (5 - m * 4) ** 2 + (-1 - m) ** 2;
    expect(clusteredMean(sums, counts)).toEqual({ mean: 1, standardError: Math.sqrt((3 / 2) * squares) / 7 });
    expect(clusteredMean([2], [4])).toEqual({ mean: 0.5, standardError: null });
    expect(clusteredMean([0, 0], [0, 0])).toBeNull();
  });

  it('bins equally many cells and finds a planted line', () => {
    const planned: ExperimentPlan = plan({ sequences: 4, steps: 141, trials: 1 });
    const cells = 4 * planned.pairedSteps;
    const cellRates = Int32Array.from({ length: cells }, (_, i) => (Math.imul(i, 2654435761) >> 8) % 100_000);
    const cellPairs = BigInt64Array.from(cellRates, (rate) => 3n * BigInt(rate) + 1000n);
    const tallies = {
      region: { firstSequence: 0, sequences: 4, firstStep: planned.firstPaired, steps: planned.pairedSteps },
      trials: 2,
      pairs: new Uint32Array(0),
      rateSums: new BigInt64Array(0),
      spikeSums: new BigInt64Array(0),
      cellRates,
      cellPairs,
      preSpikes: new Uint32Array(4),
      postSpikes: new Uint32Array(4),
    };
    const { bins, fit, correlation } = agreementOf(tallies, planned);
    const scale = 2 ** (planned.post.fractionBits - planned.kernelFractionBits) / 2;
    expect(bins).toHaveLength(25);
    expect(Math.max(...bins.map((bin) => bin.cells)) - Math.min(...bins.map((bin) => bin.cells))).toBeLessThan(2);
    expect(bins.reduce((sum, bin) => sum + bin.cells, 0)).toBe(cells);
    expect(fit!.slope / (3 * scale)).toBeCloseTo(1, 10);
    expect(correlation.raw).toBeCloseTo(1, 12);
    expect(correlation.binned).toBeCloseTo(1, 12);
    bins.slice(1).forEach((bin, index) => {
      expect(bin.dwRate).toBeGreaterThan(bins[index]!.dwRate);
    });
  });
});

describe('the split of the work', () => {
  it('covers every sequence and step once', () => {
    const planned = plan({ sequences: 10, steps: 100, trials: 1 });
    for (const largest of [
      { sequences: 3, steps: 1000 },
      { sequences: 5, steps: 7 },
      { sequences: 100, steps: 60 },
    ]) {
      const covered = new Set<string>();
      for (const { firstSequence, sequences, firstStep, steps } of tileRegions(planned, largest)) {
        for (let n = firstSequence; n < firstSequence + sequences; n++) {
          for (let t = firstStep; t < firstStep + steps; t++) covered.add(`${n}:${t}`);
        }
      }
      expect(covered.size).toBe(10 * planned.pairedSteps);
    }
  });

  it('keeps a smaller experiment in full when it is interrupted', async () => {
    const controller = new AbortController();
    const planned = plan({ sequences: 6, steps: 60, trials: 100 });
    const stopped = await simulate(twinEngine(), planned, {
      chunk: 10,
      signal: controller.signal,
      onProgress: ({ done }) => done >= 6 * 60 * 30 && controller.abort(),
    });
    expect(stopped.interrupted).toBe(true);
    expect(stopped.tallies.trials).toBe(30);
    const fresh = await simulate(twinEngine(), plan({ sequences: 6, steps: 60, trials: 30 }));
    expect(stopped.tallies).toEqual(fresh.tallies);
  });

  it('keeps whole sequences when a later tile is interrupted', async () => {
    const controller = new AbortController();
    const engine = { ...twinEngine(), largestRegion: () => ({ sequences: 2, steps: 60 }) };
    const stopped = await simulate(engine, plan({ sequences: 6, steps: 60, trials: 20 }), {
      signal: controller.signal,
      rates: true,
      onProgress: ({ done }) => done >= 4 * 60 * 20 && controller.abort(),
    });
    const fresh = await simulate(twinEngine(), plan({ sequences: 4, steps: 60, trials: 20 }));
    expect(stopped.interrupted).toBe(true);
    expect(stopped.tallies).toEqual(fresh.tallies);
    expect(stopped.rates.reduce((sum, { sequences }) => sum + sequences, 0)).toBe(4);
  });
});
