import { ln } from '../numeric/elementary.ts';

/** Fraction bits of the normal deviates. */
export const NORMAL_FRACTION_BITS = 24;
/** Largest deviate that {@link normalFromWord} returns, rounded up: Φ⁻¹(1 − 2⁻³³) = 6.34. */
export const NORMAL_BOUND = 6.4;
/** log₂ of the number of equal segments in which each octave of tail probability is interpolated. */
export const NORMAL_SEGMENT_BITS = 7;

const SEGMENTS = 2 ** NORMAL_SEGMENT_BITS;
const OCTAVES = 32;
/** Fraction of a segment: what is left of 32 bits below the leading one and the segment index. */
const FRACTION_BITS = 31 - NORMAL_SEGMENT_BITS;
/** The fraction is cut so that its product with a table difference stays below 2³¹. */
export const NORMAL_INTERPOLATION_BITS = 14;

// Wichura (1988), Algorithm AS 241, PPND16: coefficients of the two rational approximations used here.
const CENTRE_NUMERATOR = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
  67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const CENTRE_DENOMINATOR = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
  28729.085735721942674, 5226.495278852854561,
];
const TAIL_NUMERATOR = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
];
const TAIL_DENOMINATOR = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];

const polynomial = (coefficients: readonly number[], x: number) =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

/** z ≥ 0 with upper tail probability q, e⁻²⁵ ≤ q ≤ 1/2 (AS 241, relative error about 10⁻¹⁶). */
export function upperTailQuantile(q: number): number {
  const centre = 0.5 - q;
  if (centre <= 0.425) {
    const r = 0.180625 - centre * centre;
    return (centre * polynomial(CENTRE_NUMERATOR, r)) / polynomial(CENTRE_DENOMINATOR, r);
  }
  const r = Math.sqrt(-ln(q)) - 1.6;
  return polynomial(TAIL_NUMERATOR, r) / polynomial(TAIL_DENOMINATOR, r);
}

let table: Int32Array<ArrayBuffer> | undefined;

/**
 * Upper-tail quantiles of the normal distribution in units of 2⁻²⁴, shape [32 · 128 + 1]: node (octave o, segment k)
 * at tail probability 2^(o−33) (1 + k/128), the last at 1/2. Linear interpolation between nodes is within 4 · 10⁻⁶
 * of Φ⁻¹ everywhere (the test suite measures it).
 */
export function normalTable(): Int32Array<ArrayBuffer> {
  table ??= Int32Array.from({ length: OCTAVES * SEGMENTS + 1 }, (_, node) => {
    const octave = Math.floor(node / SEGMENTS);
    const segment = node % SEGMENTS;
    const q = 2 ** (octave - OCTAVES - 1) * (1 + segment / SEGMENTS);
    return Math.round(upperTailQuantile(q) * 2 ** NORMAL_FRACTION_BITS);
  });
  return table;
}

/**
 * Standard normal deviate from a uniform 32-bit word, in units of 2⁻²⁴: bit 0 is the sign, the other bits the tail
 * probability. Twin of `shaders/random/normal.wgsl`.
 */
export function normalFromWord(word: number): number {
  const nodes = normalTable();
  const tail = (word | 1) >>> 0; // odd: the midpoint of its interval, never zero
  const leadingZeros = Math.clz32(tail);
  const normalized = (tail << leadingZeros) >>> 0;
  const node = (OCTAVES - 1 - leadingZeros) * SEGMENTS + ((normalized >>> FRACTION_BITS) & (SEGMENTS - 1));
  const fraction = (normalized >>> (FRACTION_BITS - NORMAL_INTERPOLATION_BITS)) & (2 ** NORMAL_INTERPOLATION_BITS - 1);
  const from = nodes[node]!;
  const step = nodes[node + 1]! - from;
  const magnitude = from + ((step * fraction) >> NORMAL_INTERPOLATION_BITS);
  return (word & 1) === 0 ? magnitude : -magnitude;
}
