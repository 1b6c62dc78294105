import { powerOfTwo } from '../../numeric/elementary.ts';
import { PURPOSE } from '../../random/address.ts';
import { normalTable } from '../../random/normal.ts';
import type { Neuron } from '../drive.ts';
import { schemeFlags } from '../pairing-schemes.ts';
import type { ExperimentPlan } from '../plan.ts';
import { PLANES } from '../probability.ts';
import { logisticTable } from '../rho.ts';
import type { PairingSpec } from '../spec.ts';
import type { Region } from '../tallies.ts';

/** Bytes in a WebAssembly memory. */
export interface Extent {
  readonly at: number;
  readonly bytes: number;
}

/** Where the parts of a region lie in a WebAssembly memory, and what they hold before the first trial. */
export interface TileLayout {
  /** Bytes of memory needed from 0 on. */
  readonly size: number;
  /** Address of the `Tile` of `assembly/tile.ts`. */
  readonly tile: number;
  /** Which activities the WebAssembly side draws (1: presynaptic, 2: postsynaptic); the others are written. */
  readonly drawn: number;
  readonly writes: readonly { readonly at: number; readonly data: Int32Array | Uint32Array }[];
  /** What is read back. */
  readonly extents: Readonly<Record<ExtentName, Extent>>;
}

type ExtentName =
  | 'preStates'
  | 'postStates'
  | 'preProbabilities'
  | 'postProbabilities'
  | 'preSpikes'
  | 'postSpikes'
  | 'pairs'
  | 'rateSums'
  | 'spikeSums'
  | 'cellRates'
  | 'cellPairs'
  | 'histogram'
  | 'tripletSums'
  | 'recording'
  | 'preTrain'
  | 'postTrain';

/** What the WebAssembly module says about itself. */
export interface ModuleSizes {
  /** First free byte of its memory. */
  readonly memoryBase: number;
  /** Bytes of a buffer of four spike trains. */
  readonly trainBytes: number;
  /** Bytes of the list of the spikes to pair. */
  readonly listBytes: number;
  /** Bytes of the traces of four trials. */
  readonly tracesBytes: number;
}

/** That of the buffers of spike trains; the others need less. */
const ALIGNMENT = 64;
const BIN_TABLE_BYTES = 66 * 128;
const GENERATOR_BYTES = 64;
const DRIVES = { noise: 0, steps: 1, ramps: 2, table: 3 } as const;

/** Lays a region out. Pure. */
export function layOutTile(plan: ExperimentPlan, region: Region, sizes: ModuleSizes): TileLayout {
  const { spec, words, bins, kernelFixed, triplet } = plan;
  const { sequences, steps: recordedSteps, firstSequence } = region;
  const { memoryBase, trainBytes, listBytes, tracesBytes } = sizes;
  const writes: { at: number; data: Int32Array | Uint32Array }[] = [];
  let end = memoryBase;
  const take = (bytes: number): Extent => {
    const at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = at + bytes;
    return { at, bytes };
  };
  const place = (data: Int32Array | Uint32Array): Extent => {
    const extent = take(data.byteLength);
    writes.push({ at: extent.at, data });
    return extent;
  };

  const cells = sequences * recordedSteps;
  const extents = {
    preStates: take(4 * sequences * (spec.steps + 1)),
    postStates: take(4 * sequences * (spec.steps + 1)),
    preProbabilities: take(4 * sequences * spec.steps),
    postProbabilities: take(4 * sequences * spec.steps),
    preSpikes: take(4 * sequences),
    postSpikes: take(4 * sequences),
    pairs: take(4 * sequences * bins),
    rateSums: take(8 * sequences * bins),
    spikeSums: take(8 * sequences * bins),
    cellRates: take(4 * cells),
    cellPairs: take(8 * cells),
    histogram: take(4 * cells * bins),
    tripletSums: take(triplet ? 8 * sequences * bins : 0),
    recording: take(recordedTrialsPerCall(plan, region) * sequences * words * 8),
    preTrain: take(4 * words),
    postTrain: take(4 * words),
  };
  let drawn = 0;
  const placeNeuron = (neuron: Neuron, bit: number): Extent => {
    const { drive } = plan[neuron];
    const { at } = extents[`${neuron}States`];
    if (drive.type === 'table') {
      const width = spec.steps + 1;
      writes.push({ at, data: drive.states.slice(firstSequence * width, (firstSequence + sequences) * width) });
    } else {
      drawn |= bit;
    }
    return place(neuronWords(plan, neuron, at, extents[`${neuron}Probabilities`].at));
  };
  const pre = placeNeuron('pre', 1);
  const post = placeNeuron('post', 2);
  // The order of `Tile` in assembly/tile.ts.
  const tile = place(
    Uint32Array.of(
      spec.seed,
      firstSequence,
      spec.steps,
      words,
      region.firstStep,
      recordedSteps,
      spec.pairing.window,
      bins,
      pairingBits(spec.pairing),
      pre.at,
      post.at,
      place(normalTable()).at,
      place(logisticTable()).at,
      place(kernelFixed).at,
      take(BIN_TABLE_BYTES).at,
      take(sequences * words * 2 * PLANES * 4).at,
      extents.histogram.at,
      extents.preSpikes.at,
      extents.postSpikes.at,
      extents.pairs.at,
      extents.rateSums.at,
      extents.spikeSums.at,
      extents.cellRates.at,
      extents.cellPairs.at,
      take(GENERATOR_BYTES).at,
      take(trainBytes).at,
      take(trainBytes).at,
      take(listBytes).at,
      plan.recording ? extents.recording.at : 0,
      ...(triplet
        ? [
            place(triplet.tripletTerms).at,
            powerOfTwo(triplet.traceBits),
            place(triplet.preDecay).at,
            triplet.preDecay.length,
            place(triplet.postDecay).at,
            triplet.postDecay.length,
            triplet.firstAfter,
            take(8 * cells * bins).at,
            extents.tripletSums.at,
            take(tracesBytes).at,
          ]
        : NO_TRIPLETS),
    ),
  );
  return { size: end, tile: tile.at, drawn, writes, extents };
}

