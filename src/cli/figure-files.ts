import { parseHTML } from 'linkedom';
import {
  agreementFigure,
  closedLoopFigure,
  dataFitFigure,
  type EpochErrors,
  type FigureOptions,
  type FrequencyCurve,
  frequencyFigure,
  type LogJointCurve,
  type LoopGridPoint,
  logJointFigure,
  loopGridFigure,
  loopWeightsFigure,
  type MeasuredFrequencyPoint,
  spikeTimingFigure,
  svgText,
  thresholdFigure,
  traceFigure,
  trainingErrorFigure,
  type UpdateCosine,
  updateCosineFigure,
} from '../figures/index.ts';
import type { LoopResult } from '../stdp/closed-loop/loop-results.ts';
import type { LoopSpec } from '../stdp/closed-loop/loop-spec.ts';
import type { Agreement } from '../stdp/results.ts';
import type { CandidatePoint } from '../stdp/sweep/common-rows.ts';
import { type CurveRule, curveAt } from '../stdp/sweep/curve-at.ts';
import type { Measurement } from '../stdp/sweep/measurement.ts';
import type { ThresholdResult } from '../stdp/threshold/threshold-results.ts';
import type { ExperimentResult } from './experiment.ts';

/** The error chart of a training as a stand-alone SVG text. */
export function trainingFigure(epochs: readonly EpochErrors[]): string {
  return svgText(trainingErrorFigure(epochs, { document: emptyDocument() }));
}

/** How updates come to agree with the gradient, as a stand-alone SVG text. */
export function cosineFigure(cosines: readonly UpdateCosine[]): string {
  return svgText(updateCosineFigure(cosines, { document: emptyDocument() }));
}

/** The figures of one experiment as stand-alone SVG texts, by file name. */
export function experimentFigures(result: ExperimentResult): Record<string, string> {
  const { plan, curve, agreement, check, trace } = result;
  const { spec } = plan;
  const options: FigureOptions = { document: emptyDocument() };
  const timing = {
    ...options,
    msPerStep: spec.msPerStep,
    window: spec.pairing.window,
    biology: true,
    ...(check ? { expected: check.expected } : {}),
  };
  const ofPairs = {
    'fig1-right-pair-rule': svgText(spikeTimingFigure(curve, { ...timing, rule: 'pair' })),
    ...(plan.rule ? { 'user-rule-curve': svgText(spikeTimingFigure(curve, { ...timing, rule: 'user' })) } : {}),
  };
  if (!plan.activities) return ofPairs;
  return {
    'fig1-middle-rate-rule': svgText(spikeTimingFigure(curve, { ...timing, rule: 'rate' })),
    ...ofPairs,
    'fig2-right-agreement': svgText(agreementFigure(agreement, options)),
    ...(plan.rule ? { 'user-rule-agreement': svgText(agreementFigure(agreement, { ...options, rule: 'user' })) } : {}),
    ...(trace ? { 'fig3-trace': svgText(traceFigure(trace, { ...options, msPerStep: spec.msPerStep })) } : {}),
  };
}

/** The agreement of the two rules under a pairing scheme, with its name, as a stand-alone SVG text. */
export function schemeFigure(agreement: Agreement, title: string): string {
  return svgText(agreementFigure(agreement, { document: emptyDocument(), title }));
}

/** The curve of a fitted point over the measurements, as a stand-alone SVG text. */
export function fitFigure(
  measurements: readonly Measurement[],
  { msPerStep, outcome: { curve } }: CandidatePoint,
  rule: CurveRule,
  scale: number,
): string {
  const points = (curve ?? []).flatMap(({ dt }) => {
    const dw = curveAt(curve!, rule, dt);
    return typeof dw === 'number' ? [{ ms: dt * msPerStep, dw: dw * scale }] : [];
  });
  return svgText(dataFitFigure(measurements, { points }, { document: emptyDocument() }));
}

/** What learning does over time, as a stand-alone SVG text. */
export function loopFigure(result: LoopResult): string {
  return svgText(closedLoopFigure(result, { document: emptyDocument() }));
}

/** Where the weights go over time, as a stand-alone SVG text. */
export function weightsFigure(result: LoopResult, record: LoopSpec['record']): string {
  return svgText(loopWeightsFigure(result, record, { document: emptyDocument() }));
}

/** Weight changes of repeated pairs beside those measured, as a stand-alone SVG text. */
export function repeatedPairsFigure(
  curves: readonly FrequencyCurve[],
  measured: readonly MeasuredFrequencyPoint[],
): string {
  return svgText(frequencyFigure(curves, measured, { document: emptyDocument() }));
}

/** What learning does over a grid, as a stand-alone SVG text. */
export function gridFigure(points: readonly LoopGridPoint[]): string {
  return svgText(loopGridFigure(points, { document: emptyDocument() }));
}

/** The generative paper's Fig. 1, as a stand-alone SVG text. */
export function crossingFigure(result: ThresholdResult, msPerStep: number): string {
  return svgText(thresholdFigure(result, { document: emptyDocument(), msPerStep }));
}

/** The generative paper's Fig. 4, as a stand-alone SVG text. */
export function jointFigure(curve: LogJointCurve): string {
  return svgText(logJointFigure(curve, { document: emptyDocument() }));
}

function emptyDocument(): Document {
  return parseHTML('<!doctype html><html><body></body></html>').document as unknown as Document;
}
