import * as v from 'valibot';
import { EngineError } from '../../errors.ts';
import { pathText, refusal, shapeError, within } from '../../spec/refusal.ts';
import { checkRelations } from '../parse-spec.ts';
import { requireSizes } from '../parse-spikes.ts';
import { hasActivities } from '../recorded.ts';
import type { ExperimentSpec } from '../spec.ts';
import type { UncheckedSpec } from '../spec-schema.ts';
import { axisLength, drawsOf, gridSize, isRange, type SweepGrid, sweepGrid } from './axes.ts';
import { notInBase, placeInBase } from './axis-place.ts';
import { checkPoints } from './check-points.ts';
import { type MeasureName, measureNames, measuresOfSpikes } from './measure-names.ts';
import { type NumberPath, withNumbers } from './number-path.ts';
import { LARGEST_POINTS, sweepSpecSchema } from './sweep-schema.ts';
import type { SweepPlan, SweepSpec } from './sweep-spec.ts';

/**
 * Checks a sweep, every one of its points included, and fills in its defaults; `{}` is the paper's experiment.
 *
 * @returns the points, which are made when asked for. The plan's `spec` stands for the sweep: parsed again, also after
 * a way through JSON, it gives the same plan.
 * @throws EngineError `invalid-spec` for the first thing that is not acceptable, with its path (`base.post.epsilon`,
 * `axes["post.epsilon"][3]`), the value there and what is allowed; the message is one line with all three. For a point
 * that is no experiment the path is that of the number in the point's spec, and the message names the point.
 * @example
 * parseSweep({
 *   base: { trials: 200 },
 *   axes: { 'post.epsilon': { logspace: [0.01, 1, 9] }, 'post.peak': [0.05, 0.1] },
 *   replicates: 3,
 *   measures: ['area_plus', 'area_minus'],
 * }).pointAt(4) // { index: 4, values: [0.01, 0.1], replicate: 1, spec: … }
 */
export function parseSweep(input: unknown): SweepPlan {
  const sweep = sweepOf(input);
  const places = Object.keys(sweep.axes).map((path) => placeInBase(path, sweep.base));
  checkAxes(sweep);
  checkZip(sweep);
  checkReplicates(sweep);
  checkRecorded(sweep);
  checkMeasures(sweep);
  checkSize(sweep);
  const grid = sweepGrid(sweep);
  checkPoints(sweep, places, grid);
  return planOf(sweep, places, grid);
}

function planOf(sweep: SweepSpec, places: readonly NumberPath[], grid: SweepGrid): SweepPlan {
  const { base, replicates } = sweep;
  const points = grid.points * replicates;
  return {
    spec: sweep,
    paths: Object.keys(sweep.axes),
    points,
    pointAt(index) {
      if (!Number.isInteger(index) || index < 0 || index >= points) {
        throw new RangeError(`point ${index}; expected an integer from 0 to ${points - 1}`);
      }
      const replicate = index % replicates;
      const values = grid.valuesAt((index - replicate) / replicates);
      const spec = withNumbers(base, places, values);
      return { index, values, replicate, spec: replicate === 0 ? spec : { ...spec, seed: base.seed + replicate } };
    },
  };
}

/** The sweep with its defaults; its parts are not yet compared with each other. */
function sweepOf(input: unknown): SweepSpec {
  const result = v.safeParse(sweepSpecSchema, input, { abortEarly: true });
  if (!result.success) throw shapeError(result.issues[0], 'sweep');
  const { base: givenBase } = Object(input) as { readonly base?: unknown };
  requireSizes(givenBase, 'base.');
  const sweep = { ...result.output, base: baseOf(result.output.base) };
  // Schemas of records pass over keys that could do harm in other objects, as `constructor`.
  const skipped = Object.keys((input as { axes?: object }).axes ?? {}).find((path) => !Object.hasOwn(sweep.axes, path));
  if (skipped !== undefined) throw notInBase(skipped, sweep.base);
  sweep.measures.forEach((name, index) => {
    if (sweep.measures.indexOf(name) === index) return;
    throw refusal(`measures[${index}]`, name, 'each measure only once');
  });
  const given = Object.hasOwn(Object(input), 'measures') ? sweep.measures : measuresOf(sweep.base);
  const { spikes, ...base } = sweep.base;
  const checked = asInJson({ ...sweep, base, measures: measureNames.filter((name) => given.includes(name)) });
  // The spikes are shared, not copied: they may be many, and hold no −0.
  return spikes ? { ...checked, base: { ...checked.base, spikes } } : checked;
}

function baseOf(base: UncheckedSpec): ExperimentSpec {
  try {
    return checkRelations(base);
  } catch (error) {
    throw error instanceof EngineError ? within('base', error) : error;
  }
}