/** Bytes of recorded spikes that a region holds at a time. */
const RECORDED_BYTES = 2 ** 22;

/** Trials of a recording that a region has room for at a time: none where spikes are sampled, otherwise at least one. */
export function recordedTrialsPerCall({ recording, words, spec }: ExperimentPlan, { sequences }: Region): number {
  if (!recording) return 0;
  return Math.max(1, Math.min(spec.trials, Math.floor(RECORDED_BYTES / (sequences * words * 8))));
}

/** The last words of a `Tile` of other schemes. */
const NO_TRIPLETS: readonly number[] = new Array(10).fill(0);

/** The flags as bits, in the order of assembly/pairing-schemes.ts. */
function pairingBits(pairing: PairingSpec): number {
  return Object.values(schemeFlags(pairing)).reduce((bits, flag, bit) => bits | (Number(flag) << bit), 0);
}

/** Bytes that a region takes for each sequence, up to what all sequences share. */
export function bytesPerSequence(plan: ExperimentPlan, recordedSteps: number): number {
  const { spec, bins, triplet } = plan;
  return recordedSteps * bytesPerStep(plan) + 24 * (spec.steps + 32) + (triplet ? 28 : 20) * bins;
}

/** Bytes that a region takes for each recorded step of a sequence. */
export function bytesPerStep({ bins, triplet }: ExperimentPlan): number {
  return 4 * (bins + 3) + (triplet ? 8 * bins : 0);
}

/** The order of `Neuron` in assembly/tile.ts. */
function neuronWords(plan: ExperimentPlan, neuron: Neuron, states: number, probabilities: number): Uint32Array {
  const { drive, epsilon, fractionBits, rho, peak } = plan[neuron];
  const unused = { mean: 0, sd: 0, startSd: 0, low: 0, range: 0, redrawAtMost: 0, burnIn: 0 };
  const driven = { ...unused, numerator: 0, denominator: 1, increment: 0, ...drive };
  const logistic = rho.type === 'logistic';
  return Uint32Array.of(
    DRIVES[drive.type],
    neuron === 'pre' ? PURPOSE.preDrive : PURPOSE.postDrive,
    neuron === 'pre' ? PURPOSE.preStart : PURPOSE.postStart,
    driven.mean,
    driven.sd,
    driven.startSd,
    driven.low,
    driven.range,
    driven.redrawAtMost,
    driven.burnIn,
    driven.numerator,
    driven.denominator,
    driven.increment,
    epsilon.mantissa,
    epsilon.shift,
    fractionBits,
    logistic ? 1 : 0,
    logistic ? 0 : rho.beta1,
    logistic ? rho.midpoint : 0,
    logistic ? rho.mantissa : 0,
    logistic ? rho.shift : 0,
    peak,
    states,
    probabilities,
  );
}
