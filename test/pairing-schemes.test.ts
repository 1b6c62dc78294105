import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { GpuContext } from '../src/gpu/context.ts';
import { curveOf } from '../src/stdp/curve.ts';
import type { Engine } from '../src/stdp/engine.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { gpuEngine } from '../src/stdp/gpu-engine.ts';
import { kernelTable } from '../src/stdp/kernel.ts';
import { coincidences, pairDistances, pairwiseSchemes } from '../src/stdp/pairing-schemes.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { type ExperimentPlan, planExperiment } from '../src/stdp/plan.ts';
import { type Simulation, simulate } from '../src/stdp/simulate.ts';
import type { Coincidence, PairingSpec, TableKernel } from '../src/stdp/spec.ts';
import { unpackSpikes } from '../src/stdp/spikes.ts';
import { parseSweep } from '../src/stdp/sweep/parse-sweep.ts';
import { pairCounts, presynapticSpikes } from '../src/stdp/tallies.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { assertSameSimulation } from './support/compare.ts';
import { errorOf } from './support/errors.ts';
import { definedPairs } from './support/pair-definitions.ts';

const plan = (spec: object) => planExperiment(parseSpec(spec));
const pairings = pairwiseSchemes.flatMap((scheme) => coincidences.map((coincidence) => [scheme, coincidence] as const));

const fast = fastCpuEngine({ threads: 0 });
let context: GpuContext;
let engines: readonly [string, Engine][];

beforeAll(async () => {
  const dawn = await loadDawn();
  context = await GpuContext.create({ gpu: dawn.gpu });
  engines = [
    ['twin', twinEngine()],
    ['WebAssembly', fast],
    ['WGSL', gpuEngine(context)],
  ];
});
afterAll(() => {
  fast.close();
  context.destroy();
});

/*
 * Twelve spikes, two of each neuron coincident, paired by hand:
 *
 *   step  0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23
 *   pre       |     |       |  |           |                 |
 *   post        |   |   |      |                 |  |
 *
 * Window 5, edges truncated; the weight change of a pair is 6 − d after, −(6 − |d|) before, and ±6 at d = 0.
 */
const handMade = { steps: 24, pre: [2, 5, 9, 10, 14, 20], post: [3, 5, 7, 10, 16, 17], window: 5 };

/** Spike-timing differences of the pairs of each presynaptic spike, and the sum of their weight changes. */
type ByHand = Readonly<Record<number, readonly [distances: readonly number[], change: number]>>;

const worksheet: Readonly<Record<(typeof pairwiseSchemes)[number], Readonly<Record<Coincidence, ByHand>>>> = {
  'all-to-all': {
    skip: {
      2: [[1, 3, 5], 9],
      5: [[-2, 2, 5], 1],
      9: [[-4, -2, 1], -1],
      10: [[-5, -3], -4],
      14: [[-4, 2, 3], 5],
      20: [[-4, -3], -5],
    },
    causal: {
      2: [[1, 3, 5], 9],
      5: [[-2, 0, 2, 5], 7],
      9: [[-4, -2, 1], -1],
      10: [[-5, -3, 0], 2],
      14: [[-4, 2, 3], 5],
      20: [[-4, -3], -5],
    },
    acausal: {
      2: [[1, 3, 5], 9],
      5: [[-2, 0, 2, 5], -5],
      9: [[-4, -2, 1], -1],
      10: [[-5, -3, 0], -10],
      14: [[-4, 2, 3], 5],
      20: [[-4, -3], -5],
    },
  },
  'nearest-presynaptic': {
    skip: { 2: [[1], 5], 5: [[-2, 2], 0], 9: [[-2, 1], 1], 10: [[-3], -3], 14: [[-4, 2], 2], 20: [[-3], -3] },
    causal: { 2: [[1], 5], 5: [[-2, 0], 2], 9: [[-2, 1], 1], 10: [[-3, 0], 3], 14: [[-4, 2], 2], 20: [[-3], -3] },
    acausal: { 2: [[1], 5], 5: [[0, 2], -2], 9: [[-2, 1], 1], 10: [[0], -6], 14: [[-4, 2], 2], 20: [[-3], -3] },
  },
  'nearest-symmetric': {
    skip: { 2: [[1, 3], 8], 5: [[-2, 2], 0], 9: [[-2, 1], 1], 10: [[-3], -3], 14: [[-4, 2, 3], 5], 20: [[-3], -3] },
    causal: {
      2: [[1], 5],
      5: [[-2, 0, 2], 6],
      9: [[-2], -4],
      10: [[-3, 0], 3],
      14: [[-4, 2, 3], 5],
      20: [[-3], -3],
    },
    acausal: { 2: [[1, 3], 8], 5: [[0, 2], -2], 9: [[-2, 1], 1], 10: [[0], -6], 14: [[-4, 2, 3], 5], 20: [[-3], -3] },
  },
  'nearest-reduced': {
    skip: { 2: [[1], 5], 5: [[-2, 2], 0], 9: [[-2, 1], 1], 10: [[], 0], 14: [[-4, 2], 2], 20: [[-3], -3] },
    causal: { 2: [[1], 5], 5: [[-2, 0], 2], 9: [[-2], -4], 10: [[0], 6], 14: [[-4, 2], 2], 20: [[-3], -3] },
    acausal: { 2: [[1], 5], 5: [[0, 2], -2], 9: [[-2, 1], 1], 10: [[0], -6], 14: [[2], 4], 20: [[-3], -3] },
  },
  'nearest-exclusive': {
    skip: { 2: [[1], 5], 5: [[], 0], 9: [[], 0], 10: [[], 0], 14: [[], 0], 20: [[-3], -3] },
    causal: { 2: [[1], 5], 5: [[], 0], 9: [[], 0], 10: [[], 0], 14: [[], 0], 20: [[-3], -3] },
    acausal: { 2: [[1], 5], 5: [[], 0], 9: [[], 0], 10: [[0], -6], 14: [[], 0], 20: [[-3], -3] },
  },
};

