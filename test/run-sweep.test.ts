import { describe, expect, it } from 'vitest';
import { EngineError } from '../src/errors.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { simulate } from '../src/stdp/simulate.ts';
import { measure, outcomeOf } from '../src/stdp/sweep/measures.ts';
import { memoryJournal } from '../src/stdp/sweep/memory-journal.ts';
import type { PointOutcome } from '../src/stdp/sweep/outcome.ts';
import { parseSweep } from '../src/stdp/sweep/parse-sweep.ts';
import { type RunSweepOptions, runSweep, type SweepProgress } from '../src/stdp/sweep/run-sweep.ts';
import { engineRunner, type ShardRunner } from '../src/stdp/sweep/shard-runner.ts';
import type { SweepPlan } from '../src/stdp/sweep/sweep-spec.ts';
import { sweepTrialSteps } from '../src/stdp/sweep/workload.ts';

const sweep = parseSweep({
  base: { sequences: 4, steps: 80, trials: 20 },
  axes: { 'post.epsilon': [0.05, 0.1, 0.3], 'pre.peak': [0.1, 0.4] },
  replicates: 2,
});
const until = { measure: 'mean_rate_pre', se: 0.012, maxTrials: 90 } as const;
const converging = parseSweep({ ...sweep.spec, until });

async function outcomes(plan: SweepPlan, options: RunSweepOptions): Promise<PointOutcome[]> {
  const found: PointOutcome[] = [];
  for await (const { point, outcome } of runSweep(plan, options)) found[point] = outcome;
  return found;
}

/** A runner on the CPU engine; each run of shards ends with what `after` does once so many shards are finished. */
function runnerThat(after: (finished: number) => void, log: number[] = []): ShardRunner & { closed: number } {
  const engine = fastCpuEngine({ threads: 0 });
  let finished = 0;
  const runner = {
    closed: 0,
    async *run(...[shards, options]: Parameters<ShardRunner['run']>) {
      for await (const shard of engineRunner(engine).run(shards, options)) {
        after(finished++);
        log.push(shards[shard.index]!.firstTrial);
        yield shard;
      }
    },
    close() {
      runner.closed++;
      engine.close();
    },
  };
  return runner;
}

const lost = () => new EngineError('device-lost', 'the device was lost');

