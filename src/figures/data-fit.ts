import * as Plot from '@observablehq/plot';
import type { Measurement } from '../stdp/sweep/measurement.ts';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';
import { axisUnit } from './number-text.ts';

/** A curve that was fitted to measurements, in their units. */
export interface FittedCurve {
  /** Spike-timing differences (ms) and weight changes of the curve, times its scale. */
  readonly points: readonly { readonly ms: number; readonly dw: number }[];
}

/** Measured weight changes against post minus pre spike time, with ± 1 standard error, and the best curve over them. */
export function dataFitFigure(
  measurements: readonly Measurement[],
  curve: FittedCurve,
  options: FigureOptions = {},
): SVGSVGElement {
  const fitted = curve.points.map((point) => ({ ...point, side: point.ms < 0 ? 'before' : 'after' }));
  const bars = measurements.flatMap(({ dt, dw, se }) => (se === null ? [] : [{ dt, low: dw - se, high: dw + se }]));
  const values = [...measurements.map(({ dw }) => dw), ...fitted.map(({ dw }) => dw)];
  const unit = axisUnit(Math.max(0, ...values.map(Math.abs)));
  const reach = Math.max(...measurements.map(({ dt }) => Math.abs(dt)), ...fitted.map(({ ms }) => Math.abs(ms)));
  const width = options.width ?? DEFAULT_WIDTH;
  return frame(options, {
    label: 'Best curve of the sweep over the measurements',
    description: `${measurements.length} measured weight changes and the curve of the point that explains them best.`,
    panels: [
      {
        legend: [
          { role: 'data', swatch: 'dots', label: 'measured' },
          { role: 'expected', swatch: 'line', label: 'best point, scaled' },
        ],
        plot: {
          height: Math.round(0.5 * width + 60),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          x: { domain: [-reach, reach], inset: 8 },
          y: { transform: (dw: number) => dw * unit.factor, nice: true },
          marks: [
            ...axes({ x: 'spike timing difference, post − pre (ms)', y: `weight change${unit.suffix}` }),
            Plot.ruleX(bars, { x: 'dt', y1: 'low', y2: 'high', className: 'data errors', stroke: 'currentColor' }),
            Plot.dot(measurements, { x: 'dt', y: 'dw', r: 2.5, className: 'data points', fill: 'currentColor' }),
            Plot.line(fitted, {
              ...{ x: 'ms', y: 'dw', z: 'side', className: 'expected' },
              ...{ stroke: 'currentColor', strokeWidth: 1.5 },
            }),
          ],
        },
      },
    ],
  });
}
