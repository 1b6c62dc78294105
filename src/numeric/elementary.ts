/**
 * exp and ln from IEEE-exact operations (+ − × ÷ √) only.
 *
 * JavaScript leaves the last digits of `Math.exp` and `Math.log` to the engine. Tables that decide random numbers
 * and weight changes are made with these functions instead, so that they are the same in every browser.
 * Both are accurate to a few units in the last place.
 */

/** ln 2, split so that k · LN2_HIGH is exact for |k| < 2¹¹. */
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const SQRT_HALF = Math.SQRT1_2;

const LEAST_POWER = -1074;
const LARGEST_POWER = 1023;

/** All powers of two that are numbers, from 2^−1074 on. */
const powersOfTwo = /* @__PURE__ */ (() => {
  const powers = new Float64Array(LARGEST_POWER - LEAST_POWER + 1);
  powers[0] = Number.MIN_VALUE;
  for (let i = 1; i < powers.length; i++) powers[i] = 2 * powers[i - 1]!;
  return powers;
})();

/** 2^k, exactly, for −1074 ≤ k ≤ 1023. */
export function powerOfTwo(k: number): number {
  return powersOfTwo[k - LEAST_POWER]!;
}

/** e^x. */
export function exp(x: number): number {
  if (x > 709.8) return Number.POSITIVE_INFINITY;
  if (x < -745.2) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 16; n >= 1; n--) sum = 1 + (sum * r) / n;
  const half = Math.trunc(k / 2);
  return sum * powerOfTwo(half) * powerOfTwo(k - half);
}

/** Natural logarithm of x > 0; NaN for other x. */
export function ln(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return Number.NaN;
  let mantissa = x;
  let exponent = 0;
  while (mantissa >= 2 * SQRT_HALF) {
    mantissa *= 0.5;
    exponent++;
  }
  while (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent--;
  }
  const y = (mantissa - 1) / (mantissa + 1);
  const square = y * y;
  let sum = 0;
  for (let n = 25; n >= 1; n -= 2) sum = 1 / n + square * sum;
  return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * y * sum);
}
