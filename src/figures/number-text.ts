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

function superscript(exponent: number): string {
  return `${exponent}`.replaceAll(/[-\d]/g, (sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(sign))));
}
