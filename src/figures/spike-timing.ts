import * as Plot from '@observablehq/plot';
import { biPoo2001, fitScale } from '../stdp/biology.ts';
import { exponentialWindow } from '../stdp/kernel.ts';
import type { Curve, ExpectedCurve } from '../stdp/results.ts';
import { axes } from './axis.ts';
import { type CurveRule, describeCurve, ruleNames, ruleValue } from './describe.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame, type LegendEntry } from './frame.ts';
import { axisUnit } from './number-text.ts';

export interface SpikeTimingOptions extends FigureOptions {
  /**
   * What is drawn: `rate` and `spike`, the mean ΔW of Eq. 1 and Eq. 2 over the pairs at each spike-timing difference
   * (Fig. 1 middle); `user`, the same of the user's rule; `pair`, pairs × kernel per presynaptic spike (Fig. 1 right).
   */
  readonly rule: CurveRule;
  readonly msPerStep: number;
  /** Half-width of the time axis in steps; default: that of the curve. */
  readonly window?: number;
  /** The closed form, drawn as a thin line through the data. There is none for `spike` and `user`. */
  readonly expected?: ExpectedCurve;
  /**
   * Lays the Bi & Poo (2001) fit over the curve, scaled by the one least-squares factor; default false. A curve that is
   * upside down has no positive factor, and so no overlay.
   */
  readonly biology?: boolean;
}

/**
 * The spike-timing curve (Fig. 1 middle and right): weight change against post minus pre spike time, with a band of
 * ± 2 standard errors.
 *
 * @example
 * document.body.append(spikeTimingFigure(curve, { rule: 'rate', msPerStep: 1, biology: true }));
 */
export function spikeTimingFigure(curve: Curve, options: SpikeTimingOptions): SVGSVGElement {
  const { rule, msPerStep, width = DEFAULT_WIDTH } = options;
  const window = options.window ?? Math.max(1, ...curve.points.map(({ dt }) => Math.abs(dt)));
  const data = dataPoints(curve, rule, window, msPerStep);
  const expected = data.length > 0 ? expectedPoints(curve, options, window) : [];
  const biology = options.biology === true ? biologyPoints(data, window, msPerStep) : [];

  const band = bandPoints(curve, rule, window, msPerStep);

  const edges = band.flatMap(({ low, high }) => [low, high]).filter(Number.isFinite);
  const drawn = [...edges, ...[...data, ...expected, ...biology].map(({ dw }) => dw)];
  const unit = axisUnit(Math.max(0, ...drawn.map(Math.abs)));
  const legend: LegendEntry[] = [
    { role: 'data', swatch: 'dots', label: rule === 'pair' ? 'pairs × kernel' : 'mean over pairs' },
  ];
  if (edges.length > 0) legend.push({ role: 'data', swatch: 'band', label: '± 2 se' });
  if (expected.length > 0) legend.push({ role: 'expected', swatch: 'line', label: 'closed form' });
  if (biology.length > 0) legend.push({ role: 'biology', swatch: 'dashes', label: 'Bi & Poo 2001 fit (scaled)' });

  // Lines are drawn a side at a time, by `z`: nothing joins d < 0 with d > 0, where there is no pair between.
  const byDw = { x: 'ms', y: 'dw', z: 'side' } as const;
  const marks: Plot.Markish[] = [
    ...axes({
      x: 'spike timing difference, post − pre (ms)',
      y: `${axisName(rule, width)}${unit.suffix}`,
      ...(data.length === 0 ? { yTicks: [], zeroX: false } : {}),
    }),
    Plot.areaY(band, {
      ...{ x: 'ms', y1: 'low', y2: 'high', className: 'data error-band' },
      // The outline is what shows of a band that is one point wide, or thinner than a pixel.
      ...{ fill: 'currentColor', fillOpacity: 0.25, stroke: 'currentColor', strokeOpacity: 0.25, strokeWidth: 1 },
    }),
    Plot.line(biology, {
      ...byDw,
      ...{ className: 'biology', stroke: 'currentColor', strokeWidth: 1.5, strokeDasharray: '6,3' },
    }),
    Plot.dot(data, { x: 'ms', y: 'dw', r: 2.5, className: 'data points', fill: 'currentColor' }),
    Plot.line(expected, { ...byDw, className: 'expected', stroke: 'currentColor', strokeWidth: 1.25 }),
  ];
  if (data.length === 0) marks.push(Plot.text(['no pairs'], { frameAnchor: 'middle', dy: -14 }));

  return frame(options, {
    label: `Spike-timing curve of the ${ruleNames[rule]}`,
    description: describeCurve(curve, msPerStep, rule),
    panels: [
      {
        legend: data.length > 0 ? legend : [],
        plot: {
          height: Math.round(0.5 * width + 60),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          x: { domain: [-window * msPerStep, window * msPerStep], inset: 8 },
          y: {
            transform: (dw: number) => dw * unit.factor,
            nice: true,
            ...(data.length === 0 ? { domain: [-1, 1] } : {}),
          },
          marks,
        },
      },
    ],
  });
}

