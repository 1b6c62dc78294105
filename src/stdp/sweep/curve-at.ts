import type { CurvePoint } from '../results.ts';

/** The rule whose curve is compared with data; `user` has one only where the spec has a rule. */
export type CurveRule = 'rate' | 'spike' | 'pair' | 'user';

/** Why a curve says nothing at some distance. */
export type OutsideCurve =
  /** Less than one step from 0: in discrete time there is no such pair. */
  | 'within-a-step'
  /** Farther than the curve goes. */
  | 'beyond-the-window'
  /** No pairs were found at the distances beside it. */
  | 'no-pairs';

/** A distance this close to a whole number of steps, as a fraction of it, is that number: quotients have rounding. */
const ROUNDING = 1e-9;

const readRule: Readonly<Record<CurveRule, (point: CurvePoint) => number | null>> = {
  rate: ({ dwRate }) => dwRate,
  spike: ({ dwSpike }) => dwSpike,
  pair: ({ dwPair }) => dwPair,
  user: ({ dwUser }) => dwUser ?? null,
};

/**
 * A curve at any distance: linear between neighbouring distances on the same side of 0.
 *
 * @param curve 2D + 1 points, dt = −D … D
 * @param steps spike-timing difference, post minus pre, in steps
 */
export function curveAt(curve: readonly CurvePoint[], rule: CurveRule, steps: number): number | OutsideCurve {
  const window = (curve.length - 1) / 2;
  const whole = Math.round(Math.abs(steps));
  const distance = Math.abs(Math.abs(steps) - whole) <= ROUNDING * whole ? whole : Math.abs(steps);
  if (distance < 1) return 'within-a-step';
  if (distance > window) return 'beyond-the-window';
  const valueAt = (at: number) => readRule[rule](curve[window + (steps < 0 ? -at : at)]!);
  const near = Math.floor(distance);
  const fraction = distance - near;
  const nearValue = valueAt(near);
  if (fraction === 0) return nearValue ?? 'no-pairs';
  const farValue = valueAt(near + 1);
  if (nearValue === null || farValue === null) return 'no-pairs';
  return nearValue + fraction * (farValue - nearValue);
}
