import { powerOfTwo } from '../numeric/elementary.ts';
import { NORMAL_BOUND } from '../random/normal.ts';
import { weightChanges } from './kernel.ts';
import { pairsOnce } from './pairing-schemes.ts';
import { burnInSteps } from './parse-spec.ts';
import { hasActivities, packSpikes } from './recorded.ts';
import { loadedRules } from './rule/load-rules.ts';
import type { RulePlan } from './rule/plan-rule.ts';
import type { Drive, ExperimentSpec, NeuronSpec, Rho } from './spec.ts';
import { planTriplet, type TripletPlan } from './triplet.ts';

/*
 * From a spec to the integers that the kernels and the twin compute with.
 *
 * Fixed-point formats. The integrated activity s and the external voltage u of a neuron are integers in units of
 * 2^−F (F = `fractionBits`, chosen per neuron so that |u|, |s| < 2²⁹ units); the integrator carries 32 more bits.
 * ρ is in units of 2⁻³⁰, spike probabilities in units of 2⁻³¹, kernel values in units of 2^−G.
 */

/** Fraction bits of ρ. */
export const RHO_FRACTION_BITS = 30;
/** Fraction bits of spike probabilities; a probability of 1 is 2³¹. */
export const PROBABILITY_FRACTION_BITS = 31;
/** |s| and |u| stay below this many units. */
const LARGEST_STATE = 2 ** 29;
const MOST_FRACTION_BITS = 28;
/** Largest kernel value in units of 2^−G. */
const LARGEST_KERNEL = 2 ** 30;

/** Drives in fixed point. Voltages are in units of 2^−F. */
export type DrivePlan =
  | { readonly type: 'noise'; readonly mean: number; readonly sd: number; readonly startSd: number }
  | {
      readonly type: 'steps';
      readonly low: number;
      readonly range: number;
      /** The level is redrawn where a uniform 32-bit word is at most this. */
      readonly redrawAtMost: number;
      readonly burnIn: number;
    }
  | {
      readonly type: 'ramps';
      readonly low: number;
      readonly range: number;
      readonly burnIn: number;
      /** Position on the knots at the first step: (numerator of the fraction over `denominator`) of a segment. */
      readonly numerator: number;
      readonly denominator: number;
      /** What one step adds to the numerator. */
      readonly increment: number;
    }
  | {
      readonly type: 'table';
      /** s, shape [sequences][steps + 1]. */
      readonly states: Int32Array;
    };

/** ρ in fixed point. */
export type RhoPlan =
  | { readonly type: 'hard-sigmoid'; readonly beta1: number }
  | {
      readonly type: 'logistic';
      readonly midpoint: number;
      /** slope · (s − midpoint), in units of 2⁻²⁰, is (s − midpoint) · mantissa >> shift. */
      readonly mantissa: number;
      readonly shift: number;
    };

export interface NeuronPlan {
  readonly fractionBits: number;
  readonly drive: DrivePlan;
  /** ε = mantissa · 2^−(31 + shift), 2³⁰ ≤ mantissa ≤ 2³¹. */
  readonly epsilon: { readonly mantissa: number; readonly shift: number };
  readonly rho: RhoPlan;
  /** peak · 2³¹. */
  readonly peak: number;
}

export interface ExperimentPlan {
  readonly spec: ExperimentSpec;
  readonly pre: NeuronPlan;
  readonly post: NeuronPlan;
  /** Whether those have activities; recorded spikes may be without. */
  readonly activities: boolean;
  /** Recorded spikes, shape [sequences][trials][words][2] (`recorded.ts`). */
  readonly recording?: Uint32Array;
  /** Words of 32 steps in a spike train. */
  readonly words: number;
  /** First paired step, and how many follow it. */
  readonly firstPaired: number;
  readonly pairedSteps: number;
  /** What is counted of a step: bin d + D pairs at distance d, and presynaptic spikes as `spikeBin` says. */
  readonly bins: number;
  /**
   * Bin 2D + 1, which counts the presynaptic spikes. `undefined` under `nearest-exclusive` with `skip`, where each
   * spike is in one bin: in bin D if it makes no pair.
   */
  readonly spikeBin: number | undefined;
  /** Weight change by bin; 0 where no pairs are counted. Under triplet schemes what it is without earlier spikes. */
  readonly kernel: Float64Array;
  /** The same in units of 2^−`kernelFractionBits`. */
  readonly kernelFixed: Int32Array;
  readonly kernelFractionBits: number;
  /** What earlier spikes add to that, under the triplet schemes. */
  readonly triplet?: TripletPlan;
  /** The user's own rule, where there is one. */
  readonly rule?: RulePlan;
}

