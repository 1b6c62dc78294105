import { exp, powerOfTwo } from '../numeric/elementary.ts';
import { type NeuronPlan, RHO_FRACTION_BITS } from './plan.ts';

/** Fraction bits of the argument of the logistic function. */
export const LOGISTIC_ARGUMENT_BITS = 20;
/** The table covers arguments 0 … 16; ρ is taken constant beyond, where it is within 1.2 · 10⁻⁷ of its limit. */
export const LOGISTIC_LIMIT = 16;
/** log₂ of the number of segments per unit of the argument. */
export const LOGISTIC_SEGMENT_BITS = 8;

const SEGMENTS = LOGISTIC_LIMIT * 2 ** LOGISTIC_SEGMENT_BITS;
const INTERPOLATION_BITS = LOGISTIC_ARGUMENT_BITS - LOGISTIC_SEGMENT_BITS;
const ONE = 2 ** RHO_FRACTION_BITS;

let table: Uint32Array<ArrayBuffer> | undefined;

/**
 * 1 / (1 + e^(−x)) at x = k / 256 in units of 2⁻³⁰, shape [16 · 256 + 1]. Linear interpolation is within
 * 2 · 10⁻⁷ of the logistic function (the test suite measures it).
 */
export function logisticTable(): Uint32Array<ArrayBuffer> {
  table ??= Uint32Array.from({ length: SEGMENTS + 1 }, (_, k) =>
    Math.round(ONE / (1 + exp(-k / 2 ** LOGISTIC_SEGMENT_BITS))),
  );
  return table;
}

/**
 * ρ(s) in units of 2⁻³⁰ (hard sigmoid: STDP paper Eq. 18). Twin of `shaders/stdp/rho.wgsl`.
 *
 * @param s integrated activity in units of 2^−`fractionBits`.
 */
export function rhoOf(s: number, { rho, fractionBits }: NeuronPlan): number {
  if (rho.type === 'hard-sigmoid') {
    const above = Math.min(Math.max(s - rho.beta1, 0), powerOfTwo(fractionBits));
    return above * powerOfTwo(RHO_FRACTION_BITS - fractionBits);
  }
  const argument = (BigInt(s - rho.midpoint) * BigInt(rho.mantissa)) >> BigInt(rho.shift);
  const limit = BigInt(LOGISTIC_LIMIT * 2 ** LOGISTIC_ARGUMENT_BITS);
  const magnitude = Number(argument < 0n ? -argument : argument > limit ? limit : argument);
  const nodes = logisticTable();
  const clipped = Math.min(magnitude, Number(limit));
  const node = clipped >> INTERPOLATION_BITS;
  const from = nodes[node]!;
  const step = (nodes[node + 1] ?? from) - from;
  const value = from + ((step * (clipped & (2 ** INTERPOLATION_BITS - 1))) >>> INTERPOLATION_BITS);
  return argument < 0n ? ONE - value : value;
}
