import { parseHTML } from 'linkedom';
import { agreementFigure, type FigureOptions, spikeTimingFigure, svgText, traceFigure } from '../figures/index.ts';
import type { ExperimentResult } from './experiment.ts';

/** The figures of one experiment as stand-alone SVG texts, by file name. */
export function experimentFigures(result: ExperimentResult): Record<string, string> {
  const { plan, curve, agreement, check, trace } = result;
  const { spec } = plan;
  const document = parseHTML('<!doctype html><html><body></body></html>').document as unknown as Document;
  const options: FigureOptions = { document };
  const timing = {
    ...options,
    msPerStep: spec.msPerStep,
    window: spec.pairing.window,
    kernel: spec.kernel,
    biology: true,
    ...(check ? { expected: check.expected } : {}),
  };
  return {
    'fig1-middle-rate-rule': svgText(spikeTimingFigure(curve, { ...timing, rule: 'rate' })),
    'fig1-right-nearest-neighbour-rule': svgText(spikeTimingFigure(curve, { ...timing, rule: 'pair' })),
    'fig2-right-agreement': svgText(agreementFigure(agreement, options)),
    ...(trace ? { 'fig3-trace': svgText(traceFigure(trace, { ...options, msPerStep: spec.msPerStep })) } : {}),
  };
}
