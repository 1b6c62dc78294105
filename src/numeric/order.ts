/** Bits of a value that one pass of the sort looks at. */
const DIGIT_BITS = 8;
const DIGITS = 32 / DIGIT_BITS;
const DIGIT_VALUES = 1 << DIGIT_BITS;

/**
 * The places of integers from the least to the greatest, equal ones in their order: a radix sort, in time linear in
 * their number.
 */
export function ascendingOrder(values: Int32Array): Uint32Array<ArrayBuffer> {
  const { length } = values;
  const counts = new Uint32Array(DIGITS * DIGIT_VALUES);
  for (let i = 0; i < length; i++) {
    for (let digit = 0; digit < DIGITS; digit++) counts[digit * DIGIT_VALUES + digitOf(values[i]!, digit)]!++;
  }
  let order = new Uint32Array(length);
  let sorted = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  for (let digit = 0; digit < DIGITS; digit++) {
    const places = counts.subarray(digit * DIGIT_VALUES, (digit + 1) * DIGIT_VALUES);
    let before = 0;
    for (let value = 0; value < DIGIT_VALUES; value++) {
      const count = places[value]!;
      places[value] = before;
      before += count;
    }
    for (let i = 0; i < length; i++) {
      const from = order[i]!;
      sorted[places[digitOf(values[from]!, digit)]!++] = from;
    }
    [order, sorted] = [sorted, order];
  }
  return order;
}

/** A digit of a value, the lowest one first, of an order in which negative values come before the others. */
function digitOf(value: number, digit: number): number {
  return ((value ^ 0x80000000) >>> (digit * DIGIT_BITS)) & (DIGIT_VALUES - 1);
}
