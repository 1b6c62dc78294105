/**
 * ρ, the firing rate of a unit with integrated activity s.
 *
 * - `hard-sigmoid` (STDP paper, Eq. 18): ρ(s) = s − β1 for β1 ≤ s ≤ β2 = β1 + 1, 0 below, 1 above, with −1 < β1 < 0.
 * - `logistic`: ρ(s) = 1 / (1 + e^(−slope (s − midpoint))).
 * - `clip`: ρ(s) = s, and every state is cut to 0 … 1 after each step, as the reference code of Equilibrium
 *   Propagation does. ρ′ = 1 on the closed interval: a unit at a bound leaves it as soon as its input says so.
 */
export type Nonlinearity =
  | { readonly type: 'hard-sigmoid'; readonly beta1: number }
  | { readonly type: 'logistic'; readonly slope: number; readonly midpoint: number }
  | { readonly type: 'clip' };

/** ρ(s). */
export function rhoAt(rho: Nonlinearity, s: number): number {
  switch (rho.type) {
    case 'hard-sigmoid':
      return s < rho.beta1 ? 0 : s > rho.beta1 + 1 ? 1 : s - rho.beta1;
    case 'logistic':
      return 1 / (1 + Math.exp(-rho.slope * (s - rho.midpoint)));
    case 'clip':
      return s < 0 ? 0 : s > 1 ? 1 : s;
  }
}

/** ρ′(s); on a kink that of the active region, which Eq. 18 closes. */
export function rhoSlopeAt(rho: Nonlinearity, s: number): number {
  switch (rho.type) {
    case 'hard-sigmoid':
      return s < rho.beta1 || s > rho.beta1 + 1 ? 0 : 1;
    case 'logistic': {
      const rate = rhoAt(rho, s);
      return rho.slope * rate * (1 - rate);
    }
    case 'clip':
      return s < 0 || s > 1 ? 0 : 1;
  }
}

/** ρ″(s); 0 for the piecewise-linear kinds, away from their kinks. */
export function rhoCurvatureAt(rho: Nonlinearity, s: number): number {
  if (rho.type !== 'logistic') return 0;
  const rate = rhoAt(rho, s);
  return rho.slope * rho.slope * rate * (1 - rate) * (1 - 2 * rate);
}

/** s as it may stand in a state: cut to 0 … 1 for `clip`, as it is for the others. */
export function bounded(rho: Nonlinearity, s: number): number {
  return rho.type !== 'clip' ? s : s < 0 ? 0 : s > 1 ? 1 : s;
}