/** The same with 0 in place of −0, which JSON text does not tell apart. */
function asInJson<Value>(value: Value): Value {
  if (value === 0) return 0 as Value;
  if (Array.isArray(value)) return value.map(asInJson) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asInJson(part)])) as Value;
}

function checkAxes({ axes, latin }: SweepSpec): void {
  for (const [path, axis] of Object.entries(axes)) {
    const draws = drawsOf(axis);
    if (draws) {
      const { low, high, n, logarithmic } = draws;
      const form = pathText(['axes', path, logarithmic ? 'loguniform' : 'uniform']);
      if (low > high) throw refusal(`${form}[1]`, high, `a number ≥ low = ${low}`);
      if (n === undefined && latin === null) {
        throw refusal(
          form,
          [low, high],
          '[low, high, n], or beside the axes latin: the number of points in the ranges',
        );
      }
    }
    for (const form of ['linspace', 'logspace']) {
      if (!Object.hasOwn(axis, form)) continue;
      const [first, last, n] = (axis as Record<string, readonly [number, number, number]>)[form]!;
      if (n === 1 && first !== last) {
        throw refusal(pathText(['axes', path, form, 2]), n, 'an integer ≥ 2: first and last are both among the values');
      }
    }
  }
  if (latin !== null && !Object.values(axes).some(isRange)) {
    throw refusal('latin', latin, 'null, or an axis that gives only a range, as {"uniform": [low, high]}');
  }
}

function checkZip({ axes, zip, latin }: SweepSpec): void {
  const seen = new Set<string>();
  zip.forEach((paths, group) => {
    paths.forEach((path, index) => {
      const where = `zip[${group}][${index}]`;
      const axis = Object.hasOwn(axes, path) ? axes[path] : undefined;
      if (!axis) throw refusal(where, path, `the path of an axis: one of ${Object.keys(axes).join(', ')}`);
      if (isRange(axis)) throw refusal(where, path, 'an axis with values of its own: ranges move together by latin');
      if (seen.has(path)) throw refusal(where, path, 'an axis that no zip names yet');
      seen.add(path);
    });
    const [first, ...others] = paths.map((path) => ({ path, length: axisLength(axes[path]!, latin) }));
    const other = others.find(({ length }) => length !== first?.length);
    if (!first || !other) return;
    const found = `${first.path} has ${first.length} and ${other.path} has ${other.length}`;
    throw refusal(`zip[${group}]`, paths, `axes with equally many values: ${found}`);
  });
}

function checkReplicates({ base, axes, replicates }: SweepSpec): void {
  if (replicates === 1) return;
  if (Object.hasOwn(axes, 'seed')) throw refusal('replicates', replicates, '1, as axes.seed sweeps the seed');
  const most = 2 ** 32 - base.seed;
  if (replicates <= most) return;
  const reason = `seeds are at most 2^32 - 1 and base.seed is ${base.seed}`;
  throw refusal('replicates', replicates, `an integer from 1 to ${most}: ${reason}`);
}

/** What can be measured of an experiment. */
function measuresOf(base: ExperimentSpec): readonly MeasureName[] {
  return hasActivities(base) ? measureNames : measuresOfSpikes;
}

/** Recorded spikes are what they are: no other seed, no more trials. */
function checkRecorded({ base, measures, replicates, until }: SweepSpec): void {
  if (!base.spikes) return;
  const reason = 'base.spikes are recorded';
  if (replicates !== 1) throw refusal('replicates', replicates, `1: ${reason}, whatever the seed`);
  if (until) throw refusal('until', until, `null: ${reason}, and their trials are all there are`);
  const without = measures.findIndex((name) => !measuresOf(base).includes(name));
  if (without < 0) return;
  const expected = `one of ${measuresOfSpikes.join(', ')}: ${reason}, without table drives`;
  throw refusal(`measures[${without}]`, measures[without], expected);
}

function checkMeasures({ measures, until }: SweepSpec): void {
  if (!until || measures.includes(until.measure)) return;
  throw refusal('until.measure', until.measure, `one of the sweep's measures: ${measures.join(', ')}`);
}

function checkSize(sweep: SweepSpec): void {
  const grid = gridSize(sweep);
  const tooMany = (path: string, points: number, reason: string) => {
    const expected = `at most ${LARGEST_POINTS}${reason}`;
    const message = `${path}: ${points} points; expected ${expected}`;
    return new EngineError('invalid-spec', message, { path, value: points, expected });
  };
  if (grid > LARGEST_POINTS) throw tooMany('axes', grid, '');
  const points = grid * sweep.replicates;
  if (points > LARGEST_POINTS) throw tooMany('replicates', points, `, and the axes have ${grid}`);
}
