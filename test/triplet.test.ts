import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { GpuContext } from '../src/gpu/context.ts';
import { checkTallies } from '../src/stdp/check.ts';
import { expectedPairRule, expectedSequence, pairedStepsOf, type SequenceRates } from '../src/stdp/closed-form.ts';
import { curveOf } from '../src/stdp/curve.ts';
import type { BatchEngine, Engine } from '../src/stdp/engine.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { gpuEngine } from '../src/stdp/gpu-engine.ts';
import { coincidences } from '../src/stdp/pairing-schemes.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { type ExperimentPlan, planExperiment } from '../src/stdp/plan.ts';
import { type Simulation, simulate } from '../src/stdp/simulate.ts';
import { simulateMany } from '../src/stdp/simulate-many.ts';
import type { Coincidence, TripletKernel } from '../src/stdp/spec.ts';
import { unpackSpikes } from '../src/stdp/spikes.ts';
import { parseSweep } from '../src/stdp/sweep/parse-sweep.ts';
import { addTallies } from '../src/stdp/tallies.ts';
import { tripletKernel } from '../src/stdp/triplet-sets.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { withLargestRegion } from './gpu/simulation-cases.ts';
import { certain } from './support/certain.ts';
import { assertSameSimulation } from './support/compare.ts';
import { errorOf } from './support/errors.ts';
import { type DefinedChange, definedTriplets } from './support/triplet-definition.ts';

const schemes = ['triplet', 'triplet-nearest'] as const;
const pairings = schemes.flatMap((scheme) => coincidences.map((coincidence) => [scheme, coincidence] as const));
const plan = (spec: object) => planExperiment(parseSpec(spec));

const fast = fastCpuEngine({ threads: 2 });
let context: GpuContext;
let gpu: BatchEngine;
let engines: readonly [string, Engine][];

beforeAll(async () => {
  const dawn = await loadDawn();
  context = await GpuContext.create({ gpu: dawn.gpu });
  gpu = gpuEngine(context);
  engines = [
    ['twin', twinEngine()],
    ['WebAssembly', fast],
    ['WGSL', gpu],
  ];
});
afterAll(() => {
  fast.close();
  context.destroy();
});

/** Weight change at each step of the first sequence, averaged over trials. */
function changesOf(
  { tallies }: Simulation,
  { kernelFractionBits, pairedSteps }: ExperimentPlan,
  sequence = 0,
): number[] {
  const unit = 2 ** kernelFractionBits * tallies.trials;
  const cells = tallies.cellPairs.subarray(sequence * pairedSteps, (sequence + 1) * pairedSteps);
  return Array.from(cells, (sum) => Number(sum) / unit);
}

/*
 * Twelve spikes, worked by hand. All traces halve with each step; A₂⁺ = A₂⁻ = 1, A₃⁺ = 2, A₃⁻ = 4; pairs up to 5 steps.
 *
 *   step  0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23
 *   pre       |     |       |  |           |                 |
 *   post        |   |   |      |                 |  |
 *
 * Traces just before a spike, adding up:      set to 1:
 *   r2  at 2: 0  5: 1/8  9: 9/128  10: 137/256  14: 393/4096  20: 4489/262144      0  1/8  1/16  1/2  1/16  1/64
 *   o2  at 3: 0  5: 1/4  7: 5/16   10: 21/128   16: 149/8192  17: 8341/16384       0  1/4  1/4   1/8  1/64  1/2
 *
 * As an example, 14 adding up: post 10 before it, −2⁻⁴ (1 + 4 · 393/4096); posts 16 and 17 after it,
 * 2⁻² (1 + 2 · 149/8192) + 2⁻³ (1 + 2 · 8341/16384); in all 27845/65536. Coincident spikes (5 and 10) make no pair.
 */
const handMade = { steps: 24, pre: [2, 5, 9, 10, 14, 20], post: [3, 5, 7, 10, 16, 17], window: 5 };
const worksheet: Readonly<Record<(typeof schemes)[number], Readonly<Record<number, number>>>> = {
  triplet: {
    2: 189 / 256,
    5: 149 / 2048,
    9: 135 / 512,
    10: -1005 / 2048,
    14: 27845 / 65536,
    20: -210075 / 1048576,
  },
  'triplet-nearest': { 2: 11 / 16, 5: 0, 9: 5 / 16, 10: -3 / 8, 14: 55 / 128, 20: -17 / 128 },
};

