import { PURPOSE, randomBlock } from '../src/random/address.ts';
import { Sfc32 } from '../src/random/sfc32.ts';
import type { ExperimentPlan } from '../src/stdp/plan.ts';
import { PLANES } from '../src/stdp/probability.ts';
import type { Rates } from '../src/stdp/tallies.ts';

/**
 * Integer operations of the pieces of the product kernel, counted from its WGSL (ROOFLINE.md says how). Products and
 * shifts count as one like additions; memory accesses, addresses and loop counters are left out: a perfect machine
 * would hide them.
 */
export const COST = {
  /** `randomBlock`: Philox4x32-10 without a 64-bit product, once a trial. */
  philox: 360,
  /** One word of `sfc32`. */
  word: 10,
  /** `decideBit`. */
  decide: 5,
  /** Whether another four planes are needed. */
  groupTest: 1,
  /** `spikes | undecided`, and the count of the spikes. */
  endOfWord: 3,
  /** A presynaptic word: mask of recorded steps and the test for a waiting spike. */
  pairingWord: 2,
  /** A presynaptic spike at a recorded step: its pairing and its count in the histogram. */
  spike: 52,
} as const;

/** Where the integer operations of the product kernel go, per trial-step. */
export interface Operations {
  /** Trials that go in step, as lanes of one vector; 1 is what the algorithm needs. */
  readonly lanes: number;
  readonly total: number;
  readonly parts: {
    readonly seeding: number;
    readonly randomWords: number;
    readonly decisions: number;
    readonly pairing: number;
  };
  /** Random words per 32 decisions. */
  readonly planes: number;
}

/** Planes that the kernel draws for all lanes of a vector, whether they need them or not (`spikeWord`). */
const PLANES_OF_VECTORS = 11;

/** Sequences and trials of the sample: about 10⁶ trial-steps, for three figures. */
const SAMPLE_SEQUENCES = 16;
const SAMPLE_TRIALS = 512;

/**
 * Counts the operations per trial-step on a sample of trials with the experiment's own probabilities: what the
 * algorithm needs for one lane; with more, what the kernel executes, where every loop runs as often as its slowest
 * lane and all lanes pay.
 */
export function operationsPerTrialStep(plan: ExperimentPlan, rates: Rates, lanes: number): Operations {
  const { steps } = plan.spec;
  const sequences = Math.min(SAMPLE_SEQUENCES, rates.sequences);
  const vectors = SAMPLE_TRIALS / lanes;
  let planes = 0;
  let groups = 0;
  let pairings = 0;
  for (let index = 0; index < sequences; index++) {
    const sequence = Math.floor((index * rates.sequences) / sequences);
    const sampler = new Sampler(plan, rates, sequence);
    for (let vector = 0; vector < vectors; vector++) {
      const trials = Array.from({ length: lanes }, (_, lane) => sampler.trial(vector * lanes + lane));
      for (let word = 0; word < 2 * plan.words; word++) {
        const slowest = trials.reduce(
          (most, { planesOfWord }) => Math.max(most, planesOfWord[word]!),
          lanes === 1 ? 0 : PLANES_OF_VECTORS,
        );
        planes += slowest;
        groups += (slowest - 7) / 4 + 1;
      }
      for (let word = 0; word < plan.words; word++) {
        pairings += trials.reduce((most, { pairingsOfWord }) => Math.max(most, pairingsOfWord[word]!), 0);
      }
    }
  }
  const vectorsInAll = sequences * vectors;
  const words = 2 * plan.words * vectorsInAll;
  const perStep = (operations: number) => operations / (vectorsInAll * steps);
  const parts = {
    seeding: COST.philox / steps,
    randomWords: perStep(planes * COST.word),
    decisions: perStep(planes * COST.decide + groups * COST.groupTest + words * COST.endOfWord),
    pairing: perStep((words / 2) * COST.pairingWord + pairings * COST.spike),
  };
  const total = parts.seeding + parts.randomWords + parts.decisions + parts.pairing;
  return { lanes, total, parts, planes: planes / words };
}

interface TrialWork {
  /** Planes until each word is decided, presynaptic and postsynaptic words in turn. */
  readonly planesOfWord: readonly number[];
  /** Presynaptic spikes at recorded steps, by word. */
  readonly pairingsOfWord: readonly number[];
}

/** Draws trials of one sequence as `sampleTrial` does, and notes what each took. */
class Sampler {
  readonly #plan: ExperimentPlan;
  readonly #sequence: number;
  readonly #planes: readonly [Uint32Array, Uint32Array];

  constructor(plan: ExperimentPlan, rates: Rates, sequence: number) {
    const { steps } = plan.spec;
    this.#plan = plan;
    this.#sequence = rates.firstSequence + sequence;
    const planesOf = (probabilities: Uint32Array) =>
      bitPlanes(probabilities.subarray(sequence * steps, (sequence + 1) * steps), plan.words);
    this.#planes = [planesOf(rates.preProbabilities), planesOf(rates.postProbabilities)];
  }

  trial(trial: number): TrialWork {
    const { spec, words } = this.#plan;
    const random = new Sfc32(randomBlock(spec.seed, PURPOSE.spikes, this.#sequence, trial, 0));
    const planesOfWord: number[] = [];
    const pairingsOfWord: number[] = [];
    for (let word = 0; word < words; word++) {
      for (const [neuron, planes] of this.#planes.entries()) {
        const { spikes, used } = drawWord(planes, word * PLANES, random);
        planesOfWord.push(used);
        if (neuron === 0) pairingsOfWord.push(bitCount(spikes & this.#recordedBits(word)));
      }
    }
    return { planesOfWord, pairingsOfWord };
  }

  #recordedBits(word: number): number {
    const { firstPaired, pairedSteps } = this.#plan;
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) {
      const t = word * 32 + bit;
      if (t >= firstPaired && t < firstPaired + pairedSteps) bits |= 1 << bit;
    }
    return bits;
  }
}

/** Bit planes as in `src/stdp/probability.ts`, from probabilities in units of 2⁻³¹. */
function bitPlanes(probabilities: Uint32Array, words: number): Uint32Array {
  const planes = new Uint32Array(words * PLANES);
  probabilities.forEach((p, t) => {
    if (p === 0) return;
    const at = (t >>> 5) * PLANES;
    const bit = 1 << (t & 31);
    planes[at]! |= bit;
    for (let plane = 1; plane < PLANES; plane++) if (((p - 1) >>> (31 - plane)) & 1) planes[at + plane]! |= bit;
  });
  return planes;
}

/** `sampleSpikeWord`, with the number of planes that it used. */
function drawWord(planes: Uint32Array, offset: number, random: Sfc32): { spikes: number; used: number } {
  let undecided = planes[offset]!;
  let spikes = 0;
  let plane = 1;
  for (; plane < PLANES; plane++) {
    const threshold = planes[offset + plane]!;
    const differs = undecided & (random.next() ^ threshold);
    spikes |= differs & threshold;
    undecided ^= differs;
    if (undecided === 0 && plane >= 7 && (plane & 3) === 3) break;
  }
  return { spikes: spikes | undecided, used: Math.min(plane, PLANES - 1) };
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
