import { EngineError } from '../../src/index.ts';
import { parseJson } from '../../src/io/parse-json.ts';

/** What the address of the page says: a sweep, and what is shown of it. */
export interface SweepAddress {
  /** The sweep as it was written; what it may be is the parser's affair. */
  readonly input: unknown;
  /** Or the name of one that this browser keeps, because it is too long for an address. */
  readonly stored: string | undefined;
  readonly measure: string | undefined;
  /** Paths of the axes of the figure. */
  readonly x: string | undefined;
  readonly y: string | undefined;
}

/** The sweep of an address that says nothing: how the memories of both neurons shape the curve. */
export const defaultSweep = {
  base: { sequences: 100, trials: 200 },
  axes: {
    'pre.epsilon': { logspace: [0.03, 0.6, 14] },
    'post.epsilon': { logspace: [0.03, 0.6, 14] },
  },
};

/** Longer addresses are cut off by programs that they are sent with. */
const LONGEST = 8000;

/** @throws EngineError `invalid-spec` for a sweep that is no JSON. */
export function readAddress(hash: string): SweepAddress {
  const entries = new URLSearchParams(hash.replace(/^#/, ''));
  const text = entries.get('sweep');
  const optional = (key: string) => entries.get(key) ?? undefined;
  const input = text === null ? defaultSweep : parseJson(text, 'sweep');
  if (typeof input !== 'object') throw new EngineError('invalid-spec', 'sweep: an object is expected');
  return { input, stored: optional('stored'), measure: optional('measure'), x: optional('x'), y: optional('y') };
}

/** The hash that {@link readAddress} reads. @param name of the stored sweep, which stands for one that is too long */
export function hashOfSweep(
  input: unknown,
  name: string | undefined,
  view: { readonly [Key in 'measure' | 'x' | 'y']: string | undefined },
): string {
  const json = JSON.stringify(input);
  const parts: string[] = [];
  if (json !== JSON.stringify(defaultSweep)) {
    const text = encodeURIComponent(json).replaceAll('%3A', ':').replaceAll('%2C', ',');
    if (text.length <= LONGEST) parts.push(`sweep=${text}`);
    else if (name !== undefined) parts.push(`stored=${name}`);
  }
  for (const [key, value] of Object.entries(view)) {
    if (value !== undefined) parts.push(`${key}=${encodeURIComponent(value)}`);
  }
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}
