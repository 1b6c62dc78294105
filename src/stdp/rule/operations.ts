import { type Interval, overCorners } from './interval.ts';

export type ValueType = 'f32' | 'bool';

/**
 * Every number that a rule computes stays within ± 2⁶⁰, so that no product and no quotient overflows f32 before it is
 * checked: WGSL leaves open what a kernel does with infinity and NaN, so neither may arise.
 */
export const LARGEST_NUMBER = 2 ** 60;
/** A divisor or the argument of a root's reciprocal must not be closer to 0. */
export const LEAST_DIVISOR = 2 ** -60;
/** The smallest normal f32: below it GPUs may take a number for 0. */
export const LEAST_NORMAL = 2 ** -126;

/** A function of numbers in its three forms; booleans are 0 and 1. */
export interface Quantity {
  /** In float64: whoever calls it rounds to f32. */
  readonly evaluate: (...x: number[]) => number;
  /** Expression of WGSL for operands that are names or literals. */
  readonly wgsl: (...x: string[]) => string;
  /** Interval that holds all values for operands in the given intervals. */
  readonly range: (...x: Interval[]) => Interval;
}

/** What operands must fulfil: a quantity of them that stays within bounds. */
export interface Guard extends Quantity {
  readonly atLeast?: number;
  readonly atMost?: number;
  /** What happens otherwise, to follow the text of an expression: "can divide by 0". */
  readonly danger: string;
  /** What the quantity is, to stand before its range. */
  readonly name: string;
}

/** An operator or a function of the rule language. */
export interface Operation extends Quantity {
  readonly operands: readonly ValueType[];
  readonly result: ValueType;
  readonly guards: readonly Guard[];
  /** The result may be beyond ± {@link LARGEST_NUMBER} and is checked. */
  readonly grows: boolean;
  /** Values between those of two operands may be left out: no conclusion from the ends of a range to what is in it. */
  readonly jumps: boolean;
}

type Options = Partial<Pick<Operation, 'guards' | 'grows' | 'jumps' | 'range'>>;

/** An operation on numbers. @param count how many */
export function operation(
  count: number,
  evaluate: Quantity['evaluate'],
  wgsl: Quantity['wgsl'],
  { guards = [], grows = false, jumps = false, range = overCorners(evaluate) }: Options = {},
): Operation {
  return { operands: Array(count).fill('f32'), result: 'f32', evaluate, wgsl, range, guards, grows, jumps };
}

/** A call of WGSL's function of the same name. */
export function builtin(name: string, count: number, evaluate: Quantity['evaluate'], options?: Options): Operation {
  return operation(count, evaluate, (...x) => `${name}(${x.join(', ')})`, options);
}

/** Literal of an f32. */
export function f32Literal(value: number): string {
  return `${Math.fround(value)}f`;
}

/** A guard on one operand. */
export function bound(
  index: number,
  bounds: Pick<Guard, 'atLeast' | 'atMost'>,
  danger: string,
  name = 'argument',
): Guard {
  return {
    ...bounds,
    danger,
    name,
    evaluate: (...x) => x[index]!,
    wgsl: (...x) => x[index]!,
    range: (...x) => x[index]!,
  };
}

/** The range of the absolute value. */
export function magnitude({ low, high }: Interval): Interval {
  const least = low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high));
  return { low: least, high: Math.max(Math.abs(low), Math.abs(high)) };
}

/** A guard that a quantity of the operands is not 0, and not so close to it that dividing by it overflows. */
export function divisor(quantity: Quantity, name: string): Guard {
  return {
    name,
    danger: 'can divide by 0',
    atLeast: LEAST_DIVISOR,
    evaluate: (...x) => Math.abs(quantity.evaluate(...x)),
    wgsl: (...x) => `abs(${quantity.wgsl(...x)})`,
    range: (...x) => magnitude(quantity.range(...x)),
  };
}