describe('a train of twelve spikes, worked by hand', () => {
  it.each(schemes)('%s', async (scheme) => {
    const { steps, window } = handMade;
    const halfLife = 1 / Math.LN2;
    const planned = plan({
      ...{ sequences: 1, steps, trials: 3 },
      pre: certain([handMade.pre], steps),
      post: certain([handMade.post], steps),
      pairing: { scheme, window, edges: 'truncate' },
      kernel: {
        ...{ type: 'triplet', a2Plus: 1, a3Plus: 2, a2Minus: 1, a3Minus: 4 },
        ...{ tauPlusMs: halfLife, tauMinusMs: halfLife, tauXMs: halfLife, tauYMs: halfLife },
      },
    });
    for (const [name, engine] of engines) {
      changesOf(await simulate(engine, planned), planned).forEach((change, t) => {
        expect(change, `${name}, step ${t}`).toBeCloseTo(worksheet[scheme][t] ?? 0, 7);
      });
    }
  });
});

/** Windows on both sides of a word, edges, rates from rare to certain, time constants from short to hardly decaying. */
const randomSpecs = [
  { steps: 60, pairing: { window: 1, edges: 'interior' }, pre: { peak: 0.9 }, post: { peak: 0.9 }, tauXMs: 0.3 },
  { steps: 131, pairing: { window: 20, edges: 'truncate' }, pre: { peak: 0.3 }, post: { peak: 0.2 }, msPerStep: 2.5 },
  { steps: 129, pairing: { window: 32, edges: 'interior' }, pre: { peak: 0.1 }, post: { peak: 0.05 }, tauYMs: 1e6 },
  { steps: 97, pairing: { window: 33, edges: 'truncate' }, pre: { peak: 0.05 }, post: { peak: 0.1 } },
  { steps: 2200, pairing: { window: 64, edges: 'interior' }, pre: { peak: 0.04 }, post: { peak: 0.03 } },
] as const;

describe.each(pairings)('%s, coincident spikes %s', (scheme, coincidence) => {
  it.each(randomSpecs)('is as defined on random trains, window $pairing.window', async (given) => {
    const { pairing, tauXMs, tauYMs, ...rest } = { tauXMs: undefined, tauYMs: undefined, ...given };
    const kernel = {
      type: 'triplet',
      set: 'hippocampus',
      ...(tauXMs ? { tauXMs } : {}),
      ...(tauYMs ? { tauYMs } : {}),
    };
    const planned = plan({
      ...{ seed: 7, sequences: 2, trials: 5, ...rest },
      ...{ pairing: { ...pairing, scheme, coincidence }, kernel },
    });
    const traces = [0, 1].flatMap((sequence) => [0, 1, 2, 3, 4].map((trial) => ({ sequence, trial })));
    const twin = await simulate(twinEngine(), planned, { traces });
    assertAsDefined(twin, planned, coincidence);
    for (const [, engine] of engines.slice(1)) assertSameSimulation(await simulate(engine, planned, { traces }), twin);
  });
});

