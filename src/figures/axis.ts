import * as Plot from '@observablehq/plot';
import { fontSize } from './frame.ts';

/** A power of ten that is taken out of an axis's tick labels and written in its name: 7.5 (×10⁻³), not 0.0075. */
export interface AxisUnit {
  /** What values are multiplied with for the axis. */
  readonly factor: number;
  /** Appended to the axis's name: ` (×10⁻³)`, or nothing. */
  readonly suffix: string;
}

/** The unit that keeps tick labels short for values up to `largest` in size. */
export function axisUnit(largest: number): AxisUnit {
  const exponent = largest > 0 ? Math.floor(Math.log10(largest)) : 0;
  if (exponent >= -1 && exponent <= 3) return { factor: 1, suffix: '' };
  const thousands = 3 * Math.floor((exponent + 1) / 3);
  return { factor: 10 ** -thousands, suffix: ` (×10${superscript(thousands)})` };
}

/** A number as readers print it: short, with a true minus sign. */
export function numberText(value: number, digits = 3): string {
  return `${Number(value.toPrecision(digits))}`.replaceAll('-', '−');
}

/** `numberText` with a sign in front in any case. */
export function signedText(value: number): string {
  return value > 0 ? `+${numberText(value)}` : numberText(value);
}

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
    Plot.ruleY([0], { strokeOpacity: 0.45 }),
  ];
}

function superscript(exponent: number): string {
  return `${exponent}`.replaceAll(/[-\d]/g, (sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(sign))));
}
