/**
 * One region of an experiment in this memory: what to compute, and the addresses of what is computed. Filled in by
 * `../layout.ts`, one 32-bit word a field in this order.
 */
@unmanaged
export class Tile {
  seed: u32;
  firstSequence: u32;
  steps: u32;
  /** Words of 32 steps in a spike train. */
  words: u32;
  firstRecorded: u32;
  recordedSteps: u32;
  /** D, 1 … 64. */
  window: u32;
  /** What is counted of a step: bin d + D pairs at distance d, bin 2D + 1 (if there) presynaptic spikes. */
  bins: u32;
  /** How spikes are paired if bin 2D + 1 is there: bits as in `pairing-schemes.ts`. */
  pairing: u32;
  /** The two neurons. */
  pre: Neuron;
  post: Neuron;
  /** i32 of the normal quantiles, of the logistic function (2⁻³⁰), and of the pair rule by bin. */
  normalTable: usize;
  logisticTable: usize;
  kernel: usize;
  /** u8, shape [66][128]: bin by the distances to the postsynaptic spikes before and after. */
  binTable: usize;
  /** u32, shape [sequences][words][2][32]: bit planes, the presynaptic word before the postsynaptic one. */
  planes: usize;
  /** u32, shape [sequences][recordedSteps][bins]. */
  histogram: usize;
  /** u32, shape [sequences]. */
  preSpikes: usize;
  postSpikes: usize;
  /** Results of `tally`: shapes as in `Tallies`. */
  pairs: usize;
  rateSums: usize;
  spikeSums: usize;
  cellRates: usize;
  cellPairs: usize;
  /** Generators of four trials, then their spike trains; see `trains.ts`. */
  generators: usize;
  preTrains: usize;
  postTrains: usize;
  /** u16, the spikes to pair; see `pairing.ts`. */
  list: usize;
  /** u32, recorded words of the trials of one call, shape [sequences][trials][words][2]; 0 where spikes are sampled. */
  recording: usize;
  /** Triplet schemes only, see `triplets.ts`: u32 by bin, size of the triplet term for a trace of 1; otherwise 0. */
  tripletTerms: usize;
  /** A trace of 1, and what k steps leave of it (u32, 2⁻³¹). */
  traceOne: u32;
  preDecay: usize;
  preDecaySteps: u32;
  postDecay: usize;
  postDecaySteps: u32;
  /** Bins below it have negative weight changes. */
  firstAfter: u32;
  /** u64, sizes of what earlier spikes add, shape [sequences][recordedSteps][bins]. */
  tripletCells: usize;
  /** i64, shape [sequences][bins]; result of `tally`. */
  tripletSums: usize;
  /** Traces of four trials. */
  traces: usize;
}

/** Drive, ρ and activities of one neuron. */
@unmanaged
export class Neuron {
  /** 0 noise, 1 steps, 2 ramps; other drives are written to `states` from outside. */
  drive: u32;
  drivePurpose: u32;
  startPurpose: u32;
  mean: i32;
  sd: i32;
  startSd: i32;
  low: i32;
  range: u32;
  redrawAtMost: u32;
  burnIn: u32;
  numerator: u32;
  denominator: u32;
  increment: u32;
  epsilonMantissa: u32;
  epsilonShift: u32;
  fractionBits: u32;
  /** 0 hard sigmoid, 1 logistic. */
  logistic: u32;
  beta1: i32;
  midpoint: i32;
  slopeMantissa: i32;
  slopeShift: u32;
  peak: u32;
  /** i32, shape [sequences][steps + 1]. */
  states: usize;
  /** u32, shape [sequences][steps]; written by `readProbabilities`. */
  probabilities: usize;
}
