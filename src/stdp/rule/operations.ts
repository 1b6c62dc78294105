import { exp, ln } from '../../numeric/elementary.ts';
import { clipped, type Interval, overCorners } from './interval.ts';

export type ValueType = 'f32' | 'bool';

/**
 * Every number that a rule computes stays within ± 2⁶⁰, so that no product and no quotient overflows f32 before it is
 * checked: WGSL leaves open what a kernel does with infinity and NaN, so neither may arise.
 */
export const LARGEST_NUMBER = 2 ** 60;
/** A divisor or the argument of a root's reciprocal must not be closer to 0. */
const LEAST_DIVISOR = 2 ** -60;
/** The smallest normal f32: below it GPUs may take a number for 0. */
export const LEAST_NORMAL = 2 ** -126;
/** GPUs lose sight of the period of sin and cos far away from 0. */
const LARGEST_ANGLE = 2 ** 15;

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

function operation(
  count: number,
  evaluate: Quantity['evaluate'],
  wgsl: Quantity['wgsl'],
  { guards = [], grows = false, jumps = false, range = overCorners(evaluate) }: Options = {},
): Operation {
  return { operands: Array(count).fill('f32'), result: 'f32', evaluate, wgsl, range, guards, grows, jumps };
}

/** A call of WGSL's function of the same name. */
function builtin(name: string, count: number, evaluate: Quantity['evaluate'], options?: Options): Operation {
  return operation(count, evaluate, (...x) => `${name}(${x.join(', ')})`, options);
}

/** Literal of an f32. */
export function f32Literal(value: number): string {
  return `${Math.fround(value)}f`;
}

function bound(index: number, bounds: Pick<Guard, 'atLeast' | 'atMost'>, danger: string, name = 'argument'): Guard {
  return {
    ...bounds,
    danger,
    name,
    evaluate: (...x) => x[index]!,
    wgsl: (...x) => x[index]!,
    range: (...x) => x[index]!,
  };
}

function magnitude({ low, high }: Interval): Interval {
  const least = low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high));
  return { low: least, high: Math.max(Math.abs(low), Math.abs(high)) };
}

/** A guard that a quantity of the operands is not 0, and not so close to it that dividing by it overflows. */
function divisor(quantity: Quantity, name: string): Guard {
  return {
    name,
    danger: 'can divide by 0',
    atLeast: LEAST_DIVISOR,
    evaluate: (...x) => Math.abs(quantity.evaluate(...x)),
    wgsl: (...x) => `abs(${quantity.wgsl(...x)})`,
    range: (...x) => magnitude(quantity.range(...x)),
  };
}

const second: Quantity = { evaluate: (_, b) => b!, wgsl: (_, b) => b!, range: (_, b) => b! };
const width: Quantity = {
  evaluate: (low, high) => high! - low!,
  wgsl: (low, high) => `${high} - ${low}`,
  range: (low, high) => overCorners((a, b) => b! - a!)(low!, high!),
};

const EVERYTHING: Interval = { low: -LARGEST_NUMBER, high: LARGEST_NUMBER };

function quotientRange(x: Interval, y: Interval): Interval {
  return y.low <= 0 && y.high >= 0 ? EVERYTHING : overCorners((a, b) => a! / b!)(x, y);
}

/** Has the sign of the dividend and is smaller than both. */
function remainderRange(x: Interval, y: Interval): Interval {
  const most = Math.min(magnitude(x).high, magnitude(y).high);
  return { low: x.low < 0 ? -most : 0, high: x.high > 0 ? most : 0 };
}

function roundToEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const clampTo01 = (x: number) => Math.min(Math.max(x, 0), 1);

function smoothstep(low: number, high: number, x: number): number {
  const t = clampTo01((x - low) / (high - low));
  return t * t * (3 - 2 * t);
}

/** y log₂ x, the exponent of x^y; x at least the smallest normal number. */
const exponentOfPower = (x: number, y: number) => (y * ln(Math.max(x, LEAST_NORMAL))) / Math.LN2;
const normalX = (x: string) => `max(${x}, ${f32Literal(LEAST_NORMAL)})`;
const power = (x: number, y: number) => (x < LEAST_NORMAL ? 0 : exp(y * ln(x)));

