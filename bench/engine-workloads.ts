import { checkTallies } from '../src/stdp/check.ts';
import type { BatchEngine, Engine, Tile } from '../src/stdp/engine.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { type ExperimentPlan, planExperiment } from '../src/stdp/plan.ts';
import { simulate } from '../src/stdp/simulate.ts';
import { simulateMany } from '../src/stdp/simulate-many.ts';
import type { ExperimentSpec } from '../src/stdp/spec.ts';
import { emptyTallies, type Rates, type Tallies, wholeRegion } from '../src/stdp/tallies.ts';
import type { PassTimer } from './pass-timer.ts';
import { timed, type Verdict, type Workload, WorstVerdict } from './workload.ts';

export interface ResidentOptions {
  readonly timer?: PassTimer | undefined;
  /** Most trial-steps of one dispatch. */
  readonly largestDispatch: number;
  /** Whether dispatches may be queued without waiting for each other. */
  readonly pipelined: boolean;
}

/**
 * Trials alone, on a tile that is open. Every run takes the next `spec.trials` trials, so that all runs together are
 * one experiment, whose tallies are checked.
 */
export async function residentWorkload(
  name: string,
  engine: Engine,
  spec: ExperimentSpec,
  options: ResidentOptions,
): Promise<Workload> {
  const mostTrials = Math.floor((2 ** 32 - 1) / spec.steps);
  const plan = planExperiment(parseSpec({ ...spec, trials: mostTrials }));
  const open = () => engine.openTile(plan, wholeRegion(plan, 0, spec.sequences));
  const chunk = Math.max(1, Math.floor(options.largestDispatch / (spec.sequences * spec.steps)));
  const worst = new WorstVerdict();
  let tile = await open();
  let next = 0;
  let dispatched = false;

  const runChunks = async (repeats: number) => {
    const end = next + repeats * spec.trials;
    const pending: Promise<void>[] = [];
    for (; next < end; next += Math.min(chunk, end - next)) {
      const run = tile.runTrials(next, Math.min(chunk, end - next));
      pending.push(run);
      // The first dispatch of a tile compiles, and the next ones rely on that.
      if (!options.pipelined || !dispatched) await run;
      dispatched = true;
    }
    await Promise.all(pending);
  };
  const verify = async (): Promise<Verdict> => {
    if (next > 0) worst.add(await checkTile(tile, plan));
    return worst.verdict;
  };
  return {
    name,
    async run(repeats) {
      if (next + repeats * spec.trials > mostTrials) {
        await verify();
        tile.destroy();
        tile = await open();
        next = 0;
        dispatched = false;
      }
      return (options.timer?.span ?? timed).call(options.timer, () => runChunks(repeats));
    },
    verify,
    close: () => tile.destroy(),
  };
}

async function checkTile(tile: Tile, plan: ExperimentPlan): Promise<Verdict> {
  const { passed, chance } = checkTallies(await tile.readTallies(), [await tile.readRates()], plan);
  return { correct: passed, chance };
}

/** A whole experiment as a program runs it: rates drawn, trials, tallies read back. */
export async function roundTripWorkload(name: string, engine: Engine, spec: ExperimentSpec): Promise<Workload> {
  const plan = planExperiment(spec);
  const { rates } = await simulate(engine, planExperiment({ ...spec, trials: 1 }), { rates: true });
  return repeatable(name, plan, rates, async () => {
    const { tallies } = await simulate(engine, plan);
    return () => tallies;
  });
}

/** Many small experiments in common dispatches. They may differ in seed, leak and peak rate: one check serves all. */
export async function batchWorkload(
  name: string,
  engine: BatchEngine,
  specs: readonly ExperimentSpec[],
): Promise<Workload> {
  const plans = specs.map(planExperiment);
  const rates = await ratesOf(plans);
  return repeatable(name, plans[0]!, rates, async () => {
    const tallies: Tallies[] = [];
    for await (const finished of simulateMany(engine, plans)) tallies[finished.index] = finished.tallies;
    return () => concatenate(tallies, plans[0]!);
  });
}

/** The rates of experiments, drawn on the CPU: the same on every engine. */
async function ratesOf(plans: readonly ExperimentPlan[]): Promise<Rates[]> {
  using engine = fastCpuEngine();
  const rates: Rates[] = [];
  for (const plan of plans) {
    const tile = await engine.openTile(plan, wholeRegion(plan, 0, plan.spec.sequences));
    rates.push(await tile.readRates());
    tile.destroy();
  }
  return rates;
}

/** The tallies of several experiments of one shape, as if they were the sequences of one. */
function concatenate(parts: readonly Tallies[], plan: ExperimentPlan): Tallies {
  const sequences = parts.reduce((sum, { region }) => sum + region.sequences, 0);
  const all = { ...emptyTallies(wholeRegion(plan, 0, sequences), plan.bins), trials: plan.spec.trials };
  let row = 0;
  for (const { region, pairs, rateSums, spikeSums, preSpikes, postSpikes } of parts) {
    all.pairs.set(pairs, row * plan.bins);
    all.rateSums.set(rateSums, row * plan.bins);
    all.spikeSums.set(spikeSums, row * plan.bins);
    all.preSpikes.set(preSpikes, row);
    all.postSpikes.set(postSpikes, row);
    row += region.sequences;
  }
  return all;
}

/**
 * Runs that have to give the same tallies every time: the first is held against the closed form, all others against it.
 *
 * @param run what is timed; its result gives the tallies afterwards
 */
function repeatable(
  name: string,
  plan: ExperimentPlan,
  rates: readonly Rates[],
  run: () => Promise<() => Tallies>,
): Workload {
  const worst = new WorstVerdict();
  let first: Tallies | undefined;
  return {
    name,
    async run(repeats) {
      const results: (() => Tallies)[] = [];
      const span = await timed(async () => {
        for (let repeat = 0; repeat < repeats; repeat++) results.push(await run());
      });
      for (const result of results) {
        const tallies = result();
        first ??= tallies;
        if (!sameCounts(tallies, first)) worst.add({ correct: false, chance: 0 });
      }
      return span;
    },
    async verify() {
      if (first) {
        const { passed, chance } = checkTallies(first, rates, plan);
        worst.add({ correct: passed, chance });
      }
      return worst.verdict;
    },
    close: () => {},
  };
}

function sameCounts(a: Tallies, b: Tallies): boolean {
  const fields = ['pairs', 'rateSums', 'spikeSums', 'preSpikes', 'postSpikes'] as const;
  return fields.every((field) => {
    const [x, y] = [a[field], b[field]];
    return x.length === y.length && x.every((value: number | bigint, index: number) => value === y[index]);
  });
}
