import { EngineError } from '../errors.ts';
import type { Engine, Tile } from './engine.ts';
import { Pace } from './pace.ts';
import type { ExperimentPlan } from './plan.ts';
import type { SpikeTrains } from './spikes.ts';
import { joinTallies, type Rates, type Region, type Tallies } from './tallies.ts';

/** How far a simulation is. */
export interface Progress {
  /** Trial-steps done, of `total` (sequences × trials × steps, and again for every slice of long sequences). */
  readonly done: number;
  readonly total: number;
}

export interface SimulateOptions {
  /** Runs trials `first` … `end` − 1 of every sequence; default: all. Tallies of ranges add up (`addTallies`). */
  readonly trials?: { readonly first: number; readonly end: number };
  /** Most trials of a sequence in one dispatch, ≥ 1. Never changes results. Default: grows to what takes ~0.1 s. */
  readonly chunk?: number;
  /** Stops between dispatches; what is finished by then is returned with `interrupted` set. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Also read the rates (`rates.csv`, the closed-form check). */
  readonly rates?: boolean;
  /** Trials whose spikes are wanted. */
  readonly traces?: readonly { readonly sequence: number; readonly trial: number }[];
}

/** Spikes and activities of one trial. */
export interface TrialRecord {
  readonly sequence: number;
  readonly trial: number;
  readonly spikes: SpikeTrains;
  /** s in units of 2^−F, shape [steps + 1]. */
  readonly preStates: Int32Array;
  readonly postStates: Int32Array;
}

export interface Simulation {
  readonly tallies: Tallies;
  /** Present where asked for; of the sequences in `tallies`. */
  readonly rates: readonly Rates[];
  readonly trials: readonly TrialRecord[];
  /**
   * The signal stopped the work early. `tallies` then holds a smaller experiment in full: fewer trials of all
   * sequences, or all trials of fewer sequences (possibly none).
   */
  readonly interrupted: boolean;
}

/** Runs an experiment on an engine: tile by tile, and in each tile chunk by chunk of trials. */
export async function simulate(
  engine: Engine,
  plan: ExperimentPlan,
  options: SimulateOptions = {},
): Promise<Simulation> {
  const { spec, bins } = plan;
  checkOptions(plan, options);
  const regions = tileRegions(plan, engine.largestRegion(plan));
  const pace = new Pace(options.chunk);
  const trials = options.trials ?? { first: 0, end: spec.trials };
  const total = regions.reduce((sum, region) => sum + region.sequences, 0) * (trials.end - trials.first) * spec.steps;
  const finished: Part[] = [];
  let interrupted = false;
  let done = 0;

  // Reading one tile back overlaps the work of the next; never more than one read is outstanding.
  let reading: Promise<Part> | undefined;
  for (const region of regions) {
    let tile: Tile | undefined;
    let first = trials.first;
    try {
      tile = await engine.openTile(plan, region);
      while (first < trials.end && !options.signal?.aborted) {
        const count = pace.chunk(region.sequences * spec.steps, trials.end - first);
        const started = performance.now();
        await tile.runTrials(first, count);
        pace.measured(count * region.sequences * spec.steps, performance.now() - started);
        first += count;
        done += count * region.sequences * spec.steps;
        options.onProgress?.({ done, total });
      }
      if (reading) finished.push(await reading);
    } catch (error) {
      tile?.destroy();
      await reading?.catch(() => undefined);
      throw error;
    }
    interrupted = first < trials.end;
    // A part of a later tile is no smaller experiment: only whole tiles are kept, or the trials so far of the first.
    const keep = !interrupted || (finished.length === 0 && first > trials.first && region.steps === plan.pairedSteps);
    reading = keep ? readTile(tile, plan, options) : undefined;
    // A failure is thrown where the read is awaited; until then it must not pass for one that nobody handles.
    reading?.catch(() => undefined);
    if (!keep) tile.destroy();
    if (interrupted) break;
  }
  if (reading) finished.push(await reading);

  const kept = wholeSequences(finished, plan.pairedSteps);
  const sequences = kept.reduce(
    (most, { tallies: { region } }) => Math.max(most, region.firstSequence + region.sequences),
    0,
  );
  const whole: Region = { firstSequence: 0, sequences, firstStep: plan.firstPaired, steps: plan.pairedSteps };
  return {
    tallies: joinTallies(
      kept.map(({ tallies }) => tallies),
      whole,
      bins,
    ),
    rates: kept.flatMap(({ tallies, rates }) =>
      rates && tallies.region.firstStep === plan.firstPaired ? [rates] : [],
    ),
    trials: kept.flatMap(({ trials }) => trials),
    interrupted,
  };
}