/** Activities of a neuron that spikes for certain at some steps and never at others. */
const certain = (spikes: readonly number[], steps: number) => ({
  drive: { type: 'table', values: [Array.from({ length: steps + 1 }, (_, t) => (spikes.includes(t) ? 1 : -1))] },
  peak: 1,
});

describe('a train of twelve spikes, paired by hand', () => {
  const bytes = (spikes: readonly number[]) =>
    Uint8Array.from({ length: handMade.steps }, (_, t) => Number(spikes.includes(t)));
  const atZero = { skip: 0, causal: 6, acausal: -6 } as const;

  it.each(pairings)('%s, %s', async (scheme, coincidence) => {
    const { steps, window } = handMade;
    const pairing: PairingSpec = { scheme, coincidence, window, edges: 'truncate' };
    const byHand = worksheet[scheme][coincidence];
    const values = Array.from({ length: 11 }, (_, bin) => {
      const d = bin - 5;
      return d === 0 ? atZero[coincidence] : Math.sign(d) * (6 - Math.abs(d));
    });
    const pre = certain(handMade.pre, steps);
    const post = certain(handMade.post, steps);
    const planned = plan({ sequences: 1, steps, trials: 3, pre, post, pairing, kernel: { type: 'table', values } });
    for (const [name, engine] of engines) {
      const { tallies } = await simulate(engine, planned);
      const unit = 2 ** planned.kernelFractionBits;
      const changes = Array.from(tallies.cellPairs, (sum) => Number(sum) / 3 / unit);
      const expected = Array.from({ length: steps }, (_, t) => byHand[t]?.[1] ?? 0);
      expect(changes, name).toEqual(expected);
      const { pairs, presynapticSpikes: spikes } = curveOf(tallies, planned);
      const distances = Object.values(byHand).flatMap(([each]) => each);
      expect([pairs, spikes], name).toEqual([3 * distances.length, 3 * handMade.pre.length]);
    }
    for (const t of handMade.pre) {
      const found = pairDistances(bytes(handMade.pre), bytes(handMade.post), t, pairing);
      expect(
        found.toSorted((a, b) => a - b),
        `step ${t}`,
      ).toEqual(byHand[t]![0]);
    }
  });
});

/** Windows on both sides of a word, edges, and rates from rare to certain. */
const randomSpecs = [
  { steps: 60, pairing: { window: 1, edges: 'interior' }, pre: { peak: 0.9 }, post: { peak: 0.9 } },
  { steps: 131, pairing: { window: 20, edges: 'truncate' }, pre: { peak: 0.3 }, post: { peak: 0.2 } },
  { steps: 129, pairing: { window: 32, edges: 'interior' }, pre: { peak: 0.1 }, post: { peak: 0.05 } },
  { steps: 97, pairing: { window: 33, edges: 'truncate' }, pre: { peak: 0.05 }, post: { peak: 0.1 } },
  { steps: 2200, pairing: { window: 64, edges: 'interior' }, pre: { peak: 0.04 }, post: { peak: 0.03 } },
] as const;

