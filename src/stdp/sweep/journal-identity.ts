import { EngineError } from '../../errors.ts';
import type { JournalIdentity } from './journal.ts';

/**
 * Checks that a journal that is there belongs to the sweep at hand.
 *
 * @param place names the journal in the error.
 * @param remedy what to do about another one.
 * @throws EngineError `file` that names both versions, or the first place where the sweeps differ.
 */
export function requireSameIdentity(
  place: string,
  found: JournalIdentity,
  wanted: JournalIdentity,
  remedy: string,
): void {
  if (found.version !== wanted.version) {
    const versions = `was written by stdp-webgpu ${found.version}, and this is ${wanted.version}`;
    throw refusedJournal(place, `${versions}, which may give other numbers`, remedy);
  }
  if (found.sweep === wanted.sweep) return;
  const difference = firstDifference(found.sweep, wanted.sweep);
  throw refusedJournal(place, `belongs to another sweep${difference === undefined ? '' : ` (${difference})`}`, remedy);
}

/** A journal that is not taken. @param what goes on after the name of the journal. */
export function refusedJournal(place: string, what: string, remedy: string): EngineError {
  return new EngineError('file', `${place} ${what}; ${remedy}`, { path: place, expected: remedy });
}

/** The first place where two JSON texts differ; `undefined` where one of them is no JSON or they mean the same. */
function firstDifference(foundText: string, wantedText: string): string | undefined {
  try {
    return differenceAt('', JSON.parse(foundText), JSON.parse(wantedText));
  } catch {
    return undefined;
  }
}

function differenceAt(path: string, found: unknown, wanted: unknown): string | undefined {
  if (Array.isArray(found) !== Array.isArray(wanted) || !isObject(found) || !isObject(wanted)) {
    return Object.is(found, wanted) ? undefined : `${nameOf(path)} ${shortJson(found)} ≠ ${shortJson(wanted)}`;
  }
  const keys = new Set([...Object.keys(found), ...Object.keys(wanted)]);
  for (const key of keys) {
    const inner = Array.isArray(found) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const difference = differenceAt(inner, found[key], wanted[key]);
    if (difference !== undefined) return difference;
  }
  // The order of the axes is that of the points.
  const [foundKeys, wantedKeys] = [Object.keys(found).join(', '), Object.keys(wanted).join(', ')];
  return foundKeys === wantedKeys ? undefined : `${nameOf(path)} in the order ${foundKeys} ≠ ${wantedKeys}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function nameOf(path: string): string {
  return path === '' ? 'the whole' : path;
}

/** Longest value that is quoted in a message. */
const longestQuote = 60;

function shortJson(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = JSON.stringify(value);
  return json.length <= longestQuote ? json : `${json.slice(0, longestQuote)}…`;
}
