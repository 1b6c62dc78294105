import { integrateLeaky } from './drive.ts';
import type { Engine, Tile } from './engine.ts';
import { nearestExclusive } from './pairing.ts';
import { pairDistances } from './pairing-schemes.ts';
import type { ExperimentPlan } from './plan.ts';
import { probabilitiesOf, probabilityPlanes, rateRule } from './probability.ts';
import { recordedTrials, trainsOf } from './recorded.ts';
import { rhoOf } from './rho.ts';
import { loadedRules } from './rule/load-rules.ts';
import type { RulePlan } from './rule/plan-rule.ts';
import type { RuleTallies } from './rule/rule-tallies.ts';
import { sampleTrial, unpackSpikes } from './spikes.ts';
import { emptyTallies, type Rates, type Region, type Tallies } from './tallies.ts';
import { tracesBefore, tripletChange } from './triplet.ts';

/** Work between two pauses for the event loop: a few milliseconds. */
const TRIAL_STEPS_PER_TURN = 2 ** 19;
/** Largest histogram of one tile. */
const HISTOGRAM_CELLS = 2 ** 25;

/** The pieces of the twin that a test may replace by broken ones. */
export interface TwinParts {
  readonly sampleTrial: typeof sampleTrial;
  readonly nearestExclusive: typeof nearestExclusive;
  /** Every other scheme. */
  readonly pairDistances: typeof pairDistances;
}

/**
 * The reference: the same experiment in TypeScript integers, one plain loop a definition, equal to the GPU in every
 * bit. Runs anywhere; gives way to the event loop every few milliseconds.
 */
export function twinEngine(parts: Partial<TwinParts> = {}): Engine {
  const complete = { sampleTrial, nearestExclusive, pairDistances, ...parts };
  return {
    largestRegion: ({ bins, pairedSteps }) => ({
      sequences: Math.max(1, Math.floor(HISTOGRAM_CELLS / (pairedSteps * bins))),
      steps: Math.max(1, Math.min(pairedSteps, Math.floor(HISTOGRAM_CELLS / bins))),
    }),
    openTile: async (plan, region) => new TwinTile(plan, region, complete),
  };
}

/** Rates of one sequence. */
interface SequenceRates {
  readonly preStates: Int32Array;
  readonly postStates: Int32Array;
  readonly prePlanes: Uint32Array;
  readonly postPlanes: Uint32Array;
}

class TwinTile implements Tile {
  readonly region: Region;
  readonly #plan: ExperimentPlan;
  readonly #parts: TwinParts;
  readonly #rates: SequenceRates[];
  /** Pairs and presynaptic spikes at recorded steps, shape [sequences][steps][bins]. */
  readonly #histogram: Uint32Array;
  /** What earlier spikes add to the weight changes of those pairs, units 2^−G, same shape; under triplet schemes. */
  readonly #tripletChanges: BigInt64Array | undefined;
  readonly #preSpikes: Uint32Array;
  readonly #postSpikes: Uint32Array;
  #trials = 0;

  constructor(plan: ExperimentPlan, region: Region, parts: TwinParts) {
    this.region = region;
    this.#plan = plan;
    this.#parts = parts;
    this.#rates = Array.from({ length: region.sequences }, (_, n) => drawRates(plan, region.firstSequence + n));
    this.#histogram = new Uint32Array(region.sequences * region.steps * plan.bins);
    this.#tripletChanges = plan.triplet && new BigInt64Array(this.#histogram.length);
    this.#preSpikes = new Uint32Array(region.sequences);
    this.#postSpikes = new Uint32Array(region.sequences);
  }

  async runTrials(first: number, count: number): Promise<void> {
    let work = 0;
    for (let n = 0; n < this.region.sequences; n++) {
      for (let trial = first; trial < first + count; trial++) {
        this.#runTrial(n, trial);
        work += this.#plan.spec.steps;
        if (work >= TRIAL_STEPS_PER_TURN) {
          work = 0;
          await new Promise((resolve) => setTimeout(resolve));
        }
      }
    }
    this.#trials += count;
  }

