import type { Curve, CurvePoint } from '../stdp/results.ts';
import { numberText, signedText } from './number-text.ts';

/** Which weight change of a curve: of Eq. 1, of Eq. 2, of the pair rule per presynaptic spike, or of the user's rule. */
export type CurveRule = 'rate' | 'pair' | 'spike' | 'user';

export const ruleNames: Readonly<Record<CurveRule, string>> = {
  rate: 'rate rule (Eq. 1)',
  spike: 'spike rule (Eq. 2)',
  pair: 'pair rule',
  user: 'user’s rule',
};

/** The value of a rule at a point, `null` where there is none, and its standard error, NaN where there is none. */
export function ruleValue(point: CurvePoint, rule: CurveRule): { readonly dw: number; readonly se: number } | null {
  const [dw, se] = {
    rate: [point.dwRate, point.dwRateSe] as const,
    spike: [point.dwSpike, point.dwSpikeSe] as const,
    pair: [point.dwPairPerSpike, point.dwPairPerSpikeSe] as const,
    user: [point.dwUser ?? null, point.dwUserSe ?? null] as const,
  }[rule];
  return dw === null || !Number.isFinite(dw) ? null : { dw, se: se ?? Number.NaN };
}

/**
 * What a curve shows, in two sentences for readers who do not see it: its peaks and its signs.
 *
 * @param rule default `rate`
 *
 * @example
 * describeCurve(curve, 1);
 * // "Weight change of the rate rule (Eq. 1) over 81234 spike pairs: highest +0.00752 at +1 ms, lowest −0.00711 at
 * //  −1 ms. Positive at 20 of 20 spike-timing differences above zero, negative at 20 of 20 below."
 */
export function describeCurve(curve: Curve, msPerStep: number, rule: CurveRule = 'rate'): string {
  const values = curve.points.flatMap((point) => {
    const value = ruleValue(point, rule);
    return value === null ? [] : [{ ms: point.dt * msPerStep, dw: value.dw }];
  });
  const [first] = values;
  if (first === undefined) return `Weight change of the ${ruleNames[rule]}: no pairs of spikes.`;

  const highest = values.reduce((best, value) => (value.dw > best.dw ? value : best), first);
  const lowest = values.reduce((best, value) => (value.dw < best.dw ? value : best), first);
  const after = values.filter(({ ms }) => ms > 0);
  const before = values.filter(({ ms }) => ms < 0);
  const positive = after.filter(({ dw }) => dw > 0).length;
  const negative = before.filter(({ dw }) => dw < 0).length;
  const peak = ({ dw, ms }: { dw: number; ms: number }) => `${signedText(dw)} at ${signedText(ms)} ms`;
  return (
    `Weight change of the ${ruleNames[rule]} over ${numberText(curve.pairs, 21)} spike pairs: ` +
    `highest ${peak(highest)}, lowest ${peak(lowest)}. ` +
    `Positive at ${positive} of ${after.length} spike-timing differences above zero, ` +
    `negative at ${negative} of ${before.length} below.`
  );
}
