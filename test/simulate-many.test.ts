import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { GpuContext } from '../src/gpu/context.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { gpuEngine } from '../src/stdp/gpu-engine.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { simulate } from '../src/stdp/simulate.ts';
import { runShards, simulateMany } from '../src/stdp/simulate-many.ts';
import { addTallies, type Tallies } from '../src/stdp/tallies.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { sampleSpecs } from './support/specs.ts';

describe('many experiments at once', () => {
  let context: GpuContext;
  beforeAll(async () => {
    const { gpu } = await loadDawn();
    context = await GpuContext.create({ gpu });
  });
  afterAll(() => {
    context.destroy();
  });

  const specs = [
    ...Object.values(sampleSpecs).filter(({ trials }: { trials?: number }) => (trials ?? 0) < 1000),
    // Points of a sweep: same shape, everything else different.
    ...Array.from({ length: 12 }, (_, n) => ({
      seed: n * 7,
      sequences: 1 + (n % 3),
      steps: 90,
      trials: 10 + 13 * n,
      pre: { epsilon: 0.05 + 0.02 * n, peak: 0.05 * (n + 1), drive: { mean: 0.1 * n } },
      post: { drive: { sd: 0.5 + 0.2 * n } },
      kernel: { aPlus: n, tauMinus: 5 + n },
    })),
    // Several pairing schemes, which share no batch, with two points each, which do.
    ...['nearest-symmetric', 'all-to-all'].flatMap((scheme) =>
      ['skip', 'causal'].flatMap((coincidence) =>
        [5, 8].map((aPlus) => ({
          ...{ sequences: 2, steps: 70, trials: 20, kernel: { aPlus } },
          pairing: { scheme, coincidence, window: 9 },
        })),
      ),
    ),
  ];
  const plans = specs.map((spec) => planExperiment(parseSpec(spec)));

  it.each([undefined, 5])('give what each gives alone, to the bit (chunk %s)', async (chunk) => {
    const found: (Tallies | undefined)[] = plans.map(() => undefined);
    for await (const { index, tallies } of simulateMany(gpuEngine(context), plans, chunk ? { chunk } : {})) {
      found[index] = tallies;
    }
    for (const [index, plan] of plans.entries()) {
      expect(found[index]).toEqual((await simulate(twinEngine(), plan)).tallies);
    }
  });

  it('are split into tiles where they do not fit one, and run alone where one does not fit', async () => {
    const engine = { ...gpuEngine(context), largestRegion: () => ({ sequences: 2, steps: 1000 }) };
    const found: (Tallies | undefined)[] = plans.map(() => undefined);
    for await (const { index, tallies } of simulateMany(engine, plans)) found[index] = tallies;
    for (const [index, plan] of plans.entries()) {
      expect(found[index]).toEqual((await simulate(twinEngine(), plan)).tallies);
    }
  });

  it.each([0, 1, 3])('give the same on the CPU, with %s threads', async (threads) => {
    using engine = fastCpuEngine({ threads });
    const found: (Tallies | undefined)[] = plans.map(() => undefined);
    for await (const { index, tallies } of simulateMany(engine, plans)) found[index] = tallies;
    for (const [index, plan] of plans.entries()) {
      expect(found[index]).toEqual((await simulate(twinEngine(), plan)).tallies);
    }
  });

  it('as shards of their trials add up to the whole, on the GPU and on the CPU', async () => {
    using cpu = fastCpuEngine({ threads: 2 });
    const shards = plans.flatMap((plan, index) => {
      const ends = [Math.ceil(plan.spec.trials / 3), plan.spec.trials].filter(
        (end, at, all) => all.indexOf(end) === at,
      );
      return ends.map((endTrial, at) => ({ index, plan, firstTrial: at === 0 ? 0 : ends[0]!, endTrial }));
    });
    for (const engine of [cpu, gpuEngine(context)]) {
      const sums: (Tallies | undefined)[] = plans.map(() => undefined);
      for await (const { index, tallies } of runShards(engine, shards)) {
        const shard = shards[index]!;
        expect(tallies.trials).toBe(shard.endTrial - shard.firstTrial);
        const before = sums[shard.index];
        sums[shard.index] = before ? addTallies(before, tallies) : tallies;
      }
      for (const [index, plan] of plans.entries()) {
        expect(sums[index]).toEqual((await simulate(twinEngine(), plan)).tallies);
      }
    }
  });

  it('stop at the signal', async () => {
    const controller = new AbortController();
    const engine = { ...gpuEngine(context), largestRegion: () => ({ sequences: 3, steps: 1000 }) };
    let count = 0;
    for await (const _ of simulateMany(engine, plans, { signal: controller.signal })) {
      if (++count === 3) controller.abort();
    }
    expect(count).toBeGreaterThanOrEqual(3);
    expect(count).toBeLessThan(plans.length);
  });
});