/** Sums of weight changes are what the spikes give by definition, within 10⁻⁶ of the largest amplitude for each pair. */
function assertAsDefined(simulation: Simulation, planned: ExperimentPlan, coincidence: Coincidence): void {
  const { spec, firstPaired, pairedSteps, bins } = planned;
  const { window, scheme } = spec.pairing;
  const rule = { nearest: scheme === 'triplet-nearest', coincidence, window, msPerStep: spec.msPerStep };
  const timesOf = (train: Uint32Array) =>
    Array.from(unpackSpikes(train, spec.steps)).flatMap((spike, t) => (spike ? [t] : []));
  for (let sequence = 0; sequence < spec.sequences; sequence++) {
    const changes = simulation.trials
      .filter((trial) => trial.sequence === sequence)
      .flatMap(({ spikes }) =>
        definedTriplets(spec.kernel as TripletKernel, rule, timesOf(spikes.pre), timesOf(spikes.post)),
      )
      .filter(({ pre }) => pre >= firstPaired && pre < firstPaired + pairedSteps);
    const assertSum = (found: number, pairs: readonly DefinedChange[]) => {
      const defined = pairs.reduce((sum, { change }) => sum + change, 0);
      expect(Math.abs(found - defined)).toBeLessThanOrEqual(1e-6 * pairs.length);
    };
    changesOf(simulation, planned, sequence).forEach((change, index) => {
      const here = changes.filter(({ pre }) => pre === firstPaired + index);
      assertSum(change * spec.trials, here);
    });
    const { points } = curveOf(sequenceOf(simulation, sequence, planned), planned);
    for (const { dt, pairs, dwPair } of points) {
      const here = changes.filter(({ pre, post }) => post - pre === dt);
      expect(pairs).toBe(here.length);
      assertSum((dwPair ?? 0) * pairs, here);
    }
    expect(simulation.tallies.pairs[sequence * bins + 2 * window + 1]).toBe(
      simulation.trials
        .filter((trial) => trial.sequence === sequence)
        .flatMap(({ spikes }) => timesOf(spikes.pre))
        .filter((t) => t >= firstPaired && t < firstPaired + pairedSteps).length,
    );
  }
}

/** The tallies of one sequence. */
function sequenceOf({ tallies }: Simulation, sequence: number, { bins }: ExperimentPlan): Simulation['tallies'] {
  const part = <T extends { subarray(first: number, end: number): T }>(values: T) =>
    values.subarray(sequence * bins, (sequence + 1) * bins);
  return {
    ...tallies,
    region: { ...tallies.region, firstSequence: sequence, sequences: 1 },
    pairs: part(tallies.pairs),
    rateSums: part(tallies.rateSums),
    spikeSums: part(tallies.spikeSums),
    tripletSums: part(tallies.tripletSums!),
  };
}

describe('however the work is divided', () => {
  it.each(schemes)('%s gives the same bits', async (scheme) => {
    const planned = plan({ sequences: 9, steps: 140, trials: 60, pairing: { scheme } });
    const whole = await simulate(twinEngine(), planned);
    for (const [, engine] of engines) {
      const sliced = withLargestRegion(engine, { sequences: 2, steps: 37 });
      assertSameSimulation(await simulate(sliced, planned, { chunk: 13 }), whole);
      const parts = await Promise.all(
        [
          { first: 0, end: 7 },
          { first: 7, end: 60 },
        ].map((trials) => simulate(engine, planned, { trials })),
      );
      assertSameSimulation({ ...whole, tallies: addTallies(parts[0]!.tallies, parts[1]!.tallies) }, whole);
    }
  });

  it('gives the same bits in batches of other experiments', async () => {
    const shape = { sequences: 3, steps: 90, trials: 40 };
    const plans = [
      plan({ ...shape, pairing: { scheme: 'triplet' }, kernel: { type: 'triplet', tauYMs: 30 } }),
      plan({ ...shape, pairing: { scheme: 'triplet' }, kernel: { type: 'triplet', tauYMs: 40, a3Plus: 0.5 } }),
      plan({ ...shape, pairing: { scheme: 'triplet' }, kernel: { type: 'triplet', set: 'hippocampus' } }),
      plan({ ...shape, pairing: { scheme: 'all-to-all' } }),
    ];
    for (const engine of [fast, gpu]) {
      for await (const { index, tallies } of simulateMany(engine, plans)) {
        const alone = await simulate(twinEngine(), plans[index]!);
        assertSameSimulation({ ...alone, tallies }, alone);
      }
    }
  });
});

