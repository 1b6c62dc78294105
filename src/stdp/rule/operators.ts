import { type Interval, overCorners } from './interval.ts';
import { divisor, LARGEST_NUMBER, magnitude, type Operation, operation, type Quantity } from './operations.ts';

const second: Quantity = { evaluate: (_, b) => b!, wgsl: (_, b) => b!, range: (_, b) => b! };

const EVERYTHING: Interval = { low: -LARGEST_NUMBER, high: LARGEST_NUMBER };

function quotientRange(x: Interval, y: Interval): Interval {
  return y.low <= 0 && y.high >= 0 ? EVERYTHING : overCorners((a, b) => a! / b!)(x, y);
}

/** Has the sign of the dividend and is smaller than both. */
function remainderRange(x: Interval, y: Interval): Interval {
  const most = Math.min(magnitude(x).high, magnitude(y).high);
  return { low: x.low < 0 ? -most : 0, high: x.high > 0 ? most : 0 };
}

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
