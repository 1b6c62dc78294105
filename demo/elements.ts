export { make } from '../src/live/make.ts';

/** The element of the page with this id. */
export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} with id "${id}"`);
  return found;
}

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** An integer with thin spaces between thousands. */
export function countText(count: number): string {
  return grouped.format(count).replaceAll(',', '\u2009');
}

/** A large number in three digits: 1.23 billion. */
export function roughText(value: number): string {
  const units = ['', ' thousand', ' million', ' billion', ' trillion'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${Number((value / 1000 ** step).toPrecision(3))}${units[step]}`;
}
