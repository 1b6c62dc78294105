import * as Plot from '@observablehq/plot';
import type { Agreement, AgreementFit } from '../stdp/results.ts';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame, type LegendEntry } from './frame.ts';
import { axisUnit, numberText } from './number-text.ts';

export interface AgreementOptions extends FigureOptions {
  /** The rule that is held against the rate rule; `user` where the experiment has one. Default `pair`. */
  readonly rule?: 'pair' | 'user';
}

/**
 * The agreement of the two rules (Fig. 2 right): mean weight change of the pair rule against that of the rate rule in
 * bins of equally many cells, with ± 2 standard errors, the linear fit and the correlations.
 */
export function agreementFigure(agreement: Agreement, options: AgreementOptions = {}): SVGSVGElement {
  const isUser = options.rule === 'user';
  const name = isUser ? 'user’s rule' : 'pair rule';
  const agreed = isUser && agreement.user ? agreement.user : agreement;
  const bins = agreement.bins
    .map(({ dwRate, dwPair, dwPairSe, dwUser, dwUserSe }) =>
      isUser ? { dwRate, dwPair: dwUser ?? Number.NaN, dwPairSe: dwUserSe ?? null } : { dwRate, dwPair, dwPairSe },
    )
    .filter(({ dwRate, dwPair }) => Number.isFinite(dwRate) && Number.isFinite(dwPair))
    .map(({ dwRate, dwPair, dwPairSe }) => {
      const se = dwPairSe ?? 0;
      return { dwRate, dwPair, low: dwPair - 2 * se, high: dwPair + 2 * se };
    });
  const fit = bins.length > 0 ? fitLine(agreed, bins) : [];
  const xUnit = axisUnit(largest(bins.map(({ dwRate }) => dwRate)));
  const yUnit = axisUnit(
    largest([...bins.flatMap(({ low, high }) => [low, high]), ...fit.map(({ dwPair }) => dwPair)]),
  );
  const xy = { x: 'dwRate', y: 'dwPair' } as const;
  const legend: LegendEntry[] = [
    { role: 'data', swatch: 'dots', label: `mean of a bin, ± 2 se (${bins.length} bins)` },
  ];
  if (fit.length > 0) legend.push({ role: 'expected', swatch: 'line', label: 'linear fit over cells' });

  const correlations = correlationText(agreed);
  const marks: Plot.Markish[] = [
    ...axes({
      x: `ΔW, rate rule, Eq. 1${xUnit.suffix}`,
      y: `ΔW, ${name}${yUnit.suffix}`,
      ...(bins.length === 0 ? { xTicks: 0, yTicks: [], zeroX: false } : {}),
    }),
    Plot.ruleX(bins, {
      ...{ x: 'dwRate', y1: 'low', y2: 'high', className: 'data error-bars' },
      ...{ stroke: 'currentColor', strokeWidth: 1.25, strokeOpacity: 0.6 },
    }),
    Plot.dot(bins, { ...xy, r: 3, className: 'data points', fill: 'currentColor' }),
    Plot.line(fit, { ...xy, className: 'expected', stroke: 'currentColor', strokeWidth: 1.25 }),
  ];
  if (bins.length === 0) marks.push(Plot.text(['no cells'], { frameAnchor: 'middle', dy: -14 }));

  const emptyDomain = bins.length === 0 ? { domain: [-1, 1] } : {};
  return frame(options, {
    label: `Agreement of the ${name} with the rate rule`,
    description: `Weight change of the ${name} against that of the rate rule in ${bins.length} bins: ${correlations}.`,
    panels: [
      {
        legend: bins.length > 0 ? legend : [],
        note: correlations,
        plot: {
          height: Math.round(0.5 * (options.width ?? DEFAULT_WIDTH) + 60),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          x: { transform: (dw: number) => dw * xUnit.factor, nice: true, inset: 4, ...emptyDomain },
          y: { transform: (dw: number) => dw * yUnit.factor, nice: true, ...emptyDomain },
          marks,
        },
      },
    ],
  });
}

/** The two ends of the fitted line, over the range of the bins. */
function fitLine({ fit }: AgreementFit, bins: readonly { readonly dwRate: number }[]) {
  if (fit === null) return [];
  const xs = bins.map(({ dwRate }) => dwRate);
  return [Math.min(...xs), Math.max(...xs)].map((dwRate) => ({ dwRate, dwPair: fit.intercept + fit.slope * dwRate }));
}

function correlationText({ correlation, fit }: AgreementFit): string {
  const text = (r: number | null) => (r === null ? 'undefined' : r.toFixed(3).replace('-', '−'));
  const slope = fit === null ? '' : `, slope ${numberText(fit.slope)}`;
  return `correlation ${text(correlation.binned)} binned, ${text(correlation.raw)} raw${slope}`;
}

function largest(values: readonly number[]): number {
  return Math.max(0, ...values.map(Math.abs));
}
