import { spikeTimingFigure } from '../src/figures/index.ts';
import type { ExpectedCurve, ExperimentSpec } from '../src/index.ts';
import { forTrials } from '../src/live/closed-form.ts';
import type { Picture } from '../src/live/run.ts';
import type { CurveRule, View } from './address.ts';

/** What each rule's curve shows. */
export const ruleTexts: Readonly<Record<CurveRule, string>> = {
  rate: 'ΔW = ṡᵢ ρ(sⱼ), Eq. 1: its mean over the pairs of spikes at each time between them. No spike enters the rule.',
  spike: 'ΔW = ṡᵢ ξⱼ, Eq. 2: the presynaptic rate is replaced by the presynaptic spikes that it causes.',
  pair: 'The classic rule: each presynaptic spike with its nearest postsynaptic one, times an exponential kernel.',
};

/** The figure of a picture as a view wants it. */
export function curveFigure(
  { curve, tallies }: Pick<Picture, 'curve' | 'tallies'>,
  spec: ExperimentSpec,
  view: View,
  closedFormOfTrial: ExpectedCurve | undefined,
  options: { readonly width?: number; readonly theme?: 'light' } = {},
): SVGSVGElement {
  // The closed form is of all sequences: until the last tile is in, it has nothing to lie on.
  const whole = tallies.region.sequences === spec.sequences;
  const expected =
    closedFormOfTrial && view.closedForm && whole ? forTrials(closedFormOfTrial, tallies.trials) : undefined;
  return spikeTimingFigure(curve, {
    ...options,
    rule: view.rule,
    msPerStep: spec.msPerStep,
    window: spec.pairing.window,
    biology: view.biology,
    ...(expected && { expected }),
  });
}
