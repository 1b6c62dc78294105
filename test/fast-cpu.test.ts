import { afterAll, describe, expect, it } from 'vitest';
import { createCore } from '../src/stdp/fast/core.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { loadModule } from '../src/stdp/fast/module.ts';
import { Part } from '../src/stdp/fast/part.ts';
import { divideRegion, largestRegion, shareOfTrials } from '../src/stdp/fast/parts.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { type ExperimentPlan, planExperiment } from '../src/stdp/plan.ts';
import { type SimulateOptions, type Simulation, simulate } from '../src/stdp/simulate.ts';
import { type Region, type Tallies, wholeRegion } from '../src/stdp/tallies.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { assertSameArray, assertSameSimulation } from './support/compare.ts';
import { sampleSpecs } from './support/specs.ts';

const plan = (spec: object) => planExperiment(parseSpec(spec));

/** Windows on both sides of what a 64-bit word holds; steps, trials and rates at their edges. */
const edgeSpecs: Readonly<Record<string, object>> = {
  'window of 1': { sequences: 3, steps: 64, trials: 33, post: { peak: 0.6 }, pairing: { window: 1 } },
  'window of 31': { sequences: 3, steps: 65, trials: 34, pre: { peak: 0.9 }, pairing: { window: 31 } },
  'window of 32, truncated': { sequences: 2, steps: 95, trials: 35, pairing: { window: 32, edges: 'truncate' } },
  'window of 56': { sequences: 2, steps: 300, trials: 101, post: { peak: 0.03 }, pairing: { window: 56 } },
  'window of 57, truncated': {
    sequences: 2,
    steps: 257,
    trials: 102,
    post: { peak: 0.03 },
    pairing: { window: 57, edges: 'truncate' },
  },
  'window of 63, rare spikes': {
    sequences: 2,
    steps: 500,
    trials: 203,
    pre: { peak: 0.5 },
    post: { peak: 0.02 },
    pairing: { window: 63 },
  },
  'window of 64, truncated, rare spikes': {
    sequences: 2,
    steps: 320,
    trials: 403,
    pre: { peak: 0.5 },
    post: { peak: 0.015 },
    pairing: { window: 64, edges: 'truncate' },
  },
  'longer than a buffer of spike trains': { sequences: 2, steps: 2049, trials: 9, post: { peak: 0.05 } },
  'three buffers and an odd word': {
    sequences: 1,
    steps: 3 * 2048 + 33,
    trials: 6,
    post: { peak: 0.01 },
    pairing: { window: 64, edges: 'truncate' },
  },
  'a single step': { sequences: 5, steps: 1, trials: 7, pre: { peak: 1 }, pairing: { edges: 'truncate' } },
  'peaks near 0': { sequences: 4, steps: 150, trials: 200, pre: { peak: 1e-9 }, post: { peak: 3e-4 } },
  'every step spikes': {
    sequences: 2,
    steps: 100,
    trials: 10,
    pre: { drive: { type: 'noise', mean: 5, sd: 0 }, peak: 1 },
    post: { drive: { type: 'noise', mean: 5, sd: 0 }, peak: 1 },
  },
  'many sequences': { sequences: 37, steps: 75, trials: 21, seed: 77 },
  'every drive with every leak': {
    sequences: 20,
    steps: 50,
    trials: 5,
    pre: { drive: { type: 'ramps', low: -100, high: 3000, knots: 7 }, epsilon: 0.0007 },
    post: { drive: { type: 'steps', low: -1e-5, high: 0, hold: 3.3 }, epsilon: 0.9, rho: { type: 'logistic' } },
    pairing: { window: 5 },
  },
};

const specs = Object.entries({ ...sampleSpecs, ...edgeSpecs });

/** Everything that can be asked of an experiment. */
function everything({ spec }: ExperimentPlan): SimulateOptions {
  const last = { sequence: spec.sequences - 1, trial: spec.trials - 1 };
  return { rates: true, traces: [{ sequence: 0, trial: 0 }, last] };
}

const expectations = new Map<string, Promise<Simulation>>();

/** What the twin makes of a spec. */
function expected(name: string, planned: ExperimentPlan): Promise<Simulation> {
  const known = expectations.get(name) ?? simulate(twinEngine(), planned, everything(planned));
  expectations.set(name, known);
  return known;
}