/** Plans an experiment. Pure; needs no GPU. */
export function planExperiment(spec: ExperimentSpec): ExperimentPlan {
  const { window, edges } = spec.pairing;
  const firstPaired = edges === 'interior' ? window : 0;
  const distances = 2 * window + 1;
  const spikeBin = pairsOnce(spec.pairing) ? undefined : distances;
  const bins = spikeBin === undefined ? distances : distances + 1;
  const activities = hasActivities(spec);
  const neuron = (name: 'pre' | 'post') => {
    const planned = planNeuron(spec[name], spec);
    if (activities) return planned;
    // Activities that never change, in place of drives that have nothing to do with the spikes.
    const states = new Int32Array(spec.sequences * (spec.steps + 1));
    return { ...planned, drive: { type: 'table', states } } as const;
  };
  return {
    spec,
    pre: neuron('pre'),
    post: neuron('post'),
    activities,
    ...(spec.spikes ? { recording: packSpikes(spec.spikes, spec.steps) } : {}),
    words: Math.ceil(spec.steps / 32),
    firstPaired,
    pairedSteps: spec.steps - 2 * firstPaired,
    bins,
    spikeBin,
    ...planKernel(spec, bins),
    ...(spec.rule ? { rule: loadedRules().planRule(spec.rule, spec) } : {}),
  };
}

type KernelPlan = Pick<ExperimentPlan, 'kernel' | 'kernelFixed' | 'kernelFractionBits' | 'triplet'>;

function planKernel(spec: ExperimentSpec, bins: number): KernelPlan {
  const kernel = new Float64Array(bins);
  if (spec.kernel.type === 'triplet') {
    const triplet = planTriplet(spec.kernel, spec);
    const kernelFixed = new Int32Array(bins);
    kernelFixed.set(triplet.pairTerms);
    const unit = powerOfTwo(-triplet.fractionBits);
    return {
      kernel: kernel.map((_, bin) => kernelFixed[bin]! * unit),
      kernelFixed,
      kernelFractionBits: triplet.fractionBits,
      triplet,
    };
  }
  kernel.set(weightChanges(spec.kernel, spec.pairing));
  const largest = kernel.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const kernelFractionBits = fractionBitsFor(largest, LARGEST_KERNEL, 62);
  const kernelFixed = Int32Array.from(kernel, (value) => Math.round(value * powerOfTwo(kernelFractionBits)));
  return { kernel, kernelFixed, kernelFractionBits };
}

/**
 * Plans one neuron.
 *
 * @param reach the format holds at least this magnitude of s, u and what else is in units of 2^−F
 * @param burnIn steps before the first one for the drives that start from their mean
 */
export function planNeuron(
  neuron: NeuronSpec,
  spec: Pick<ExperimentSpec, 'sequences' | 'steps'>,
  reach = 0,
  burnIn = burnInSteps(neuron.epsilon),
): NeuronPlan {
  const fractionBits = fractionBitsFor(Math.max(reach, largestVoltage(neuron)), LARGEST_STATE, MOST_FRACTION_BITS);
  const fixed = (value: number) => Math.round(value * powerOfTwo(fractionBits));
  return {
    fractionBits,
    drive: planDrive(neuron, spec, burnIn, fixed),
    epsilon: planFraction(neuron.epsilon),
    rho: planRho(neuron.rho, fractionBits),
    peak: Math.round(neuron.peak * 2 ** PROBABILITY_FRACTION_BITS),
  };
}

