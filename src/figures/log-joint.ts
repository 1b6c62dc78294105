import * as Plot from '@observablehq/plot';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';

/** log p(x, h) over the steps of inference. */
export interface LogJointCurve {
  /** Before the first step and after each, nats. */
  readonly mean: readonly number[];
  /** Standard errors of the means. */
  readonly se: readonly number[];
  /** Single images, each as `mean`. */
  readonly images: readonly (readonly number[])[];
}

/**
 * Growth of log p(x, h) over the iterations of INFERENCE (generative paper, Fig. 4): mean over the test set with ± 2
 * standard errors, and single images dashed.
 */
export function logJointFigure({ mean, se, images }: LogJointCurve, options: FigureOptions = {}): SVGSVGElement {
  const width = options.width ?? DEFAULT_WIDTH;
  const points = mean.map((value, step) => ({
    step,
    value,
    low: value - 2 * (se[step] ?? 0),
    high: value + 2 * (se[step] ?? 0),
  }));
  const singles = images.flatMap((curve, image) => curve.map((value, step) => ({ image, step, value })));
  const from = mean[0]!.toFixed(2);
  const to = mean.at(-1)!.toFixed(2);
  return frame(options, {
    label: 'Growth of log p(x, h) during inference',
    description: `Mean log p(x, h) over the test set goes from ${from} to ${to} nats in ${mean.length - 1} steps of inference.`,
    panels: [
      {
        legend: [
          { role: 'expected', swatch: 'line', label: 'mean over the test set, ± 2 standard errors' },
          { role: 'data', swatch: 'dashes', label: 'single images' },
        ],
        plot: {
          height: Math.round(0.55 * width + 60),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          y: { nice: true },
          marks: [
            ...axes({ x: 'step of inference', y: 'log p(x, h) + constant, nats' }),
            Plot.line(singles, {
              ...{ x: 'step', y: 'value', z: 'image', className: 'data' },
              ...{ stroke: 'currentColor', strokeDasharray: '4,3', strokeWidth: 0.9, strokeOpacity: 0.7 },
            }),
            Plot.areaY(points, {
              ...{ x: 'step', y1: 'low', y2: 'high', className: 'expected band' },
              ...{ fill: 'currentColor', fillOpacity: 0.25 },
            }),
            Plot.line(points, {
              ...{ x: 'step', y: 'value', className: 'expected' },
              ...{ stroke: 'currentColor', strokeWidth: 2 },
            }),
          ],
        },
      },
    ],
  });
}
