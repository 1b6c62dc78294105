import { powerOfTwo } from '../numeric/elementary.ts';
import { addInPlace, addIntegers } from '../numeric/int64.ts';
import type { ExperimentPlan } from './plan.ts';
import { addRuleTallies, emptyRuleTallies, type RuleTallies } from './rule/rule-tallies.ts';

/** A rectangle of work: some sequences, and some of the paired steps of each. */
export interface Region {
  readonly firstSequence: number;
  readonly sequences: number;
  /** Paired steps that are recorded; all of them unless a histogram of one sequence does not fit the device. */
  readonly firstStep: number;
  readonly steps: number;
}

/**
 * What is counted over the trials of a {@link Region}: exact integers, the same whatever the order and split of the
 * work. R = recorded steps, B = bins of the plan (bin d + D for the pairs at distance d, and a bin for presynaptic
 * spikes: `ExperimentPlan.spikeBin`).
 */
export interface Tallies {
  readonly region: Region;
  /** How many trials of every sequence are in: the first ones, or those of a shard. */
  readonly trials: number;
  /** Pairs and presynaptic spikes at recorded steps by bin, shape [sequences][B]. */
  readonly pairs: Uint32Array;
  /** Σ of the rate rule ṡ_i ρ(s_j) over those spikes, units 2^−F of `post`, shape [sequences][B]. */
  readonly rateSums: BigInt64Array;
  /** Σ of the spike rule ṡ_i over those spikes, units 2^−F of `post`, shape [sequences][B]. */
  readonly spikeSums: BigInt64Array;
  /** Rate rule at each recorded step, units 2^−F of `post`, shape [sequences][R]. */
  readonly cellRates: Int32Array;
  /** Σ over trials of the pair rule at each recorded step, units 2^−G, shape [sequences][R]. */
  readonly cellPairs: BigInt64Array;
  /** Spikes at all steps, shape [sequences]. */
  readonly preSpikes: Uint32Array;
  readonly postSpikes: Uint32Array;
  /** Of the user's rule, where the spec has one. */
  readonly rule?: RuleTallies;
  /**
   * Σ of what earlier spikes add to the weight changes of the pairs, units 2^−G, shape [sequences][B]; under the triplet
   * schemes alone. `cellPairs` has it in.
   */
  readonly tripletSums?: BigInt64Array;
}

/** The exact numbers that the spikes of a range of sequences were drawn with. */
export interface Rates {
  readonly firstSequence: number;
  readonly sequences: number;
  /** Integrated activities, units 2^−F of each neuron, shape [sequences][steps + 1]. */
  readonly preStates: Int32Array;
  readonly postStates: Int32Array;
  /** Spike probabilities, units 2⁻³¹, shape [sequences][steps]. */
  readonly preProbabilities: Uint32Array;
  readonly postProbabilities: Uint32Array;
}

/** All paired steps of a range of sequences. */
export function wholeRegion(plan: ExperimentPlan, firstSequence: number, sequences: number): Region {
  return { firstSequence, sequences, firstStep: plan.firstPaired, steps: plan.pairedSteps };
}

/** Presynaptic spikes at recorded steps, shape [sequences]. */
export function presynapticSpikes({ pairs }: Pick<Tallies, 'pairs'>, plan: ExperimentPlan): Float64Array {
  return overSpikes(pairs, plan);
}

/** Σ of the spike rule ṡ_i (Eq. 2) over those spikes, units 2^−F of `post`, shape [sequences]. */
export function spikeRuleSums({ spikeSums }: Pick<Tallies, 'spikeSums'>, plan: ExperimentPlan): Float64Array {
  return overSpikes(spikeSums, plan);
}

/** What is tallied by bin, summed over the bins that together hold every presynaptic spike once. */
function overSpikes(tallied: Uint32Array | BigInt64Array, { bins, spikeBin }: ExperimentPlan): Float64Array {
  return Float64Array.from({ length: tallied.length / bins }, (_, n) => {
    if (spikeBin !== undefined) return Number(tallied[n * bins + spikeBin]!);
    let sum = 0;
    for (let bin = 0; bin < bins; bin++) sum += Number(tallied[n * bins + bin]!);
    return sum;
  });
}

/** Pairs at each distance d = −D … D, shape [sequences][2D + 1]. */
export function pairCounts({ pairs }: Pick<Tallies, 'pairs'>, { bins, spikeBin, spec }: ExperimentPlan): Float64Array {
  const { window } = spec.pairing;
  const distances = 2 * window + 1;
  const counts = new Float64Array((pairs.length / bins) * distances);
  for (let index = 0; index < counts.length; index++) {
    const bin = index % distances;
    const none = spikeBin === undefined && bin === window;
    counts[index] = none ? 0 : pairs[Math.floor(index / distances) * bins + bin]!;
  }
  return counts;
}

