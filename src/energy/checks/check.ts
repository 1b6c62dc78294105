/** One statement that is checked. */
export interface Check {
  readonly name: string;
  readonly value: number;
  /** What the value must be: a relation and a number, such as `≤ 1e-8`. */
  readonly target: string;
  readonly pass: boolean;
}

/** `value ≤ limit`. A value that is no number fails. */
export function atMost(name: string, value: number, limit: number): Check {
  return { name, value, target: `≤ ${limit}`, pass: value <= limit };
}

/** `value ≥ limit`. */
export function atLeast(name: string, value: number, limit: number): Check {
  return { name, value, target: `≥ ${limit}`, pass: value >= limit };
}

/** `value = expected`, within a tolerance. */
export function near(name: string, value: number, expected: number, tolerance: number): Check {
  const target = tolerance === 0 ? `= ${expected}` : `${expected} ± ${tolerance}`;
  return { name, value, target, pass: Math.abs(value - expected) <= tolerance };
}