describe('the closed form of triplets', () => {
  it.each(pairings)('is the mean over all pairs of trains: %s, %s', (scheme, coincidence) => {
    const steps = 5;
    const sequence: SequenceRates = {
      pre: Float64Array.from({ length: steps }, (_, t) => 0.45 + 0.4 * Math.sin(2.3 * t)),
      post: Float64Array.from({ length: steps }, (_, t) => 0.5 + 0.45 * Math.cos(1.7 * t)),
      rate: new Float64Array(steps),
    };
    const planned = plan({
      ...{ sequences: 1, steps, trials: 1, msPerStep: 20 },
      pairing: { scheme, coincidence, window: 3, edges: 'truncate' },
    });
    const rule = { nearest: scheme === 'triplet-nearest', coincidence, window: 3, msPerStep: 20 };
    const sums = new Float64Array(7);
    const timesOf = (train: number) => [0, 1, 2, 3, 4].filter((t) => (train >> t) & 1);
    const chance = (train: number, p: Float64Array) =>
      p.reduce((product, spike, t) => product * ((train >> t) & 1 ? spike : 1 - spike), 1);
    for (let pre = 0; pre < 32; pre++) {
      for (let post = 0; post < 32; post++) {
        const weight = chance(pre, sequence.pre) * chance(post, sequence.post);
        const kernel = planned.spec.kernel as TripletKernel;
        for (const pair of definedTriplets(kernel, rule, timesOf(pre), timesOf(post))) {
          sums[pair.post - pair.pre + 3]! += weight * pair.change;
        }
      }
    }
    const { pairs } = expectedSequence(sequence, pairedStepsOf(planned));
    expectedPairRule(sequence, planned, pairs).forEach((sum, bin) => {
      expect(sum).toBeCloseTo(sums[bin]!, 8);
    });
  });

  it.each(schemes)(
    'agrees with simulations of %s, and not with traces that decay a third too slowly',
    async (scheme) => {
      const planned = plan({ sequences: 100, trials: 1500, pairing: { scheme } });
      const { tallies, rates } = await simulate(fast, planned, { rates: true });
      expect(checkTallies(tallies, rates, planned)).toMatchObject({ passed: true });
      const slower = plan({ ...planned.spec, kernel: { ...planned.spec.kernel, tauYMs: 1.33 * tauY(planned) } });
      const broken = checkTallies(tallies, rates, { ...planned, triplet: { ...planned.triplet!, ...slower.triplet } });
      expect(broken.passed).toBe(false);
      expect(broken.parts.find(({ name }) => name === 'pair rule, worst distance')!.chance).toBeLessThan(1e-6);
    },
  );
});

const tauY = ({ spec }: ExperimentPlan) => (spec.kernel as TripletKernel).tauYMs;

/*
 * 60 pairs of spikes 10 ms apart, repeated at a frequency, in slices of visual cortex (Sjöström, Turrigiano & Nelson 2001;
 * numbers of Pfister & Gerstner 2006, Table 1): relative change and its standard error. Pairs of spikes alone cannot give
 * this: the window says depression of post before pre at any frequency.
 */
const sjostrom = [
  { hertz: 10, dt: 10, change: 0.14, se: 0.1 },
  { hertz: 20, dt: 10, change: 0.29, se: 0.14 },
  { hertz: 40, dt: 10, change: 0.53, se: 0.11 },
  { hertz: 50, dt: 10, change: 0.56, se: 0.26 },
  { hertz: 10, dt: -10, change: -0.41, se: 0.11 },
  { hertz: 20, dt: -10, change: -0.34, se: 0.1 },
  { hertz: 40, dt: -10, change: 0.56, se: 0.32 },
  { hertz: 50, dt: -10, change: 0.75, se: 0.19 },
];

describe('pairs of spikes repeated at a frequency', () => {
  const msPerStep = 2.5;
  const steps = 2500;
  const protocols = sjostrom.map(({ hertz, dt }) => {
    const pre = Array.from({ length: 60 }, (_, k) => 20 + (k * 1000) / hertz / msPerStep);
    return { pre, post: pre.map((t) => t + dt / msPerStep) };
  });

  it.each(schemes.flatMap((scheme) => (['full', 'minimal'] as const).map((model) => [scheme, model] as const)))(
    'change weights as measured in visual cortex: %s, %s model',
    async (scheme, model) => {
      const planned = plan({
        ...{ sequences: sjostrom.length, steps, trials: 1, msPerStep },
        pre: certain(
          protocols.map(({ pre }) => pre),
          steps,
        ),
        post: certain(
          protocols.map(({ post }) => post),
          steps,
        ),
        pairing: { scheme, window: 64, edges: 'truncate' },
        kernel: { type: 'triplet', set: 'visual-cortex', model },
      });
      const simulation = await simulate(fast, planned);
      const totals = sjostrom.map((_, sequence) =>
        changesOf(simulation, planned, sequence).reduce((sum, change) => sum + change, 0),
      );
      sjostrom.forEach(({ hertz, dt, change, se }, sequence) => {
        expect(Math.abs(totals[sequence]! - change), `${hertz} Hz, ${dt} ms`).toBeLessThan(2 * se);
      });
      // Post before pre depresses at low frequencies and potentiates at high ones.
      expect(totals.slice(4).map(Math.sign)).toEqual([-1, -1, 1, 1]);
    },
  );
});