/** Narrower figures are too low for a long name along their axis. */
const NARROW = 400;

function axisName(rule: CurveRule, width: number): string {
  if (rule === 'pair') return width < NARROW ? 'ΔW per pre spike' : 'ΔW per presynaptic spike';
  if (rule === 'user') return 'mean ΔW, user’s rule';
  return rule === 'rate' ? 'mean ΔW, Eq. 1' : 'mean ΔW, Eq. 2';
}

type Side = 'before' | 'coincident' | 'after';

interface CurveSample {
  readonly ms: number;
  readonly dw: number;
  readonly side: Side;
}

interface BandPoint {
  readonly ms: number;
  /** NaN where there is no value, or no standard error as with one sequence: the band has a gap there. */
  readonly low: number;
  readonly high: number;
}

function sideOf(dt: number): Side {
  if (dt === 0) return 'coincident';
  return dt < 0 ? 'before' : 'after';
}

function dataPoints(curve: Curve, rule: CurveRule, window: number, msPerStep: number): CurveSample[] {
  return curve.points.flatMap((point) => {
    const value = ruleValue(point, rule);
    if (value === null || Math.abs(point.dt) > window) return [];
    return [{ ms: point.dt * msPerStep, dw: value.dw, side: sideOf(point.dt) }];
  });
}

function bandPoints(curve: Curve, rule: CurveRule, window: number, msPerStep: number): BandPoint[] {
  return curve.points
    .filter(({ dt }) => Math.abs(dt) <= window)
    .map((point) => {
      const { dw, se } = ruleValue(point, rule) ?? { dw: Number.NaN, se: Number.NaN };
      return { ms: point.dt * msPerStep, low: dw - 2 * se, high: dw + 2 * se };
    });
}

function expectedPoints(curve: Curve, options: SpikeTimingOptions, window: number): CurveSample[] {
  const { expected, rule, msPerStep } = options;
  if (expected === undefined || rule === 'spike' || rule === 'user') return [];
  const reach = (expected.pairs.length - 1) / 2;
  return Array.from(expected.pairs, (pairs, index) => {
    const dt = index - reach;
    const perSpike = expected.dwPairSums[index]! / curve.presynapticSpikes;
    const dw = rule === 'pair' ? perSpike : pairs > 0 ? (expected.dwRate[index] ?? Number.NaN) : Number.NaN;
    return { dt, pairs, ms: dt * msPerStep, dw, side: sideOf(dt) };
  }).filter(({ dt, pairs, dw }) => (dt !== 0 || pairs > 0) && Math.abs(dt) <= window && Number.isFinite(dw));
}

/** Points of the biological fit's line a side: smooth at every width. */
const BIOLOGY_SAMPLES = 60;

function biologyPoints(data: readonly CurveSample[], window: number, msPerStep: number): CurveSample[] {
  const scale = fitScale(
    data.map(({ dw }) => dw),
    data.map(({ ms }) => exponentialWindow(biPoo2001, ms)),
  );
  if (scale === null || scale <= 0) return [];
  return [-1, 1].flatMap((sign) =>
    Array.from({ length: BIOLOGY_SAMPLES + 1 }, (_, sample) => {
      const ms = sign * msPerStep * (1 + ((window - 1) * sample) / BIOLOGY_SAMPLES);
      return { ms, dw: scale * exponentialWindow(biPoo2001, ms), side: sideOf(sign) };
    }),
  );
}