describe.each(pairings)('%s pairing, coincident spikes %s', (scheme, coincidence) => {
  it.each(randomSpecs)('pairs random trains as defined, window $pairing.window', async ({ pairing, ...rest }) => {
    const planned = plan({ seed: 7, sequences: 2, trials: 5, ...rest, pairing: { ...pairing, scheme, coincidence } });
    const { sequences, trials } = planned.spec;
    const traces = Array.from({ length: sequences * trials }, (_, index) => ({
      sequence: Math.floor(index / trials),
      trial: index % trials,
    }));
    const twin = await simulate(twinEngine(), planned, { traces });
    assertAsDefined(twin, planned);
    for (const [, engine] of engines.slice(1)) assertSameSimulation(await simulate(engine, planned, { traces }), twin);
  });
});

/** Every count and sum of a simulation is what its own spikes give by definition. */
function assertAsDefined({ trials, tallies }: Simulation, planned: ExperimentPlan): void {
  const { firstPaired, pairedSteps, kernelFixed, spec } = planned;
  const { scheme, coincidence, window } = spec.pairing;
  const distances = 2 * window + 1;
  const counts = new Float64Array(spec.sequences * distances);
  const cellPairs = new BigInt64Array(spec.sequences * pairedSteps);
  const spikes = new Float64Array(spec.sequences);
  const isRecorded = (t: number) => t >= firstPaired && t < firstPaired + pairedSteps;
  for (const { sequence, spikes: trains } of trials) {
    const times = (train: Uint32Array) =>
      Array.from(unpackSpikes(train, spec.steps)).flatMap((spike, t) => (spike ? [t] : []));
    const pre = times(trains.pre);
    spikes[sequence]! += pre.filter(isRecorded).length;
    for (const pair of definedPairs(scheme, coincidence, window, pre, times(trains.post))) {
      if (!isRecorded(pair.pre)) continue;
      const bin = pair.post - pair.pre + window;
      counts[sequence * distances + bin]! += 1;
      cellPairs[sequence * pairedSteps + pair.pre - firstPaired]! += BigInt(kernelFixed[bin]!);
    }
  }
  expect(pairCounts(tallies, planned)).toEqual(counts);
  expect(presynapticSpikes(tallies, planned)).toEqual(spikes);
  expect(tallies.cellPairs).toEqual(cellPairs);
}

describe('a kernel given as a table', () => {
  const pairing = { scheme: 'all-to-all', coincidence: 'causal', window: 12 } as const;
  const shape = { seed: 3, sequences: 3, steps: 80, trials: 40, pairing };

  it('that lists an exponential kernel is that kernel, to the bit', async () => {
    const exponential = plan({ ...shape, kernel: { aPlus: 0.7, tauPlus: 5, aMinus: 0.2 } });
    const values = Array.from({ length: 25 }, (_, bin) => exponential.kernel[bin]!);
    expect(values[12]).toBe(0.7);
    const table = plan({ ...shape, kernel: { type: 'table', values } });
    for (const [, engine] of engines) {
      assertSameSimulation(await simulate(engine, table), await simulate(twinEngine(), exponential));
    }
  });

  it('is made of a function of the distance', () => {
    const kernel = kernelTable(12, (d) => d * Math.abs(d));
    expect(kernel.values).toEqual(Array.from({ length: 25 }, (_, bin) => (bin - 12) * Math.abs(bin - 12)));
    const planned = plan({ ...shape, kernel });
    const unit = 2 ** planned.kernelFractionBits;
    kernel.values.forEach((value, bin) => {
      expect(planned.kernelFixed[bin]! / unit).toBe(value);
    });
  });

  it('can be swept number by number, and so can an exponential one under any scheme', () => {
    const axes = { 'kernel.values[24]': [1, 2] };
    const table = parseSweep({ base: { ...shape, kernel: kernelTable(12, (d) => d) }, axes });
    expect((table.pointAt(1).spec.kernel as TableKernel).values.at(-1)).toBe(2);
    const exponential = parseSweep({ base: shape, axes: { 'kernel.tauPlus': [4, 8], 'pairing.window': [6, 7] } });
    const { kernel, pairing: swept } = exponential.pointAt(3).spec;
    expect(kernel).toMatchObject({ type: 'exponential', tauPlus: 8 });
    expect(swept).toMatchObject({ ...pairing, window: 7 });
    // A table is as long as the window wants: another window is refused before anything runs.
    expect(
      errorOf(() =>
        parseSweep({ base: { ...shape, kernel: kernelTable(12, (d) => d) }, axes: { 'pairing.window': [11] } }),
      ).message,
    ).toContain('kernel.values');
  });
});