describe('the spec of triplets', () => {
  it('is visual cortex, the full model, unless it says otherwise', () => {
    const { kernel } = parseSpec({ pairing: { scheme: 'triplet' } });
    expect(kernel).toEqual(tripletKernel('triplet', 'visual-cortex', 'full'));
    expect(kernel).toMatchObject({ a3Plus: 6.2e-3, a2Minus: 7e-3, tauXMs: 101, tauYMs: 125 });
    const nearest = parseSpec({
      pairing: { scheme: 'triplet-nearest' },
      kernel: { type: 'triplet', set: 'hippocampus', model: 'minimal', a2Plus: 0.5 },
    });
    expect(nearest.kernel).toEqual({ ...tripletKernel('triplet-nearest', 'hippocampus', 'minimal'), a2Plus: 0.5 });
    expect(parseSpec(JSON.parse(JSON.stringify(nearest)))).toEqual(nearest);
  });

  it('takes time constants in ms, whatever a step is', async () => {
    const trains = (stretch: number) => {
      const steps = 120 * stretch;
      const times = (all: readonly number[]) => [all.map((t) => t * stretch)];
      return plan({
        ...{ sequences: 1, trials: 1, steps, msPerStep: 2 / stretch },
        pre: certain(times([3, 17, 31, 60]), steps),
        post: certain(times([5, 11, 40, 58, 70]), steps),
        pairing: { scheme: 'triplet', window: 30 * stretch, edges: 'truncate' },
      });
    };
    const [coarse, fine] = [trains(1), trains(2)];
    const total = async (planned: ExperimentPlan) =>
      changesOf(await simulate(twinEngine(), planned), planned).reduce((sum, change) => sum + change, 0);
    expect(await total(fine)).toBeCloseTo(await total(coarse), 7);
  });

  it('can be swept', () => {
    const sweep = parseSweep({
      base: { pairing: { scheme: 'triplet' } },
      axes: { 'kernel.tauYMs': [50, 125], 'kernel.a3Plus': [0, 0.01] },
    });
    expect(sweep.pointAt(3).spec.kernel).toMatchObject({ type: 'triplet', tauYMs: 125, a3Plus: 0.01, tauXMs: 101 });
    expect(parseSweep(JSON.parse(JSON.stringify(sweep.spec))).spec).toEqual(sweep.spec);
  });

  it('is refused where kernel and scheme do not go together', () => {
    const refusalOf = (spec: object) => errorOf(() => parseSpec(spec)).message;
    expect(refusalOf({ kernel: { type: 'triplet' } })).toBe(
      'kernel.type: "triplet" is not allowed; expected "exponential" or "table": pairing.scheme is "nearest-exclusive"',
    );
    expect(refusalOf({ pairing: { scheme: 'triplet' }, kernel: { aPlus: 2 } })).toBe(
      'kernel.type: "exponential" is not allowed; expected "triplet": pairing.scheme is "triplet"',
    );
    const triplet = (kernel: object) =>
      refusalOf({ pairing: { scheme: 'triplet' }, kernel: { type: 'triplet', ...kernel } });
    expect(triplet({ set: 'cerebellum' })).toContain('kernel.set: "cerebellum" is not allowed');
    expect(triplet({ tauXMs: 0 })).toContain('kernel.tauXMs: 0 is not allowed; expected a number > 0');
    expect(triplet({ a3Minus: -1 })).toContain('kernel.a3Minus: -1 is not allowed');
    expect(triplet({ tauX: 3 })).toContain('kernel.tauX: unknown key');
  });
});
