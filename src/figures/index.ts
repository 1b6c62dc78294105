/** Data → figure: the same SVG for the demo, the command line and the custom element. */
export { figureStyles } from './adopted-styles.ts';
export { type AgreementOptions, agreementFigure } from './agreement.ts';
export { closedLoopFigure, type LoopGridPoint, loopGridFigure } from './closed-loop.ts';
export { dataFitFigure, type FittedCurve } from './data-fit.ts';
export { type CurveRule, describeCurve } from './describe.ts';
export { type DigitSheet, digitSheet } from './digit-sheet.ts';
export { earlyInferenceFigure } from './early-inference.ts';
export type { FigureOptions } from './figure-options.ts';
export {
  type FrequencyCurve,
  type FrequencyPoint,
  frequencyFigure,
  type MeasuredFrequencyPoint,
} from './frequency.ts';
export { type LogJointCurve, logJointFigure } from './log-joint.ts';
export { loopWeightsFigure } from './loop-weights.ts';
export { settlingFigure } from './settling.ts';
export { type SpikeTimingOptions, spikeTimingFigure } from './spike-timing.ts';
export { svgText } from './svg.ts';
export type { FigureTheme } from './theme.ts';
export { thresholdFigure } from './threshold.ts';
export { type TraceOptions, traceFigure } from './trace.ts';
export { type EpochErrors, trainingErrorFigure } from './training-error.ts';
export { type UpdateCosine, updateCosineFigure } from './update-cosine.ts';