describe('a sweep', () => {
  const whole = outcomes(sweep, { open: async () => runnerThat(() => undefined) });

  it('has the outcome that each point has as an experiment of its own, with any threads and chunk', async () => {
    using engine = fastCpuEngine({ threads: 3 });
    expect(await outcomes(sweep, { open: async () => engineRunner(engine), chunk: 3 })).toEqual(await whole);
    for (let index = 0; index < sweep.points; index++) {
      const plan = planExperiment(sweep.pointAt(index).spec);
      const { tallies } = await simulate(engine, plan);
      expect((await whole)[index]).toEqual(outcomeOf(tallies, plan, sweep.spec, false));
    }
    expect((await whole)[0]).not.toEqual((await whole)[1]);
  });

  it('goes on with its journal after an abort, and does nothing twice', async () => {
    const journal = memoryJournal();
    const log: number[] = [];
    for (const stopAfter of [2, 3, 100]) {
      const controller = new AbortController();
      const before = journal.finished.size;
      const open = async () => runnerThat((finished) => finished === stopAfter && controller.abort(), log);
      const found = await outcomes(sweep, { open, journal, signal: controller.signal, chunk: 1 });
      expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(before);
    }
    expect(await outcomes(sweep, { open: () => Promise.reject(new Error('not needed')), journal })).toEqual(
      await whole,
    );
    expect(log).toHaveLength(sweep.points);
  });

  it('opens a lost device anew, and gives up one that is always lost', async () => {
    const runners: ReturnType<typeof runnerThat>[] = [];
    const open = async () => {
      const isFirst = runners.length === 0;
      runners.push(
        runnerThat((finished) => {
          if (isFirst && finished === 5) throw lost();
        }),
      );
      return runners.at(-1)!;
    };
    expect(await outcomes(sweep, { open })).toEqual(await whole);
    expect(runners.map(({ closed }) => closed)).toEqual([1, 1]);

    const always = async () =>
      runnerThat(() => {
        throw lost();
      });
    await expect(outcomes(sweep, { open: always })).rejects.toMatchObject({ code: 'device-lost' });
  });

  it('passes other errors on and closes its runner', async () => {
    const runner = runnerThat(() => {
      throw new EngineError('out-of-memory', 'full');
    });
    await expect(outcomes(sweep, { open: async () => runner })).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(runner.closed).toBe(1);
  });

  it('simulates ahead of the analysis, and ends what is under way when nobody wants more points', async () => {
    // 3600 points; the first slice has 656 of them, and the second at most four times as many.
    const large = parseSweep({ ...sweep.spec, replicates: 600 });
    const slices: number[] = [];
    let underWay = 0;
    const runner = runnerThat(() => undefined);
    const watched: ShardRunner = {
      async *run(shards, options) {
        slices.push(shards.length);
        underWay++;
        try {
          yield* runner.run(shards, options);
        } finally {
          underWay--;
        }
      },
      close: () => {
        expect(underWay).toBe(0);
        runner.close();
      },
    };
    for await (const { point } of runSweep(large, { open: async () => watched })) {
      if (point === 0) expect(slices.length).toBe(2);
      if (point === 1) break;
    }
    expect(runner.closed).toBe(1);
    expect(slices.length).toBe(2);
    expect(slices[0]! + slices[1]!).toBeLessThan(large.points);
  });

  it('stops each point at the first shard whose error is small enough, and says where it never was', async () => {
    const found = await outcomes(converging, { open: async () => runnerThat(() => undefined) });
    const seen = new Set<boolean>();
    using engine = fastCpuEngine({ threads: 2 });
    for (let index = 0; index < converging.points; index++) {
      const { trials, converged } = found[index]!;
      const plan = planExperiment({ ...converging.pointAt(index).spec, trials: until.maxTrials });
      let end = 0;
      let small = false;
      while (!small && end < until.maxTrials) {
        end = Math.min(end + 20, until.maxTrials);
        const { tallies } = await simulate(engine, plan, { trials: { first: 0, end } });
        small = measure(tallies, plan, [until.measure])[until.measure]!.se! <= until.se;
      }
      expect({ trials, converged }).toEqual({ trials: end, converged: small });
      seen.add(small);
    }
    expect(seen.size).toBe(2);
  });

  it('goes on in the middle of a point', async () => {
    const journal = memoryJournal();
    const log: number[] = [];
    const straight: number[] = [];
    const expected = await outcomes(converging, { open: async () => runnerThat(() => undefined, straight) });
    for (let stops = 0; stops < 50 && journal.finished.size < converging.points; stops++) {
      const controller = new AbortController();
      const open = async () => runnerThat((finished) => finished === 12 && controller.abort(), log);
      await outcomes(converging, { open, journal, signal: controller.signal });
    }
    expect(await outcomes(converging, { open: () => Promise.reject(new Error()), journal })).toEqual(expected);
    expect(log.toSorted()).toEqual(straight.toSorted());
  });

  it('tells its progress and its size', async () => {
    const progress: SweepProgress[] = [];
    await outcomes(sweep, { open: async () => runnerThat(() => undefined), onProgress: (now) => progress.push(now) });
    expect(progress.at(-1)).toMatchObject({ points: { done: 12, total: 12 }, trialSteps: 12 * 4 * 80 * 20 });
    expect(sweepTrialSteps(sweep)).toBe(12 * 4 * 80 * 20);
    expect(sweepTrialSteps(converging)).toBe(12 * 4 * 80 * 90);
    const sizes = parseSweep({ base: { sequences: 2, steps: 50 }, axes: { trials: [10, 20] } });
    expect(sweepTrialSteps(sizes)).toBe(2 * 50 * 30);
  });
});
