import * as Plot from '@observablehq/plot';
import type { ThresholdResult } from '../stdp/threshold/threshold-results.ts';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';
import { axisUnit } from './number-text.ts';

/**
 * Average ΔW = V̇ against average ΔT for voltages of constant slope (generative paper Fig. 1), with ± 2 standard errors
 * and the closed form.
 */
export function thresholdFigure(
  { slopes }: ThresholdResult,
  options: FigureOptions & { readonly msPerStep?: number } = {},
): SVGSVGElement {
  const { msPerStep = 1 } = options;
  const points = slopes.flatMap(({ dw, dt, dtSe }) => {
    if (dt === null) return [];
    const reach = 2 * (dtSe ?? 0);
    return [{ dw, ms: dt * msPerStep, from: (dt - reach) * msPerStep, to: (dt + reach) * msPerStep }];
  });
  const expected = slopes.flatMap(({ dw, dtExpected }) =>
    dtExpected === null ? [] : [{ dw, ms: dtExpected * msPerStep, side: dw < 0 ? 'before' : 'after' }],
  );
  const unit = axisUnit(slopes.reduce((most, { dw }) => Math.max(most, Math.abs(dw)), 0));
  const width = options.width ?? DEFAULT_WIDTH;
  return frame(options, {
    label: 'Weight change against spike timing when the voltage crosses its threshold',
    description: `Average weight change, the slope of the voltage, against the average spike timing difference of ${points.length} slopes.`,
    panels: [
      {
        legend: [
          { role: 'data', swatch: 'dots', label: 'simulated, ± 2 se' },
          { role: 'expected', swatch: 'line', label: 'closed form' },
        ],
        plot: {
          height: Math.round(0.5 * width + 60),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          x: { inset: 8 },
          y: { transform: (dw: number) => dw * unit.factor, nice: true },
          marks: [
            ...axes({ x: 'average ΔT, post − pre (ms)', y: `average ΔW ∝ V̇${unit.suffix}` }),
            Plot.line(expected, {
              ...{ x: 'ms', y: 'dw', z: 'side', className: 'expected' },
              ...{ stroke: 'currentColor', strokeWidth: 1.5 },
            }),
            Plot.ruleY(points, { x1: 'from', x2: 'to', y: 'dw', className: 'data error-bars', stroke: 'currentColor' }),
            Plot.dot(points, { x: 'ms', y: 'dw', r: 2.5, className: 'data points', fill: 'currentColor' }),
          ],
        },
      },
    ],
  });
}
