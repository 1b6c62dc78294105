import { exp, ln } from '../../numeric/elementary.ts';
import { clipped, type Interval, overCorners } from './interval.ts';
import {
  bound,
  builtin,
  divisor,
  f32Literal,
  type Guard,
  LARGEST_NUMBER,
  LEAST_DIVISOR,
  LEAST_NORMAL,
  magnitude,
  type Operation,
  operation,
  type Quantity,
} from './operations.ts';

/** GPUs lose sight of the period of sin and cos far away from 0. */
const LARGEST_ANGLE = 2 ** 15;

const width: Quantity = {
  evaluate: (low, high) => high! - low!,
  wgsl: (low, high) => `${high} - ${low}`,
  range: (low, high) => overCorners((a, b) => b! - a!)(low!, high!),
};

/** The nearest whole number, halves to even. */
export function roundToEven(x: number): number {
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
