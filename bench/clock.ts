/** A measured span has to be this many ticks of its clock, so that rounding to ticks is below a per cent. */
export const TICKS_PER_SPAN = 100;

/**
 * The tick of a clock in nanoseconds: the largest step that all its readings are multiples of. Browsers round
 * timestamps of the GPU to 100 µs or 65 536 ns; without rounding the result is the hardware's own tick, or 1 where
 * that is no whole number of nanoseconds.
 *
 * @param readings in nanoseconds, at least two that differ.
 */
export function clockTick(readings: readonly bigint[]): number {
  const [first] = readings;
  let tick = 0n;
  for (const reading of readings) {
    let [a, b] = [tick, reading > first! ? reading - first! : first! - reading];
    while (b > 0n) [a, b] = [b, a % b];
    tick = a;
  }
  return Number(tick);
}

/**
 * How often work is to be repeated within one span.
 *
 * @param seconds what the work took by itself.
 * @param tickNanoseconds tick of the clock that the span is measured with; 0 where it is not known.
 * @param leastSeconds a span is at least this long.
 */
export function repeatsFor(seconds: number, tickNanoseconds: number, leastSeconds: number): number {
  const least = Math.max(leastSeconds, (TICKS_PER_SPAN * tickNanoseconds) / 1e9);
  return Math.max(1, Math.ceil(least / Math.max(seconds, 1e-9)));
}
