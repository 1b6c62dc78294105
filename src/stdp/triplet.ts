import { exp, powerOfTwo } from '../numeric/elementary.ts';
import { Wide } from '../numeric/wide.ts';
import type { ExperimentSpec, TripletKernel } from './spec.ts';

/*
 * The triplet rule in integers. A trace is in units of 2^−`traceBits`, below 2³¹; what k steps leave of it is looked up in
 * a table and rounded once for each spike, so that rounding never adds up over steps. The weight change of a pair,
 * A₂ e^(−|d|/τ) + A₃ e^(−|d|/τ) · trace, is in units of 2^−`fractionBits` of the plan, below 2²⁹: up to 2³² pairs of one
 * cell or one distance (trials · steps < 2³²) stay within 64 bits.
 */

/** What is left of a trace is in units of 2⁻³¹. */
const DECAY_BITS = 31;
/** Twice this is never reached, whatever the rounding at up to 2²⁴ spikes. */
const LARGEST_TRACE = 2 ** 30;
const LARGEST_CHANGE = 2 ** 28;
const MOST_TRACE_BITS = 30;
const MOST_FRACTION_BITS = 62;

/** The triplet rule of an experiment in fixed point. */
export interface TripletPlan {
  /** Traces are set to 1 by a spike, rather than increased by it. */
  readonly nearest: boolean;
  readonly traceBits: number;
  /** G: weight changes are in units of 2^−G. */
  readonly fractionBits: number;
  /** What k = 0, 1, … steps leave of r2 and of o2, units 2⁻³¹; nothing beyond the tables. */
  readonly preDecay: Uint32Array;
  readonly postDecay: Uint32Array;
  /** Pairs from this bin d + D on have the postsynaptic spike after the presynaptic one: o2 counts, and weights grow. */
  readonly firstAfter: number;
  /** Pair term of the weight change at d = −D … D with its sign, units 2^−G, shape [2D + 1]. */
  readonly pairTerms: Int32Array;
  /** Size of the triplet term there for a trace of 1, units 2^−(G + 32 − traceBits), shape [2D + 1]. */
  readonly tripletTerms: Uint32Array;
}

/** Plans the triplet rule of a spec. */
export function planTriplet(kernel: TripletKernel, spec: ExperimentSpec): TripletPlan {
  const { msPerStep, steps, pairing } = spec;
  const { window, coincidence } = pairing;
  const nearest = pairing.scheme === 'triplet-nearest';
  const [tauX, tauY] = [kernel.tauXMs / msPerStep, kernel.tauYMs / msPerStep];
  const largestTrace = nearest ? 1 : Math.max(largestSum(tauX, steps), largestSum(tauY, steps));
  const traceBits = bitsFor(largestTrace, LARGEST_TRACE, MOST_TRACE_BITS);
  const size = (d: number) => {
    if (d === 0 && coincidence === 'skip') return { sign: 0, pair: 0, triplet: 0 };
    const isAfter = d > 0 || (d === 0 && coincidence === 'causal');
    const decay = exp((-Math.abs(d) * msPerStep) / (isAfter ? kernel.tauPlusMs : kernel.tauMinusMs));
    return isAfter
      ? { sign: 1, pair: kernel.a2Plus * decay, triplet: kernel.a3Plus * decay }
      : { sign: -1, pair: kernel.a2Minus * decay, triplet: kernel.a3Minus * decay };
  };
  const sizes = Array.from({ length: 2 * window + 1 }, (_, bin) => size(bin - window));
  const largest = sizes.reduce((most, { pair, triplet }) => Math.max(most, pair + triplet * largestTrace), 0);
  const fractionBits = bitsFor(largest, LARGEST_CHANGE, MOST_FRACTION_BITS);
  return {
    nearest,
    traceBits,
    fractionBits,
    preDecay: decayTable(tauX, steps),
    postDecay: decayTable(tauY, steps),
    firstAfter: coincidence === 'causal' ? window : window + 1,
    pairTerms: Int32Array.from(sizes, ({ sign, pair }) => sign * Math.round(pair * powerOfTwo(fractionBits))),
    tripletTerms: Uint32Array.from(sizes, ({ triplet }) =>
      Math.round(triplet * powerOfTwo(fractionBits) * powerOfTwo(32 - traceBits)),
    ),
  };
}

/** Σ e^(−k/τ) over k = 0, 1, … of at most so many steps: a trace after a spike at every step. */
function largestSum(tau: number, steps: number): number {
  return Math.min(steps, 1 / (1 - exp(-1 / tau)));
}

function bitsFor(value: number, limit: number, most: number): number {
  let bits = most;
  while (bits > 0 && value * powerOfTwo(bits) >= limit) bits--;
  return bits;
}

function decayTable(tau: number, steps: number): Uint32Array {
  const length = Math.min(steps, Math.ceil(tau * (DECAY_BITS + 1) * Math.LN2) + 1);
  return Uint32Array.from({ length }, (_, k) => Math.round(exp(-k / tau) * powerOfTwo(DECAY_BITS)));
}

const product = new Wide();
const half = new Wide().set(0, 2 ** (DECAY_BITS - 1));

/** What so many steps leave of a trace, rounded. */
export function decayed(trace: number, steps: number, decay: Uint32Array): number {
  const share = decay[steps] ?? 0;
  return product.setProduct(trace, share).add(half).shiftRight(DECAY_BITS).low >>> 0;
}

/**
 * What earlier spikes add to the weight change of a pair at distance d, units 2^−G, rounded.
 *
 * @param bin d + D
 * @param trace just before the pair: o2 at its postsynaptic spike where that comes after, else r2 at its presynaptic one
 */
export function tripletChange({ tripletTerms, firstAfter }: TripletPlan, bin: number, trace: number): number {
  product.setProduct(trace, tripletTerms[bin]!);
  const size = product.high + (product.low < 0 ? 1 : 0);
  return bin >= firstAfter ? size : -size;
}

/**
 * The trace just before each spike, shape [steps]; 0 elsewhere.
 *
 * @param spikes one byte a step
 * @param decay `preDecay` for r2, `postDecay` for o2
 */
export function tracesBefore(spikes: Uint8Array, decay: Uint32Array, { nearest, traceBits }: TripletPlan): Uint32Array {
  const one = powerOfTwo(traceBits);
  const traces = new Uint32Array(spikes.length);
  let trace = 0;
  let last = 0;
  for (let t = 0; t < spikes.length; t++) {
    if (spikes[t] !== 1) continue;
    traces[t] = decayed(trace, t - last, decay);
    trace = nearest ? one : traces[t]! + one;
    last = t;
  }
  return traces;
}