const powerGuards: readonly Guard[] = [
  bound(0, { atLeast: 0 }, 'can raise a negative number to a power', 'base'),
  {
    name: 'exponent at a base of 0',
    danger: 'can raise 0 to a power that is not above 0',
    atLeast: LEAST_NORMAL,
    evaluate: (x, y) => (x! >= LEAST_NORMAL ? 1 : y!),
    wgsl: (x, y) => `select(${y}, 1f, ${x} >= ${f32Literal(LEAST_NORMAL)})`,
    range: overCorners((x, y) => (x! >= LEAST_NORMAL ? 1 : y!)),
  },
  {
    name: 'log2 of it',
    danger: 'can be larger than 2^60',
    atMost: 60,
    evaluate: (x, y) => exponentOfPower(x!, y!),
    wgsl: (x, y) => `${y} * log2(${normalX(x!)})`,
    range: (x, y) => overCorners((a, b) => exponentOfPower(a!, b!))(clipped(x!, 0, LARGEST_NUMBER), y!),
  },
];

const positive = bound(0, { atLeast: LEAST_NORMAL }, 'can take the logarithm of a number that is not above 0');
const smallExponent = (atMost: number) => bound(0, { atMost }, 'can be larger than 2^60');
const angle: Guard = {
  ...bound(
    0,
    { atMost: LARGEST_ANGLE },
    'can have an angle beyond 2^15, where GPUs lose the period',
    'size of the angle',
  ),
  evaluate: (x) => Math.abs(x!),
  wgsl: (x) => `abs(${x})`,
  range: (x) => magnitude(x!),
};
const wave = (f: (x: number) => number) => (x: Interval | undefined) =>
  x!.low === x!.high ? { low: f(x!.low), high: f(x!.low) } : { low: -1, high: 1 };

/** Functions by name, as WGSL has them. */
export const functions: Readonly<Record<string, Operation>> = {
  abs: builtin('abs', 1, (x) => Math.abs(x!), { range: (x) => magnitude(x!) }),
  min: builtin('min', 2, (x, y) => Math.min(x!, y!)),
  max: builtin('max', 2, (x, y) => Math.max(x!, y!)),
  clamp: operation(
    3,
    (x, low, high) => Math.min(Math.max(x!, low!), high!),
    (x, low, high) => `min(max(${x}, ${low}), ${high})`,
  ),
  sign: builtin('sign', 1, (x) => Math.sign(x!), { jumps: true }),
  floor: builtin('floor', 1, (x) => Math.floor(x!), { jumps: true }),
  ceil: builtin('ceil', 1, (x) => Math.ceil(x!), { jumps: true }),
  round: builtin('round', 1, (x) => roundToEven(x!), { jumps: true }),
  trunc: builtin('trunc', 1, (x) => Math.trunc(x!), { jumps: true }),
  fract: builtin('fract', 1, (x) => x! - Math.floor(x!), { jumps: true, range: () => ({ low: 0, high: 1 }) }),
  step: builtin('step', 2, (edge, x) => (x! >= edge! ? 1 : 0), { jumps: true }),
  smoothstep: operation(
    3,
    (low, high, x) => smoothstep(low!, high!, x!),
    (low, high, x) => `smoothstep(${low}, ${high}, ${x})`,
    { guards: [divisor(width, 'high - low')], range: () => ({ low: 0, high: 1 }), jumps: true },
  ),
  mix: builtin('mix', 3, (x, y, a) => x! * (1 - a!) + y! * a!, { grows: true }),
  fma: builtin('fma', 3, (x, y, z) => x! * y! + z!, { grows: true }),
  exp: builtin('exp', 1, (x) => exp(x!), { guards: [smallExponent(41.5)] }),
  exp2: builtin('exp2', 1, (x) => exp(x! * Math.LN2), { guards: [smallExponent(60)] }),
  log: builtin('log', 1, (x) => ln(x!), {
    guards: [positive],
    range: (x) => overCorners((a) => ln(a!))(clipped(x!, LEAST_NORMAL, LARGEST_NUMBER)),
  }),
  log2: builtin('log2', 1, (x) => ln(x!) / Math.LN2, {
    guards: [positive],
    range: (x) => overCorners((a) => ln(a!) / Math.LN2)(clipped(x!, LEAST_NORMAL, LARGEST_NUMBER)),
  }),
  sqrt: builtin('sqrt', 1, (x) => Math.sqrt(x!), {
    guards: [bound(0, { atLeast: 0 }, 'can take the root of a negative number')],
    range: (x) => overCorners((a) => Math.sqrt(a!))(clipped(x!, 0, LARGEST_NUMBER)),
  }),
  inverseSqrt: builtin('inverseSqrt', 1, (x) => 1 / Math.sqrt(x!), {
    guards: [bound(0, { atLeast: LEAST_DIVISOR }, 'can take the root of a number that is not above 0')],
    range: (x) => overCorners((a) => 1 / Math.sqrt(a!))(clipped(x!, LEAST_DIVISOR, LARGEST_NUMBER)),
  }),
  pow: operation(
    2,
    (x, y) => power(x!, y!),
    (x, y) => `select(0f, pow(${normalX(x!)}, ${y}), ${x} >= ${f32Literal(LEAST_NORMAL)})`,
    {
      guards: powerGuards,
      range: (x, y) => overCorners((a, b) => power(a!, b!))(clipped(x!, 0, LARGEST_NUMBER), y!),
    },
  ),
  sin: builtin('sin', 1, (x) => Math.sin(x!), { guards: [angle], range: wave(Math.sin), jumps: true }),
  cos: builtin('cos', 1, (x) => Math.cos(x!), { guards: [angle], range: wave(Math.cos), jumps: true }),
  // Beyond ± 15 it is ± 1 in f32; some GPUs overflow there.
  tanh: operation(
    1,
    (x) => Math.tanh(x!),
    (x) => `tanh(clamp(${x}, -15f, 15f))`,
  ),
};

