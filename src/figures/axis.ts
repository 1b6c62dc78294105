import * as Plot from '@observablehq/plot';
import { fontSize } from './frame.ts';
import { numberText } from './number-text.ts';

/** Both axes with their names, a light grid and the zero lines, to be drawn under the data. */
export function axes(options: {
  /** Name of the x axis; `null` for a grid without an axis. */
  readonly x: string | null;
  readonly y: string;
  /** Number of ticks, about; or the ticks themselves. */
  readonly xTicks?: number;
  readonly yTicks?: number | readonly number[];
  /** Draw the line x = 0, default true. */
  readonly zeroX?: boolean;
  /** Draw the line y = 0, default true. */
  readonly zeroY?: boolean;
}): Plot.Markish[] {
  const { xTicks = 6, yTicks = 6 } = options;
  const shared = { tickFormat: (value: number) => numberText(value, 6), tickSize: 4, labelArrow: 'none' } as const;
  const label = { labelAnchor: 'center', fontSize: fontSize.tick } as const;
  const ticksOfY = typeof yTicks === 'number' ? yTicks : [...yTicks];
  return [
    Plot.gridX({ ticks: xTicks, strokeOpacity: 0.08 }),
    Plot.gridY({ ticks: ticksOfY, strokeOpacity: 0.08 }),
    ...(options.x === null
      ? []
      : [Plot.axisX({ ...shared, ...label, ticks: xTicks, label: options.x, labelOffset: 36 })]),
    Plot.axisY({ ...shared, ...label, ticks: ticksOfY, label: options.y, labelOffset: 50 }),
    ...(options.zeroX === false ? [] : [Plot.ruleX([0], { strokeOpacity: 0.45 })]),
    ...(options.zeroY === false ? [] : [Plot.ruleY([0], { strokeOpacity: 0.45 })]),
  ];
}