  async readTallies(): Promise<Tallies> {
    const { bins, kernelFixed } = this.#plan;
    const { sequences, steps, firstStep } = this.region;
    const tallies = emptyTallies(this.region, bins);
    for (let n = 0; n < sequences; n++) {
      const { preStates, postStates } = this.#rates[n]!;
      for (let index = 0; index < steps; index++) {
        const t = firstStep + index;
        const change = postStates[t + 1]! - postStates[t]!;
        const rate = rateRule(change, rhoOf(preStates[t]!, this.#plan.pre));
        const cell = n * steps + index;
        tallies.cellRates[cell] = rate;
        for (let bin = 0; bin < bins; bin++) {
          const count = this.#histogram[cell * bins + bin]!;
          if (count === 0) continue;
          tallies.pairs[n * bins + bin]! += count;
          tallies.rateSums[n * bins + bin]! += BigInt(rate) * BigInt(count);
          tallies.spikeSums[n * bins + bin]! += BigInt(change) * BigInt(count);
          tallies.cellPairs[cell]! += BigInt(kernelFixed[bin]!) * BigInt(count);
        }
      }
    }
    const tripletSums = this.#tripletChanges && new BigInt64Array(sequences * bins);
    this.#tripletChanges?.forEach((sum, index) => {
      const cell = Math.floor(index / bins);
      tallies.cellPairs[cell]! += sum;
      tripletSums![Math.floor(cell / steps) * bins + (index % bins)]! += sum;
    });
    tallies.preSpikes.set(this.#preSpikes);
    tallies.postSpikes.set(this.#postSpikes);
    const { rule } = this.#plan;
    return {
      ...tallies,
      trials: this.#trials,
      ...(rule ? { rule: this.#tallyRule(rule) } : {}),
      ...(tripletSums ? { tripletSums } : {}),
    };
  }

  async readRates(): Promise<Rates> {
    const { steps } = this.#plan.spec;
    const { firstSequence, sequences } = this.region;
    const rates: Rates = {
      firstSequence,
      sequences,
      preStates: new Int32Array(sequences * (steps + 1)),
      postStates: new Int32Array(sequences * (steps + 1)),
      preProbabilities: new Uint32Array(sequences * steps),
      postProbabilities: new Uint32Array(sequences * steps),
    };
    this.#rates.forEach((sequence, n) => {
      rates.preStates.set(sequence.preStates, n * (steps + 1));
      rates.postStates.set(sequence.postStates, n * (steps + 1));
      rates.preProbabilities.set(probabilitiesOf(sequence.prePlanes, steps), n * steps);
      rates.postProbabilities.set(probabilitiesOf(sequence.postPlanes, steps), n * steps);
    });
    return rates;
  }

  async readSpikes(sequence: number, trial: number) {
    return this.#sample(sequence - this.region.firstSequence, trial);
  }

  destroy(): void {
    this.#rates.length = 0;
  }

  #tallyRule(rule: RulePlan): RuleTallies {
    const { steps } = this.#plan.spec;
    const joined = (states: 'preStates' | 'postStates') => {
      const all = new Int32Array(this.region.sequences * (steps + 1));
      this.#rates.forEach((sequence, n) => {
        all.set(sequence[states], n * (steps + 1));
      });
      return all;
    };
    const counted = {
      region: this.region,
      preStates: joined('preStates'),
      postStates: joined('postStates'),
      histogram: this.#histogram,
    };
    return loadedRules().tallyRule(rule, this.#plan, counted);
  }

  #sample(n: number, trial: number) {
    const { recording } = this.#plan;
    if (recording) return trainsOf(recordedTrials(recording, this.#plan, this.region.firstSequence + n, trial, 1));
    const { prePlanes, postPlanes } = this.#rates[n]!;
    return this.#parts.sampleTrial(this.#plan.spec.seed, this.region.firstSequence + n, trial, prePlanes, postPlanes);
  }

  #runTrial(n: number, trial: number): void {
    const { spec, bins, spikeBin } = this.#plan;
    const { window } = spec.pairing;
    const { firstStep, steps } = this.region;
    const trains = this.#sample(n, trial);
    const pre = unpackSpikes(trains.pre, spec.steps);
    const post = unpackSpikes(trains.post, spec.steps);
    const addTriplet = this.#tripletAdder(pre, post);
    for (let t = 0; t < spec.steps; t++) {
      this.#preSpikes[n]! += pre[t]!;
      this.#postSpikes[n]! += post[t]!;
      if (pre[t] === 0 || t < firstStep || t >= firstStep + steps) continue;
      const cell = (n * steps + t - firstStep) * bins;
      if (spikeBin === undefined) {
        this.#histogram[cell + window + this.#parts.nearestExclusive(post, t, window)]! += 1;
        continue;
      }
      this.#histogram[cell + spikeBin]! += 1;
      for (const d of this.#parts.pairDistances(pre, post, t, spec.pairing)) {
        this.#histogram[cell + window + d]! += 1;
        addTriplet?.(cell, t, d);
      }
    }
  }

  /** Adds what earlier spikes of a trial add to the weight change of its pair at distance d from step t. */
  #tripletAdder(pre: Uint8Array, post: Uint8Array): ((cell: number, t: number, d: number) => void) | undefined {
    const { triplet, spec } = this.#plan;
    const sums = this.#tripletChanges;
    if (!triplet || !sums) return undefined;
    const { window } = spec.pairing;
    const preTraces = tracesBefore(pre, triplet.preDecay, triplet);
    const postTraces = tracesBefore(post, triplet.postDecay, triplet);
    return (cell, t, d) => {
      const bin = d + window;
      const trace = bin >= triplet.firstAfter ? postTraces[t + d]! : preTraces[t]!;
      sums[cell + bin]! += BigInt(tripletChange(triplet, bin, trace));
    };
  }
}

function drawRates(plan: ExperimentPlan, sequence: number): SequenceRates {
  const { seed, steps } = plan.spec;
  const preStates = integrateLeaky(plan.pre, 'pre', seed, sequence, steps);
  const postStates = integrateLeaky(plan.post, 'post', seed, sequence, steps);
  return {
    preStates,
    postStates,
    prePlanes: probabilityPlanes(preStates, plan.pre, plan),
    postPlanes: probabilityPlanes(postStates, plan.post, plan),
  };
}