const infix = (symbol: string) => (x: string | undefined, y: string | undefined) => `${x} ${symbol} ${y}`;

/** Operators between two numbers that give a number. */
export const arithmetic: Readonly<Record<string, Operation>> = {
  '+': operation(2, (x, y) => x! + y!, infix('+'), { grows: true }),
  '-': operation(2, (x, y) => x! - y!, infix('-'), { grows: true }),
  '*': operation(2, (x, y) => x! * y!, infix('*'), { grows: true }),
  '/': operation(2, (x, y) => x! / y!, infix('/'), {
    guards: [divisor(second, 'divisor')],
    grows: true,
    range: (x, y) => quotientRange(x!, y!),
  }),
  '%': operation(2, (x, y) => x! % y!, infix('%'), {
    guards: [divisor(second, 'divisor')],
    jumps: true,
    range: (x, y) => remainderRange(x!, y!),
  }),
};

/** What is known of a comparison: whether it always holds, and whether it never does. */
function truth(always: boolean, never: boolean): Interval {
  return { low: always ? 1 : 0, high: never ? 0 : 1 };
}

function comparison(
  symbol: string,
  holds: (x: number, y: number) => boolean,
  range: (x: Interval, y: Interval) => Interval,
): Operation {
  const compare = operation(2, (x, y) => (holds(x!, y!) ? 1 : 0), infix(symbol), {
    jumps: true,
    range: (x, y) => range(x!, y!),
  });
  return { ...compare, result: 'bool' };
}

const less = (x: Interval, y: Interval) => truth(x.high < y.low, x.low >= y.high);
const atMost = (x: Interval, y: Interval) => truth(x.high <= y.low, x.low > y.high);
const equal = (x: Interval, y: Interval) =>
  truth(x.low === x.high && x.low === y.low && x.high === y.high, x.high < y.low || x.low > y.high);
const differs = (x: Interval, y: Interval) => {
  const { low, high } = equal(x, y);
  return { low: 1 - high, high: 1 - low };
};

/** Operators between two numbers that give true or false. */
export const comparisons: Readonly<Record<string, Operation>> = {
  '<': comparison('<', (x, y) => x < y, less),
  '<=': comparison('<=', (x, y) => x <= y, atMost),
  '>': comparison(
    '>',
    (x, y) => x > y,
    (x, y) => less(y, x),
  ),
  '>=': comparison(
    '>=',
    (x, y) => x >= y,
    (x, y) => atMost(y, x),
  ),
  '==': comparison('==', (x, y) => x === y, equal),
  '!=': comparison('!=', (x, y) => x !== y, differs),
};

export const negation: Operation = operation(
  1,
  (x) => -x!,
  (x) => `-${x}`,
);

export const not: Operation = {
  ...operation(
    1,
    (x) => 1 - x!,
    (x) => `!${x}`,
  ),
  operands: ['bool'],
  result: 'bool',
};
