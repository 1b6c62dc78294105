import { powerOfTwo } from '../../numeric/elementary.ts';
import { PURPOSE } from '../../random/address.ts';
import type { Neuron } from '../drive.ts';
import { schemeFlags } from '../pairing-schemes.ts';
import type { ExperimentPlan } from '../plan.ts';
import { PLANES } from '../probability.ts';
import type { PairingSpec } from '../spec.ts';
import type { Region } from '../tallies.ts';
import { aligned, layOutTables } from './tables.ts';

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
  /** What is read back; the tallies, from `preSpikes` to `tripletSums`, lie one after another. */
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
  | 'tripletSums'
  | 'histogram'
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

const BIN_TABLE_BYTES = 66 * 128;
const GENERATOR_BYTES = 64;
/** Words of a `Tile` of assembly/tile.ts; the last ones are those of the triplet schemes, zeros in others. */
const TILE_WORDS = 39;
const TRIPLET_WORDS = 10;
/** Words of a `Neuron`. */
const NEURON_WORDS = 24;
const DRIVES = { noise: 0, steps: 1, ramps: 2, table: 3 } as const;

/** Lays a region out. Pure. */
export function layOutTile(plan: ExperimentPlan, region: Region, sizes: ModuleSizes): TileLayout {
  const { spec, words, bins, kernelFixed, triplet } = plan;
  const { sequences, steps: recordedSteps, firstSequence } = region;
  const { memoryBase, trainBytes, listBytes, tracesBytes } = sizes;
  const tables = layOutTables(memoryBase);
  const ofTriplets = triplet ? [triplet.tripletTerms, triplet.preDecay, triplet.postDecay] : [];
  // What is known before the first trial, in one piece: a message of many small tiles is mostly such pieces.
  const constants = aligned(tables.end);
  const known = new Uint32Array(
    TILE_WORDS + 2 * NEURON_WORDS + kernelFixed.length + ofTriplets.reduce((sum, { length }) => sum + length, 0),
  );
  let placed = TILE_WORDS;
  const place = (data: ArrayLike<number>): number => {
    const at = constants + 4 * placed;
    known.set(data, placed);
    placed += data.length;
    return at;
  };
  let end = constants + known.byteLength;
  const take = (bytes: number): Extent => {
    const at = aligned(end);
    end = at + bytes;
    return { at, bytes };
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
    tripletSums: take(triplet ? 8 * sequences * bins : 0),
    histogram: take(4 * cells * bins),
    recording: take(recordedTrialsPerCall(plan, region) * sequences * words * 8),
    preTrain: take(4 * words),
    postTrain: take(4 * words),
  };
  const placeNeuron = (neuron: Neuron): number =>
    place(neuronWords(plan, neuron, extents[`${neuron}States`].at, extents[`${neuron}Probabilities`].at));
  const pre = placeNeuron('pre');
  const post = placeNeuron('post');
  // The order of `Tile` in assembly/tile.ts.
  known.set([
    spec.seed,
    firstSequence,
    spec.steps,
    words,
    region.firstStep,
    recordedSteps,
    spec.pairing.window,
    bins,
    pairingBits(spec.pairing),
    pre,
    post,
    tables.normal,
    tables.logistic,
    place(kernelFixed),
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
  ]);
  if (triplet) {
    const [terms, preDecay, postDecay] = ofTriplets.map(place) as [number, number, number];
    known.set(
      [
        terms,
        powerOfTwo(triplet.traceBits),
        preDecay,
        triplet.preDecay.length,
        postDecay,
        triplet.postDecay.length,
        triplet.firstAfter,
        take(8 * cells * bins).at,
        extents.tripletSums.at,
        take(tracesBytes).at,
      ],
      TILE_WORDS - TRIPLET_WORDS,
    );
  }
  const writes: { at: number; data: Int32Array | Uint32Array }[] = [{ at: constants, data: known }];
  let drawn = 0;
  for (const [neuron, bit] of [
    ['pre', 1],
    ['post', 2],
  ] as const) {
    const { drive } = plan[neuron];
    if (drive.type !== 'table') {
      drawn |= bit;
      continue;
    }
    const width = spec.steps + 1;
    const data = drive.states.slice(firstSequence * width, (firstSequence + sequences) * width);
    writes.push({ at: extents[`${neuron}States`].at, data });
  }
  return { size: end, tile: constants, drawn, writes, extents };
}

/** Bytes of recorded spikes that a region holds at a time. */
const RECORDED_BYTES = 2 ** 22;

/** Trials of a recording that a region has room for at a time: none where spikes are sampled, otherwise at least one. */
export function recordedTrialsPerCall({ recording, words, spec }: ExperimentPlan, { sequences }: Region): number {
  if (!recording) return 0;
  return Math.max(1, Math.min(spec.trials, Math.floor(RECORDED_BYTES / (sequences * words * 8))));
}

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
function neuronWords(plan: ExperimentPlan, neuron: Neuron, states: number, probabilities: number): readonly number[] {
  const { drive, epsilon, fractionBits, rho, peak } = plan[neuron];
  const unused = { mean: 0, sd: 0, startSd: 0, low: 0, range: 0, redrawAtMost: 0, burnIn: 0 };
  const driven = { ...unused, numerator: 0, denominator: 1, increment: 0, ...drive };
  const logistic = rho.type === 'logistic';
  return [
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
  ];
}