/** Σ of the pair rule's weight changes over the pairs of each sequence by bin, shape [sequences][B]. */
export function pairRuleSums(
  { pairs, tripletSums }: Pick<Tallies, 'pairs' | 'tripletSums'>,
  { bins, kernel, kernelFractionBits }: ExperimentPlan,
): Float64Array {
  const unit = powerOfTwo(-kernelFractionBits);
  const sums = new Float64Array(pairs.length);
  for (let index = 0; index < sums.length; index++) {
    sums[index] = pairs[index]! * kernel[index % bins]!;
    if (tripletSums) sums[index] = sums[index]! + Number(tripletSums[index]!) * unit;
  }
  return sums;
}

/** Tallies of nothing yet, but for the sums that only some experiments have. */
export function emptyTallies(region: Region, bins: number): Tallies {
  const { sequences, steps } = region;
  return {
    region,
    trials: 0,
    pairs: new Uint32Array(sequences * bins),
    rateSums: new BigInt64Array(sequences * bins),
    spikeSums: new BigInt64Array(sequences * bins),
    cellRates: new Int32Array(sequences * steps),
    cellPairs: new BigInt64Array(sequences * steps),
    preSpikes: new Uint32Array(sequences),
    postSpikes: new Uint32Array(sequences),
  };
}

/**
 * Puts the tallies of parts into one: parts that follow each other in sequence, or (of one sequence) in step.
 * Counters stay within their types because `trials · steps` is below 2³².
 */
export function joinTallies(parts: readonly Tallies[], whole: Region, bins: number): Tallies {
  const [first] = parts;
  if (first?.region.sequences === whole.sequences && first.region.steps === whole.steps) return first;
  const joined = {
    ...emptyTallies(whole, bins),
    trials: first?.trials ?? 0,
    ...(first?.rule ? { rule: emptyRuleTallies(whole.sequences, whole.steps, bins) } : {}),
    ...(first?.tripletSums ? { tripletSums: new BigInt64Array(whole.sequences * bins) } : {}),
  };
  for (const part of parts) {
    const row = part.region.firstSequence - whole.firstSequence;
    const at = row * bins;
    addCounts(joined.pairs, part.pairs, at);
    addInPlace(joined.rateSums, part.rateSums, at);
    addInPlace(joined.spikeSums, part.spikeSums, at);
    if (joined.rule) addInPlace(joined.rule.binSums, part.rule!.binSums, at);
    if (joined.tripletSums) addInPlace(joined.tripletSums, part.tripletSums!, at);
    for (let sequence = 0; sequence < part.region.sequences; sequence++) {
      const from = sequence * part.region.steps;
      const to = (row + sequence) * whole.steps + part.region.firstStep - whole.firstStep;
      joined.cellRates.set(part.cellRates.subarray(from, from + part.region.steps), to);
      joined.cellPairs.set(part.cellPairs.subarray(from, from + part.region.steps), to);
      joined.rule?.cellSums.set(part.rule!.cellSums.subarray(from, from + part.region.steps), to);
      joined.preSpikes[row + sequence] = part.preSpikes[sequence]!;
      joined.postSpikes[row + sequence] = part.postSpikes[sequence]!;
    }
  }
  return joined;
}

/** Adds `counts` to those of `sums` from element `at` on. */
export function addCounts(sums: Uint32Array, counts: Uint32Array, at: number): void {
  for (let index = 0; index < counts.length; index++) sums[at + index]! += counts[index]!;
}

/** Tallies of the trials of both: of one region of one experiment, and of different trials. */
export function addTallies(a: Tallies, b: Tallies): Tallies {
  return {
    ...a,
    trials: a.trials + b.trials,
    pairs: a.pairs.map((count, index) => count + b.pairs[index]!),
    rateSums: addIntegers(a.rateSums, b.rateSums),
    spikeSums: addIntegers(a.spikeSums, b.spikeSums),
    cellPairs: addIntegers(a.cellPairs, b.cellPairs),
    preSpikes: a.preSpikes.map((count, index) => count + b.preSpikes[index]!),
    postSpikes: a.postSpikes.map((count, index) => count + b.postSpikes[index]!),
    ...(a.rule && b.rule ? { rule: addRuleTallies(a.rule, b.rule) } : {}),
    ...(a.tripletSums && b.tripletSums ? { tripletSums: addIntegers(a.tripletSums, b.tripletSums) } : {}),
  };
}

/** Whether two tallies agree in every number. */
export function sameTallies(a: Tallies, b: Tallies): boolean {
  const same = (x: ArrayLike<number | bigint>, y: ArrayLike<number | bigint>) => {
    if (x.length !== y.length) return false;
    for (let index = 0; index < x.length; index++) if (x[index] !== y[index]) return false;
    return true;
  };
  return (
    a.trials === b.trials &&
    same(a.pairs, b.pairs) &&
    same(a.rateSums, b.rateSums) &&
    same(a.spikeSums, b.spikeSums) &&
    same(a.cellRates, b.cellRates) &&
    same(a.cellPairs, b.cellPairs) &&
    same(a.preSpikes, b.preSpikes) &&
    same(a.postSpikes, b.postSpikes) &&
    same(a.rule?.binSums ?? [], b.rule?.binSums ?? []) &&
    same(a.rule?.cellSums ?? [], b.rule?.cellSums ?? []) &&
    same(a.tripletSums ?? [], b.tripletSums ?? [])
  );
}