/** Bound on |u|, |s| and |midpoint|. */
export function largestVoltage({ drive, rho }: NeuronSpec): number {
  const midpoint = rho.type === 'logistic' ? Math.abs(rho.midpoint) : 1;
  return Math.max(midpoint, largestDrive(drive));
}

function largestDrive(drive: Drive): number {
  switch (drive.type) {
    case 'noise':
      return Math.abs(drive.mean) + NORMAL_BOUND * drive.sd;
    case 'steps':
    case 'ramps':
      return Math.max(Math.abs(drive.low), Math.abs(drive.high));
    case 'table':
      return drive.values.reduce((most, row) => row.reduce((m, value) => Math.max(m, Math.abs(value)), most), 0);
  }
}

/** Largest number of fraction bits, up to `most`, with |value| in units below `limit`. */
export function fractionBitsFor(value: number, limit: number, most: number): number {
  let bits = most;
  while (bits > 0 && value * powerOfTwo(bits) >= limit) bits--;
  return bits;
}

function planDrive(
  neuron: NeuronSpec,
  spec: Pick<ExperimentSpec, 'sequences' | 'steps'>,
  burnIn: number,
  fixed: (value: number) => number,
): DrivePlan {
  const { drive, epsilon } = neuron;
  switch (drive.type) {
    case 'noise':
      return {
        type: 'noise',
        mean: fixed(drive.mean),
        sd: fixed(drive.sd),
        // Stationary standard deviation of the AR(1) process s.
        startSd: fixed(drive.sd * Math.sqrt(epsilon / (2 - epsilon))),
      };
    case 'steps':
      return {
        type: 'steps',
        low: fixed(drive.low),
        range: fixed(drive.high) - fixed(drive.low),
        redrawAtMost: Math.round(2 ** 32 / drive.hold) - 1,
        burnIn,
      };
    case 'ramps': {
      const denominator = spec.steps - 1;
      const increment = drive.knots - 1;
      const behind = (burnIn * increment) % denominator;
      return {
        type: 'ramps',
        low: fixed(drive.low),
        range: fixed(drive.high) - fixed(drive.low),
        burnIn,
        numerator: behind === 0 ? 0 : denominator - behind,
        denominator,
        increment,
      };
    }
    case 'table': {
      const width = spec.steps + 1;
      const states = new Int32Array(spec.sequences * width);
      drive.values.forEach((row, sequence) => {
        for (let t = 0; t < width; t++) states[sequence * width + t] = fixed(row[t]!);
      });
      return { type: 'table', states };
    }
  }
}

/** A number in (0, 1] as mantissa · 2^−(31 + shift); from 2⁻³² up, what specs have, the mantissa has at least 30 bits. */
export function planFraction(value: number): { readonly mantissa: number; readonly shift: number } {
  let shift = 0;
  while (shift < 31 && value * powerOfTwo(31 + shift) < 2 ** 30) shift++;
  return { mantissa: Math.round(value * powerOfTwo(31 + shift)), shift };
}

function planRho(rho: Rho, fractionBits: number): RhoPlan {
  if (rho.type === 'hard-sigmoid') {
    return { type: 'hard-sigmoid', beta1: Math.round(rho.beta1 * powerOfTwo(fractionBits)) };
  }
  // slope · 2^(20 − F) = mantissa · 2^−shift. A steeper slope than 2³¹ saturates at the first unit beside the
  // midpoint whatever its mantissa is.
  const scale = rho.slope * powerOfTwo(20 - fractionBits);
  let shift = 0;
  while (shift < 62 && scale * powerOfTwo(shift) < 2 ** 30) shift++;
  return {
    type: 'logistic',
    midpoint: Math.round(rho.midpoint * powerOfTwo(fractionBits)),
    mantissa: Math.min(2 ** 31 - 1, Math.round(scale * powerOfTwo(shift))),
    shift,
  };
}
