import * as v from 'valibot';
import { EngineError } from '../../errors.ts';
import { refusal } from '../../spec/refusal.ts';
import { tableNumber } from '../neuron-schema.ts';
import { checkTrials, parseSpec } from '../parse-spec.ts';
import type { ExperimentSpec, NeuronSpec } from '../spec.ts';
import { defaultDrives } from '../spec-defaults.ts';
import type { SweepGrid } from './axes.ts';
import { type NumberPath, withNumbers } from './number-path.ts';
import type { SweepSpec } from './sweep-spec.ts';

/** Values of a point that an error lists. */
const LISTED_VALUES = 8;

/**
 * Checks that every point of a sweep is an experiment, and that `until.maxTrials` goes with it.
 *
 * @throws EngineError `invalid-spec` for the first point that is none, with the path of the number in its spec.
 */
export function checkPoints(sweep: SweepSpec, places: readonly NumberPath[], grid: SweepGrid): void {
  const { base, axes, replicates, until } = sweep;
  const paths = Object.keys(axes);
  // What is checked is as large as a spec without tables: their numbers have no relations, and their sizes seldom change.
  const light = withoutData(base);
  const inTable = places.map((place) => place.some((key) => typeof key === 'number'));
  const lightPlaces = places.filter((_, axis) => !inTable[axis]);
  for (let index = 0; index < grid.points; index++) {
    const values = grid.valuesAt(index);
    try {
      values.forEach((value, axis) => {
        if (inTable[axis]) checkTableNumber(paths[axis]!, value);
      });
      const lightValues = values.filter((_, axis) => !inTable[axis]);
      const { sequences, steps, trials } = parseSpec(withNumbers(light, lightPlaces, lightValues));
      const resized = sequences !== base.sequences || steps !== base.steps || (base.spikes && trials !== base.trials);
      if (resized && light !== base) parseSpec(withNumbers(base, places, values));
      if (until) checkMostTrials(until.maxTrials, trials, steps);
    } catch (error) {
      throw error instanceof EngineError ? atPoint(error, index * replicates, sweep, values) : error;
    }
  }
}

/** The spec with other drives where it has tables, and without recorded spikes; the spec itself where it has neither. */
function withoutData(whole: ExperimentSpec): ExperimentSpec {
  const { spikes, ...spec } = whole;
  const isTable = ({ drive }: NeuronSpec) => drive.type === 'table';
  if (!spikes && !isTable(spec.pre) && !isTable(spec.post)) return whole;
  const other = (neuron: NeuronSpec) => (isTable(neuron) ? { ...neuron, drive: defaultDrives.noise } : neuron);
  return { ...spec, pre: other(spec.pre), post: other(spec.post) };
}

function checkTableNumber(path: string, value: number): void {
  const result = v.safeParse(tableNumber, value);
  if (!result.success) throw refusal(path, value, result.issues[0].message);
}

function checkMostTrials(maxTrials: number, trials: number, steps: number): void {
  if (maxTrials < trials) throw refusal('until.maxTrials', maxTrials, `an integer ≥ trials = ${trials}`);
  checkTrials('until.maxTrials', maxTrials, steps);
}

/** The error of a point names the point, where there is more than one value of anything. */
function atPoint(error: EngineError, index: number, { axes }: SweepSpec, values: readonly number[]): EngineError {
  const { code, path, value, expected = '' } = error;
  const paths = Object.keys(axes);
  if (paths.length === 0) return error;
  const listed = paths.slice(0, LISTED_VALUES).map((name, axis) => `${name} = ${values[axis]}`);
  if (paths.length > LISTED_VALUES) listed.push('…');

  const axis = path === undefined || !Object.hasOwn(axes, path) ? undefined : axes[path];
  const isComputed = axis !== undefined && !Array.isArray(axis) && !Number.isInteger(value);
  const hint =
    isComputed && expected.startsWith('an integer') ? `; values of ${Object.keys(axis)} are not rounded` : '';
  const message = `point ${index} (${listed.join(', ')}): ${error.message}${hint}`;
  return new EngineError(code, message, { ...(path ? { path } : {}), value, expected, cause: error });
}
