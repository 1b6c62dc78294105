import * as v from 'valibot';

// The message of every schema below is the phrase that follows "expected" in an error; for objects with keys it is the
// list of the keys. `parseSpec` puts the path and the value in front.

/** Accepts objects only; valibot's own object schemas take arrays for objects. */
export function objectWith(expected: string) {
  return v.custom<object>((input) => Object.prototype.toString.call(input) === '[object Object]', expected);
}

/** An object with these keys and no others. */
export function section<const Entries extends v.ObjectEntries>(entries: Entries, description: string) {
  const keys = Object.keys(entries).join(', ');
  const isObject = objectWith(`an object with any of the keys ${keys}`);
  return v.pipe(isObject, v.strictObject(entries, keys), v.description(description));
}

/** One of the objects that an object with a `type` can be. */
export function option<const Entries extends v.ObjectEntries>(entries: Entries, name: string) {
  return v.strictObject(entries, `${Object.keys(entries).join(', ')} (type "${name}")`);
}

/** `one of "a", "b"`. */
export function oneOf(names: readonly string[]): string {
  return `one of ${names.map((name) => `"${name}"`).join(', ')}`;
}

/** An integer from `min` to `max`. */
export function integer(min: number, max: number, description: string) {
  const expected = `an integer from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
    v.description(description),
  );
}

/** An integer ≥ 1 whose largest value depends on other numbers of the spec; `absoluteMax` is for the JSON Schema. */
export function count(absoluteMax: number, description: string) {
  const expected = 'an integer ≥ 1';
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(1, expected),
    v.metadata({ description, maximum: absoluteMax }),
  );
}

/** A number from `min` to `max`. */
export function between(min: number, max: number, description: string) {
  const expected = `a number from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.minValue(min, expected), v.maxValue(max, expected), v.description(description));
}

/** A number in (0, max]. */
export function positive(max: number, description: string) {
  const expected = `a number > 0 and ≤ ${max}`;
  return v.pipe(v.number(expected), v.gtValue(0, expected), v.maxValue(max, expected), v.description(description));
}

/** A number in (0, 1] that is used in fixed point with so many fractional bits. */
export function fraction(fractionBits: number, description: string) {
  const tooSmall = `a number > 0 and ≤ 1, at least 2^-${fractionBits}: fixed-point arithmetic cannot represent less`;
  return v.pipe(positive(1, description), v.minValue(2 ** -fractionBits, tooSmall));
}
