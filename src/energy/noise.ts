/**
 * Noise of inference.
 *
 * - `none`: s ← s + ε (R(s) − s).
 * - `synaptic` (STDP paper, Eq. 14–15): s ← s + ε (R(s + η) − s), η ~ Normal(0, sd²) at every unit, clamped ones
 *   included, drawn again every step. It is not scaled as Langevin dynamics: what moves s is of the order ε, not √ε.
 * - `langevin`: s ← s − ε ∂E/∂s + √(2ε) n, n ~ Normal(0, 1): unadjusted Langevin dynamics, whose stationary density
 *   tends to e^(−E) as ε → 0. Not for `clip` networks, whose bounds it would run into.
 */
export type Noise =
  | { readonly type: 'none' }
  | { readonly type: 'synaptic'; readonly sd: number }
  | { readonly type: 'langevin' };
