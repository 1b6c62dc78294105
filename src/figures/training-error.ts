import * as Plot from '@observablehq/plot';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';

/** Errors after an epoch, as shares of the examples. */
export interface EpochErrors {
  /** From 1. */
  readonly epoch: number;
  readonly train_error: number;
  readonly test_error: number;
}

/** Errors are drawn from here up, in per cent, on a logarithmic scale. */
const LEAST_PERCENT = 0.01;

/** Error of training and test examples against the epoch, on a logarithmic scale. */
export function trainingErrorFigure(epochs: readonly EpochErrors[], options: FigureOptions = {}): SVGSVGElement {
  const width = options.width ?? DEFAULT_WIDTH;
  const last = epochs.at(-1);
  const percent = (share: number) => Math.max(LEAST_PERCENT, 100 * share);
  const lines = [
    { className: 'data', points: epochs.map(({ epoch, train_error }) => ({ epoch, error: percent(train_error) })) },
    { className: 'expected', points: epochs.map(({ epoch, test_error }) => ({ epoch, error: percent(test_error) })) },
  ];
  const text = (share: number | undefined) => (share === undefined ? '' : ` ${(100 * share).toFixed(2)} %`);
  return frame(options, {
    label: 'Error by epoch',
    description: last
      ? `After ${last.epoch} epochs${text(last.train_error)} of the training and${text(last.test_error)} of the test examples are wrong.`
      : 'No epoch is finished.',
    panels: [
      {
        legend: [
          { role: 'data', swatch: 'line', label: `training, during the epoch${text(last?.train_error)}` },
          { role: 'expected', swatch: 'line', label: `test${text(last?.test_error)}` },
        ],
        plot: {
          height: Math.round(0.5 * width + 40),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          x: { domain: [0.5, Math.max(5, last?.epoch ?? 0) + 0.5] },
          y: { type: 'log', nice: true },
          marks: [
            ...axes({ x: 'epoch', y: 'wrong, %', yTicks: 4, zeroX: false, zeroY: false }),
            ...lines.flatMap(({ className, points }) => [
              Plot.line(points, { x: 'epoch', y: 'error', className, stroke: 'currentColor' }),
              Plot.dot(points, { x: 'epoch', y: 'error', className, fill: 'currentColor', r: 2.5 }),
            ]),
          ],
        },
      },
    ],
  });
}
