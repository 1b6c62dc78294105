/** All numbers from `low` to `high`; ends may be infinite. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export function point(value: number): Interval {
  return { low: value, high: value };
}

export function isPoint({ low, high }: Interval): boolean {
  return low === high;
}

/** The smallest interval that holds both. */
export function hull(a: Interval, b: Interval): Interval {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}

/** The part of an interval between two bounds; the nearer bound where there is none. */
export function clipped({ low, high }: Interval, least: number, most: number): Interval {
  const clip = (value: number) => Math.min(Math.max(value, least), most);
  return { low: clip(low), high: clip(high) };
}

/**
 * The range of a function that is monotone in each argument whatever the others are (as products and sums are): its
 * values lie between those at the corners.
 */
export function overCorners(f: (...x: number[]) => number): (...x: Interval[]) => Interval {
  return (...x) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let corner = 0; corner < 2 ** x.length; corner++) {
      const value = f(...x.map((interval, i) => ((corner >> i) & 1 ? interval.high : interval.low)));
      // ∞ − ∞ and 0 · ∞ may be anything.
      if (Number.isNaN(value)) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return { low, high };
  };
}
