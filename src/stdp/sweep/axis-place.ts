import { EngineError } from '../../errors.ts';
import { pathText, shortened } from '../../spec/refusal.ts';
import type { ExperimentSpec } from '../spec.ts';
import { type NumberPath, numbersIn, parseNumberPath, valueAt } from './number-path.ts';

/**
 * Where the number is that an axis sweeps.
 *
 * @throws EngineError `invalid-spec` that says what is there instead, and which numbers there are.
 */
export function placeInBase(path: string, base: ExperimentSpec): NumberPath {
  const place = parseNumberPath(path);
  // Recorded spikes are data: what may be swept is how they are paired.
  if (!place || place[0] === 'spikes' || typeof valueAt(base, place) !== 'number') throw notInBase(path, base);
  return place;
}

/** The error for an axis whose path is not that of a number of the base. */
export function notInBase(path: string, { spikes: _, ...base }: ExperimentSpec): EngineError {
  const where = pathText(['axes', path]);
  const place = parseNumberPath(path);
  const [reason, expected] = place
    ? reasonAndRemedy(place, base)
    : ['not a path', 'a path such as "post.epsilon" or "pre.drive.values[0][3]"'];
  return new EngineError('invalid-spec', `${where}: ${reason}; expected ${expected}`, { path: where, expected });
}

function reasonAndRemedy(place: NumberPath, base: Omit<ExperimentSpec, 'spikes'>): readonly [string, string] {
  const isPart = (length: number) => typeof valueAt(base, place.slice(0, length)) === 'object';
  const depth = place.findLastIndex((_, index) => isPart(index));
  // The path itself may be an object, which then is the one to choose a number from.
  const inside = place.slice(0, isPart(place.length) ? place.length : depth);
  const part = valueAt(base, inside) as object;
  const name = pathText(inside);

  const expected = `${name === '' ? 'a number of the base' : `a number in ${name}`}: ${numbersIn(part, name).join(', ')}`;
  const found = valueAt(base, place);
  if (Array.isArray(found)) return ['an array in the base, not a number', expected];
  if (typeof found === 'object') return ['an object in the base, not a number', expected];
  if (found !== undefined) return [`${shortened(found)} in the base, not a number`, expected];
  if (Array.isArray(part)) return [`not in the base, where ${name} has ${part.length} entries`, expected];
  if ('type' in part) return [`not in the base, where ${name} is of type ${shortened(part.type)}`, expected];
  return ['not in the base', expected];
}