/** What is read from one tile. */
interface Part {
  readonly tallies: Tallies;
  readonly rates: Rates | undefined;
  readonly trials: readonly TrialRecord[];
}

/** Reads what is wanted from a tile and frees it. */
async function readTile(tile: Tile, plan: ExperimentPlan, options: SimulateOptions): Promise<Part> {
  try {
    const tallies = await tile.readTallies();
    return {
      tallies,
      rates: options.rates ? await tile.readRates() : undefined,
      trials: await readTrials(tile, plan, options, tallies.trials),
    };
  } finally {
    tile.destroy();
  }
}

/** Regions that cover the experiment, none larger than allowed, in the order of sequences. */
export function tileRegions(plan: ExperimentPlan, largest: { sequences: number; steps: number }): Region[] {
  const stepsPerTile = Math.min(plan.pairedSteps, largest.steps);
  const sequencesPerTile = stepsPerTile < plan.pairedSteps ? 1 : largest.sequences;
  const regions: Region[] = [];
  for (let sequence = 0; sequence < plan.spec.sequences; sequence += sequencesPerTile) {
    for (let step = 0; step < plan.pairedSteps; step += stepsPerTile) {
      regions.push({
        firstSequence: sequence,
        sequences: Math.min(sequencesPerTile, plan.spec.sequences - sequence),
        firstStep: plan.firstPaired + step,
        steps: Math.min(stepsPerTile, plan.pairedSteps - step),
      });
    }
  }
  return regions;
}

/** Drops the slices of a last sequence that is not complete. */
function wholeSequences<T extends { tallies: Tallies }>(parts: readonly T[], pairedSteps: number): readonly T[] {
  const steps = new Map<number, number>();
  for (const { tallies } of parts) {
    const { firstSequence, steps: recorded } = tallies.region;
    steps.set(firstSequence, (steps.get(firstSequence) ?? 0) + recorded);
  }
  return parts.filter(({ tallies }) => steps.get(tallies.region.firstSequence) === pairedSteps);
}

async function readTrials(
  tile: Tile,
  plan: ExperimentPlan,
  options: SimulateOptions,
  trialsRun: number,
): Promise<TrialRecord[]> {
  const { firstSequence, sequences, firstStep } = tile.region;
  const firstTrial = options.trials?.first ?? 0;
  const wanted = (options.traces ?? []).filter(
    ({ sequence, trial }) =>
      sequence >= firstSequence &&
      sequence < firstSequence + sequences &&
      trial >= firstTrial &&
      trial < firstTrial + trialsRun &&
      firstStep === plan.firstPaired,
  );
  if (wanted.length === 0) return [];
  const rates = await tile.readRates();
  const width = plan.spec.steps + 1;
  const rowOf = (states: Int32Array, sequence: number) =>
    states.slice((sequence - firstSequence) * width, (sequence - firstSequence + 1) * width);
  return Promise.all(
    wanted.map(async ({ sequence, trial }) => ({
      sequence,
      trial,
      spikes: await tile.readSpikes(sequence, trial),
      preStates: rowOf(rates.preStates, sequence),
      postStates: rowOf(rates.postStates, sequence),
    })),
  );
}

function checkOptions({ spec }: ExperimentPlan, { chunk, traces, trials }: SimulateOptions): void {
  if (trials && !(trials.first >= 0 && trials.first < trials.end && trials.end <= spec.trials)) {
    const expected = `0 ≤ first < end ≤ ${spec.trials}`;
    const message = `trials: ${trials.first} … ${trials.end} is not allowed; expected ${expected}`;
    throw new EngineError('invalid-option', message, { path: 'trials', value: trials, expected });
  }
  if (chunk !== undefined && !(Number.isSafeInteger(chunk) && chunk >= 1)) {
    const expected = 'an integer ≥ 1';
    throw new EngineError('invalid-option', `chunk: ${chunk} is not allowed; expected ${expected}`, {
      path: 'chunk',
      value: chunk,
      expected,
    });
  }
  for (const { sequence, trial } of traces ?? []) {
    const inRange = (value: number, bound: number) => Number.isSafeInteger(value) && value >= 0 && value < bound;
    if (inRange(sequence, spec.sequences) && inRange(trial, spec.trials)) continue;
    const expected = `a sequence from 0 to ${spec.sequences - 1} and a trial from 0 to ${spec.trials - 1}`;
    throw new EngineError('invalid-option', `trace: ${sequence}:${trial} is not allowed; expected ${expected}`, {
      path: 'trace',
      value: `${sequence}:${trial}`,
      expected,
    });
  }
}
