/** ln Γ(a), a > 0 (Stirling's series after shifting a above 10; absolute error below 10⁻¹³). */
function lnGamma(a: number): number {
  let shift = 0;
  let x = a;
  for (; x < 10; x++) shift += Math.log(x);
  const inverse = 1 / (x * x);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** Regularized upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a), a > 0, x ≥ 0. */
export function gammaQ(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - lnGamma(a));
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
}

/** Σ x^n / (a (a+1) … (a+n)). */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** Legendre's continued fraction for Γ(a, x) e^x x^−a, by Lentz's method. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 1_000_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

/** Chance that a χ² variable with `degrees` (any positive number) degrees of freedom is at least x. */
export function chiSquareTail(x: number, degrees: number): number {
  return gammaQ(degrees / 2, x / 2);
}

/** Chance that a standard normal variable is at least |z| away from 0. */
export function normalTwoSided(z: number): number {
  return gammaQ(0.5, (z * z) / 2);
}

/** Two-sided chance of a Poisson count at least as far in its tail as `count`, capped at 1. */
export function poissonTwoSided(count: number, mean: number): number {
  if (mean === 0) return count === 0 ? 1 : 0;
  const atMost = gammaQ(count + 1, mean);
  const atLeast = count === 0 ? 1 : 1 - gammaQ(count, mean);
  // 1 − Q loses the far tail: there the terms of the distribution are summed instead.
  const upper = atLeast > 1e-8 ? atLeast : poissonUpperTail(count, mean);
  return Math.min(1, 2 * Math.min(atMost, upper));
}

function poissonUpperTail(count: number, mean: number): number {
  let term = Math.exp(count * Math.log(mean) - mean - lnGamma(count + 1));
  let sum = term;
  for (let k = count + 1; term > sum * 1e-17; k++) {
    term *= mean / k;
    sum += term;
  }
  return sum;
}