describe.each([
  { threads: 0, chunk: undefined },
  { threads: 1, chunk: 7 },
  { threads: 2, chunk: undefined },
  { threads: 2, chunk: 1 },
  { threads: 3, chunk: 7 },
])('the fast CPU engine on $threads threads in chunks of $chunk', ({ threads, chunk }) => {
  const engine = fastCpuEngine({ threads });
  afterAll(() => engine.close());

  it.each(specs)('equals the twin for %s', async (name, spec) => {
    const planned = plan(spec);
    const options = { ...everything(planned), ...(chunk === undefined ? {} : { chunk }) };
    assertSameSimulation(await simulate(engine, planned, options), await expected(name, planned));
  });

  it('equals the twin on a slice of the steps, beside another tile', async () => {
    const planned = plan({ sequences: 9, steps: 140, trials: 30, post: { peak: 0.05 } });
    const region: Region = { firstSequence: 3, sequences: 4, firstStep: 45, steps: 51 };
    const other = await engine.openTile(planned, wholeRegion(planned, 0, 9));
    const [tile, twin] = await Promise.all([engine.openTile(planned, region), twinEngine().openTile(planned, region)]);
    await Promise.all([other.runTrials(0, 5), tile.runTrials(0, 30), twin.runTrials(0, 30)]);
    assertSameTallies(await tile.readTallies(), await twin.readTallies());
    other.destroy();
    tile.destroy();
    // What a tile leaves behind is not seen by the next one in the same memory.
    const again = await engine.openTile(planned, region);
    await again.runTrials(0, 30);
    assertSameTallies(await again.readTallies(), await twin.readTallies());
    again.destroy();
  });

  it('stops between dispatches and keeps the trials done', async () => {
    const planned = plan({ sequences: 4, trials: 4000 });
    const controller = new AbortController();
    const interrupted = await simulate(engine, planned, {
      chunk: 500,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(interrupted.interrupted).toBe(true);
    expect(interrupted.tallies.trials).toBe(500);
    assertSameSimulation(interrupted, await simulate(twinEngine(), plan({ sequences: 4, trials: 500 })));
  });

  it('says when memory runs out, and goes on', async () => {
    const planned = plan({ sequences: 2 });
    const tooLarge = wholeRegion(planned, 0, 2 ** 19);
    await expect(engine.openTile(planned, tooLarge)).rejects.toMatchObject({ code: 'out-of-memory' });
    expect((await simulate(engine, planned)).tallies.trials).toBe(1000);
  });
});

describe('the tallies of a core', () => {
  it('are exact for counts up to 2³² − 1, which take a single step', async () => {
    const { sizes, ...module } = await loadModule();
    const planned = plan({ sequences: 2, steps: 1, trials: 2 ** 32 - 1, pairing: { edges: 'truncate' } });
    const { bins, kernelFixed } = planned;
    const part = new Part(planned, wholeRegion(planned, 0, 2), sizes, 0);
    const core = createCore(module);
    core(part.open());
    const counts = Uint32Array.from({ length: 2 * bins }, (_, i) => [0, 2 ** 31, 2 ** 32 - 1, 2 ** 31 - 1, 3][i % 5]!);
    const { at } = part.read('histogram') as { at: number };
    core([{ do: 'write', tile: 0, at, data: counts }]);
    const { pairs, rateSums, spikeSums, cellRates, cellPairs } = part.talliesOf(core(part.tally()), 2 ** 32 - 1);
    const [states] = core([part.read('postStates')]).map((bytes) => new Int32Array(bytes));
    expect(pairs).toEqual(counts);
    for (const row of [0, 1]) {
      const change = states![2 * row + 1]! - states![2 * row]!;
      const ofRow = Array.from(counts.subarray(row * bins, (row + 1) * bins), BigInt);
      const times = (term: number) => BigInt64Array.from(ofRow, (count) => count * BigInt(term));
      expect(change).not.toBe(0);
      expect(spikeSums.slice(row * bins, (row + 1) * bins)).toEqual(times(change));
      expect(rateSums.slice(row * bins, (row + 1) * bins)).toEqual(times(cellRates[row]!));
      expect(cellPairs[row]).toBe(ofRow.reduce((sum, count, bin) => sum + count * BigInt(kernelFixed[bin]!), 0n));
    }
  });
});

describe('the fast CPU engine', () => {
  it('refuses a number of threads that is none', () => {
    for (const threads of [-1, 1.5, Number.NaN]) {
      expect(() => fastCpuEngine({ threads })).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    }
  });

  it.each([0, 2])('ends the work of %i threads when it is closed', async (threads) => {
    const engine = fastCpuEngine({ threads });
    const planned = plan({ trials: 20_000 });
    const running = simulate(engine, planned, { onProgress: () => engine.close() });
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
    await expect(engine.openTile(planned, wholeRegion(planned, 0, 1))).rejects.toMatchObject({ code: 'aborted' });
  });

  it('gives way to the event loop on the calling thread', async () => {
    using engine = fastCpuEngine({ threads: 0 });
    const planned = plan({ sequences: 50 });
    const tile = await engine.openTile(planned, wholeRegion(planned, 0, 50));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await tile.runTrials(0, 20_000);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});

describe('the division of the work', () => {
  const region: Region = { firstSequence: 10, sequences: 37, firstStep: 20, steps: 120 };

  it('gives every thread its own sequences where there are enough', () => {
    const parts = divideRegion(region, 4).map((part) => part.region);
    expect(parts.map(({ firstSequence }) => firstSequence)).toEqual([10, 19, 28, 37]);
    expect(parts.reduce((sum, { sequences }) => sum + sequences, 0)).toBe(37);
  });

  it.each([1, 3, 4, 7, 29, 1000])('gives every one of %i trials to one thread otherwise', (count) => {
    const parts = divideRegion({ ...region, sequences: 5 }, 3);
    let next = 100;
    for (const part of parts) {
      const share = shareOfTrials(part, 100, count);
      if (share.count === 0) continue;
      expect(share.first).toBe(next);
      next += share.count;
    }
    expect(next).toBe(100 + count);
  });

  it('slices the steps of sequences that are too long for one tile', () => {
    const long = plan({ sequences: 1, steps: 2 ** 23, trials: 1 });
    for (const threads of [1, 2, 16]) {
      const { sequences, steps } = largestRegion(long, threads);
      expect(sequences).toBe(1);
      const bytes = steps * long.bins * 4;
      expect(bytes).toBeLessThanOrEqual(Math.max(2 ** 28 / threads, 2 ** 25));
      expect(bytes).toBeGreaterThan(2 ** 24);
    }
    expect(largestRegion(plan({}), 2)).toMatchObject({ steps: 120 });
    expect(largestRegion(plan({}), 2).sequences).toBeGreaterThanOrEqual(500);
  });
});

function assertSameTallies(actual: Tallies, expectedTallies: Tallies): void {
  const names = ['pairs', 'rateSums', 'spikeSums', 'cellRates', 'cellPairs', 'preSpikes', 'postSpikes'] as const;
  for (const name of names) assertSameArray(name, actual[name], expectedTallies[name]);
}
